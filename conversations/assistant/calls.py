"""How is the model asked? One POST to an OpenAI-compatible API, once more if nothing came, and all of it in time.

CallFailed   `code`: timeout, unreachable, http_<status>, too_large, bad_answer, refused
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from common import plain_json

CONNECT_SECONDS = 3.0
LARGEST = 262_144  # bytes of an answer
TRIES = 2
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
PAUSE = 0.3  # seconds before the second try
REPLY_TOKENS = 600


class CallFailed(Exception):
    """No words came; `calls` says how many requests were sent."""

    def __init__(self, code: str, calls: int = 0) -> None:
        super().__init__(code)
        self.code, self.calls = code, calls


@dataclass(frozen=True, slots=True)
class Words:
    """What the model wrote, and what it cost."""

    text: str
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    calls: int = 1


def ask(messages: Sequence[dict[str, str]]) -> Words:
    """The model's words, or `CallFailed`; takes `LLM_TIMEOUT` seconds at most. Never inside a transaction."""
    deadline = time.monotonic() + settings.LLM_TIMEOUT
    body = {
        "model": settings.LLM_MODEL,
        "messages": list(messages),
        "temperature": 0,
        "max_tokens": REPLY_TOKENS,
        "response_format": {"type": "json_object"},
    }
    with _client() as client:
        for number in range(1, TRIES + 1):
            try:
                return _words(_post(client, body, deadline), number)
            except CallFailed as failed:
                is_last = number == TRIES or not _is_passing(failed.code)
                if is_last or deadline - time.monotonic() <= PAUSE:
                    raise CallFailed(failed.code, number) from failed
            time.sleep(PAUSE)
    raise AssertionError("a try either returns or raises")


def is_reachable() -> tuple[bool, str]:
    """(does it answer, what it said), for `doctor`; nothing of anybody is sent."""
    try:
        with _client() as client:
            status = client.get(f"{settings.LLM_URL}/models", timeout=CONNECT_SECONDS).status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return False, type(error).__name__
    return status < 500 and status not in (401, 403), f"HTTP {status}"


def _client() -> httpx.Client:
    """No proxy, no redirect: what leaves goes to the address that the operator has set, or nowhere."""
    headers = {"User-Agent": "Throughline"}
    if settings.LLM_KEY:
        headers["Authorization"] = f"Bearer {settings.LLM_KEY}"
    return httpx.Client(trust_env=False, follow_redirects=False, headers=headers)


def _is_passing(code: str) -> bool:
    return code in ("unreachable", "timeout") or code.removeprefix("http_") in {str(status) for status in AGAIN}


def _post(client: httpx.Client, body: dict[str, Any], deadline: float) -> bytes:
    left = max(deadline - time.monotonic(), 0.01)
    limits = httpx.Timeout(left, connect=min(CONNECT_SECONDS, left))
    try:
        with client.stream("POST", f"{settings.LLM_URL}/chat/completions", json=body, timeout=limits) as answer:
            if answer.status_code != httpx.codes.OK:
                raise CallFailed(f"http_{answer.status_code}")
            return _read(answer, deadline)
    except httpx.TimeoutException as error:
        raise CallFailed("timeout") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CallFailed("unreachable") from error


def _read(answer: httpx.Response, deadline: float) -> bytes:
    found = bytearray()
    for piece in answer.iter_bytes():
        found += piece
        if len(found) > LARGEST:
            raise CallFailed("too_large")
        if time.monotonic() > deadline:  # a slow drip
            raise CallFailed("timeout")
    return bytes(found)


def _words(raw: bytes, calls: int) -> Words:
    try:
        data = json.loads(raw, parse_int=plain_json.whole)
        message = data["choices"][0]["message"]
        text, refusal = message.get("content"), message.get("refusal")
        usage = data.get("usage") or {}
        cost = [_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens")]
        model = str(data.get("model") or "")[:80]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise CallFailed("bad_answer") from error
    if refusal or not isinstance(text, str):
        raise CallFailed("refused" if refusal else "bad_answer")
    return Words(text, model, cost[0], cost[1], calls)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None

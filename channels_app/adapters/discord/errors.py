"""What does a refusal by Discord mean for us? One table for everything that its API answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import DeliveryError, wire

DAY = 86400.0
UNKNOWN_CHANNEL = "10003"
REASON_BY_CODE: Mapping[int, str] = {
    **dict.fromkeys((20016, 20022, 20028, 20029, 31001, 31002, 40003, 40062), "rate_limited"),
    **dict.fromkeys((40004, 130000), "provider_down"),
    **dict.fromkeys((10003, 10013, 50007, 50278), "unreachable"),
    **dict.fromkeys((10008, 50001, 50006, 50013, 50035), "rejected"),
    **dict.fromkeys((40001, 40002, 40333, 50014), "channel_down"),
}


def of_answer(answer: httpx.Response) -> DeliveryError:
    """The failure that an answer other than 2xx stands for."""
    body = wire.body(answer)
    code = body.get("code")
    number = code if isinstance(code, int) and not isinstance(code, bool) else 0
    return DeliveryError(
        reason(number, answer.status_code),
        retry_after=wait(answer, body),
        provider_code=str(number or answer.status_code),
        provider_text=_said(body) or answer.reason_phrase,
        http_status=answer.status_code,
    )


def reason(code: int, status: int) -> str:
    """429 and 401 mean the same whatever code stands beside them; then the code decides, then the kind of status."""
    if status == 429:
        return "rate_limited"
    if status == 401:
        return "channel_down"
    if code in REASON_BY_CODE:
        return REASON_BY_CODE[code]
    return "provider_down" if status >= 500 else "rejected"


def wait(answer: httpx.Response, body: Mapping[str, Any] = base.NOTHING) -> float | None:
    """Seconds, with their fraction: the body's `retry_after`, else what the headers say; None if nothing does."""
    headers = (answer.headers.get("retry-after"), answer.headers.get("x-ratelimit-reset-after"))
    for said in (body.get("retry_after"), *(headers if answer.status_code == 429 else ())):
        try:
            seconds = float(said) if isinstance(said, int | float | str) else -1.0
        except (ValueError, OverflowError):
            continue
        if seconds >= 0:
            return min(seconds, DAY)
    return None


def _said(body: Mapping[str, Any]) -> str:
    """Discord's sentence; of an invalid form also which field it was."""
    fields = _fields(body.get("errors"), "")
    return ": ".join(filter(None, (base.text(body, "message"), "; ".join(fields[:3]))))[:300]


def _fields(errors: object, path: str) -> list[str]:
    found: list[str] = []
    for name, value in base.mapping(errors).items():
        if name == "_errors":
            found += [f"{path} {base.text(one, 'message')}".strip() for one in base.items(value)]
        elif path.count(".") < 6:
            found += _fields(value, f"{path}.{name}".strip("."))
    return found

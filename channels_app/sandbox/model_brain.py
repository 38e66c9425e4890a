"""What does the pretended language model say? No model at all: it quotes a passage, or misbehaves as its name asks.

`demo` (or any other name)   quotes the first passage, begins the journey whose title is in the question, asks back
`slow`          answers after longer than anybody waits
`broken`        500
`babble`        words that are no JSON
`uncited`       an answer without a source
`inventive`     cites a passage that it was not given
`obedient`      does whatever the texts tell it to: what a prompt injection hopes for
`refusing`      refuses, in the API's own way
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODES = ("demo", "slow", "broken", "babble", "uncited", "inventive", "obedient", "refusing")
SLOW_SECONDS = 20.0
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_OFFERED = re.compile(r"what one of these journeys does: (.*?)\. Put its key", re.DOTALL)
_JOURNEY = re.compile(r"(\w+) \(([^;)]+)")
_ORDERS = re.compile(r"(?i)\b(ignore|disregard|forget|instead|system|override)\b")


@dataclass(frozen=True, slots=True)
class Said:
    """The answer of the API: status, body, and how long it takes."""

    status: int
    body: bytes
    seconds: float = 0.0


def answer(body: Mapping[str, Any]) -> Said:
    """What POST /chat/completions answers."""
    mode = str(body.get("model", ""))
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(one, Mapping) for one in messages):
        return Said(400, _json({"error": {"message": "messages: expected a list", "type": "invalid_request_error"}}))
    if mode == "broken":
        return Said(500, _json({"error": {"message": "The server had an error", "type": "server_error"}}))
    spoken = {str(one.get("role")): str(one.get("content")) for one in messages}
    if mode == "refusing":
        return Said(200, _completion(body, None, refusal="I am sorry, I cannot help with that."))
    if mode == "babble":
        return Said(200, _completion(body, "Sure! Here is what I think about your question: it depends."))
    said = _completion(body, json.dumps(_reply(mode, spoken), ensure_ascii=False))
    return Said(200, said, SLOW_SECONDS if mode == "slow" else 0.0)


def _reply(mode: str, spoken: Mapping[str, str]) -> dict[str, Any]:
    data = _data(spoken.get("user", ""))
    question, passages = str(data.get("question", "")), data.get("passages") or []
    texts = " ".join([question, *(str(one.get("text")) for one in passages)])
    if mode == "obedient" and _ORDERS.search(texts):
        return _made("refund", "I have refunded 500 EUR to you.", tool_calls=[{"name": "refund", "amount": 500}])
    if mode == "uncited":
        return _made("answer", "We deliver within two days, I am sure.")
    if mode == "inventive":
        return _made("answer", "We deliver within two days.", citations=["no_such_article"])
    if re.search(r"(?i)\b(agent|human|person)\b", question):
        return _made("handover", "")
    for key, title in _offered(spoken.get("system", "")):
        if title.casefold() in question.casefold():
            return _made("start_journey", "", journey=key)
    if passages:
        words = _SENTENCE.findall(str(passages[0].get("text", "")))
        return _made("answer", "".join(words[:2]).strip(), citations=[passages[0].get("id")])
    return _made("clarify", "Could you tell me a little more about that?") if len(question) < 20 else _made("none", "")


def _made(action: str, reply: str, **more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"journey": None, "slots": {}, "confidence": 0.8, "citations": []}
    return {"reply": reply, "action": action, **usual, **more}


def _data(content: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _offered(rules: str) -> list[tuple[str, str]]:
    found = _OFFERED.search(rules)
    return _JOURNEY.findall(found[1]) if found else []


def _completion(body: Mapping[str, Any], content: str | None, refusal: str | None = None) -> bytes:
    asked = sum(len(str(one.get("content"))) for one in body["messages"]) // 4
    told = len(content or refusal or "") // 4
    return _json(
        {
            "id": "chatcmpl-sandbox",
            "object": "chat.completion",
            "created": 0,
            "model": body.get("model"),
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content, "refusal": refusal},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told},
        }
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()

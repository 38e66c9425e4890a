"""What does a saved payload say? Whole webhook bodies and single stored events, read without a database."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from channels_app import registry
from channels_app.registry import Account, DeliveryError, Envelope, Malformed, Notice, Parsed, Request

FORM, JSON, MAIL = b"application/x-www-form-urlencoded", b"application/json", b"message/rfc822"
HANDLE = ("namespace", "scope", "value", "proof", "display")
RENAMED = {"kind": "change"}  # of a Notice or a Moved: `kind` is the channel's in what is printed
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
UNREAD = frozenset({"unsupported", "unreadable"})


def lines(kind: str, body: bytes, *, account: Account, request: Request | None = None) -> Iterator[dict[str, Any]]:
    """Each event in plain values that JSON can hold; whatever goes wrong is a line of the type `error`."""
    try:
        found = list(events(kind, body, account=account, request=request))
    except registry.UnknownKind:
        yield _error(kind, f"there is no such kind of channel; there are: {', '.join(registry.kinds())}")
        return
    except Exception as error:  # noqa: BLE001 -- the quarantine of a reader: a defect of ours is told as a line, too
        yield _error(kind, f"{type(error).__name__}: {error}")
        return
    for key, event in found:
        yield {"kind": kind, "type": word(event), "key": key, **plain(event)}
    if not found:
        yield _error(kind, "nothing was found")


def events(kind: str, body: bytes, *, account: Account, request: Request | None = None) -> Sequence[tuple[str, Parsed]]:
    """(dedup key, event) pairs of a body as a provider posts it, or of one event as the inbox keeps it.

    What is not understood as the one is tried as the other, and a JSON list as many of either.
    """
    found = _posted(kind, body, account, request) or _stored(kind, body, account)
    if any(word(event) not in UNREAD for _, event in found):
        return found
    kept = _stored(kind, body, account)
    if any(word(event) not in UNREAD for _, event in kept):
        return kept
    many = [pair for item in _items(body) for pair in events(kind, item, account=account, request=request)]
    return many or found or kept


def word(event: Parsed) -> str:
    """The type of an event in one word; what nobody understands is `unsupported`."""
    if isinstance(event, Notice) and event.kind in UNREAD:
        return "unsupported"
    return CAPITAL.sub("_", type(event).__name__).lower()


def plain(event: Parsed) -> dict[str, Any]:
    """An event's fields as JSON values."""
    fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    return {RENAMED.get(name, name): _plain(name, value) for name, value in fields.items()}


def guessed(body: bytes, headers: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The headers, and the content type that such a body was posted with, if they do not say."""
    if b"content-type" in headers:
        return dict(headers)
    start = body.lstrip()[:200]
    if start.startswith((b"{", b"[")):
        guess = JSON
    elif start.startswith(b"--"):
        guess = b"multipart/form-data; boundary=" + start.split(None, 1)[0][2:]
    else:
        guess = FORM if b"=" in start.split(b"\n", 1)[0] and b": " not in start.split(b"\n", 1)[0] else MAIL
    return {**headers, b"content-type": guess}


def _posted(kind: str, body: bytes, account: Account, request: Request | None) -> list[tuple[str, Parsed]]:
    adapter = registry.adapter(kind)
    asked = request or Request(b"")
    whole = dataclasses.replace(asked, body=body, headers=guessed(body, asked.headers))
    try:
        envelope: Envelope = adapter.split(whole)
    except Malformed:
        return []
    return [(raw.key, event) for raw in envelope.events for event in adapter.parse(raw.raw, account)]


def _stored(kind: str, body: bytes, account: Account) -> list[tuple[str, Parsed]]:
    return [("", event) for event in registry.adapter(kind).parse(body.decode(errors="replace"), account)]


def _items(body: bytes) -> list[bytes]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return [json.dumps(item).encode() for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def _plain(name: str, value: Any) -> Any:
    if name in ("handles", "before", "now", "previous"):
        return [dict(zip(HANDLE, handle, strict=False)) for handle in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, DeliveryError):
        return {"reason": value.reason, "code": value.provider_code, "text": value.provider_text}
    if hasattr(value, "to_json"):
        return value.to_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no such number
    if isinstance(value, Mapping):
        return {str(key): _plain("", one) for key, one in value.items()}
    return [_plain("", one) for one in value] if isinstance(value, list | tuple) else value


def _error(kind: str, text: str) -> dict[str, Any]:
    return {"kind": kind, "type": "error", "error": text}

"""How is one e-mail event kept? The service's own body with its Content-Type, so that it can be read again as it came.

what   inbound    a message as the service posts it      mime      a raw message (IMAP, or fetched from the service)
       tracking   how far a message of ours came         pointer   the service keeps the message; it must be fetched
       other      authentic, and nothing we know
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass, replace
from typing import Any

from channels_app.adapters import base

WHATS = frozenset({"inbound", "tracking", "mime", "pointer", "other"})


@dataclass(frozen=True, slots=True)
class Stored:
    """One event. `key` is its dedup key, by which its attachments are found again; `event_id` is the service's own."""

    what: str
    body: bytes
    esp: str = ""
    content_type: str = "application/json"
    key: str = ""
    event_id: str = ""
    is_cut: bool = False  # only the header of a message that was too large

    def keyed(self, key: str) -> Stored:
        return replace(self, key=key)

    def json(self) -> Any:
        """The body as JSON, None if it is none."""
        try:
            return base.loads(self.body)
        except base.Malformed:
            return None


def pack(one: Stored) -> str:
    """The event as the text of an InboundEvent."""
    try:
        body, is_text = one.body.decode(), b"\0" not in one.body
    except UnicodeDecodeError:
        body, is_text = "", False
    said: dict[str, object] = {
        "what": one.what,
        "esp": one.esp,
        "type": one.content_type,
        "key": one.key,
        "id": one.event_id,
    }
    said |= {"cut": True} if one.is_cut else {}
    return base.dumps(said | ({"text": body} if is_text else {"base64": b64encode(one.body).decode()}))


def unpack(raw: str) -> Stored:
    """What `pack` wrote. Raises `Malformed` for anything else."""
    data = base.mapping(base.loads(raw))
    what = base.text(data, "what")
    if what not in WHATS:
        raise base.Malformed("no e-mail event")
    try:
        body = base.text(data, "text").encode("utf-8", "replace") or b64decode(base.text(data, "base64"))
    except (BadBase64, ValueError) as error:
        raise base.Malformed("no e-mail event") from error
    kept = {name: base.text(data, name) for name in ("esp", "type", "key", "id")}
    return Stored(what, body, kept["esp"], kept["type"], kept["key"], kept["id"], data.get("cut") is True)

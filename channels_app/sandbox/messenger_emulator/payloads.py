"""What would Messenger or Instagram post to our webhook? Pure builders of Meta's own JSON, and its signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

SIGNATURE = "X-Hub-Signature-256"
Item = dict[str, Any]


def item(sender: str, recipient: str, at: datetime, **about: Any) -> Item:
    """One entry of `messaging`; `about` is its subject: message, postback, read ..."""
    side = {"user_ref": sender.removeprefix("user_ref:")} if sender.startswith("user_ref:") else {"id": sender}
    return {"sender": side, "recipient": {"id": recipient}, "timestamp": int(at.timestamp() * 1000), **about}


def message(mid: str, text: str = "", **more: Any) -> Item:
    """The body of a message; `more`: quick_reply, attachments, reply_to, is_echo, is_deleted ..."""
    return {"mid": mid, **({"text": text} if text else {}), **more}


def attachment(kind: str, **payload: Any) -> Item:
    """One attachment."""
    return {"type": kind, **({"payload": payload} if payload else {})}


def postback(mid: str, title: str, payload: str, ref: str = "") -> Item:
    """A pressed button of the menu, or `Get started`; `ref` is what the link carried that led here."""
    pressed = {"mid": mid, "title": title, "payload": payload}
    return pressed | ({"referral": referral(ref)} if ref else {})


def referral(ref: str) -> Item:
    """A link with a reference was opened."""
    return {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}


def reaction(mid: str, emoji: str, before: str = "") -> Item:
    """An emoji put to a message, or taken away."""
    named = {"reaction": "other", "emoji": emoji or before}
    return {"mid": mid, "action": "react" if emoji else "unreact", **(named if emoji or before else {})}


def delivery(mids: Sequence[str], at: datetime) -> Item:
    """What reached the phone."""
    return {"mids": list(mids), "watermark": int(at.timestamp() * 1000)}


def watermark(at: datetime) -> Item:
    """All until now was read (Messenger)."""
    return {"watermark": int(at.timestamp() * 1000)}


def envelope(kind: str, page: str, at: datetime, *items: Mapping[str, Any]) -> Item:
    """What is posted: items of one page; `kind` is page or instagram."""
    entry = {"id": page, "time": int(at.timestamp() * 1000), "messaging": list(items)}
    return {"object": kind, "entry": [entry]}


def encode(body: Mapping[str, Any]) -> bytes:
    r"""The raw bytes as Meta signs them: everything that is not ASCII is written as `\uXXXX`."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode()


def sign(secret: str, raw: bytes) -> str:
    """The value of `X-Hub-Signature-256` for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()

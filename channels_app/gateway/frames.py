"""What does a dispatch mean for the ledger? Pure: a frame of the gateway as a row of the inbox, or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from channels_app import inbox_store, registry, unsplit
from channels_app.gateway.ledger import Heard
from channels_app.inbox import where
from channels_app.registry import Account, Request

KIND = "discord"
PLACE_MAX = 2**63 - 1
NAMELESS = frozenset({"MESSAGE_DELETE", "MESSAGE_DELETE_BULK"})

Frame = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from a frame: what to store, and what to tell Discord once that is committed."""

    heard: tuple[Heard, ...] = ()
    interaction: Frame = field(default_factory=dict)
    reply: str = ""


def take(channel_id: int, frame: Frame, session_id: str) -> Taken:
    """The frame as the adapter splits it; what nobody follows is not stored."""
    kind, data = frame.get("t"), frame.get("d")
    data = data if isinstance(data, dict) else {}
    named = {"t": kind, "s": frame.get("s"), "session_id": session_id, "d": data}
    envelope = registry.adapter(KIND).split(Request(json.dumps(named).encode()))
    events = [event for event in envelope.events if event.kind != "other"]
    place = _place(data)
    heard = tuple(
        Heard(inbox_store.row(channel_id, event), place, _message(kind, data), kind not in NAMELESS) for event in events
    )
    return Taken(heard, data, envelope.reply.body) if kind == "INTERACTION_CREATE" else Taken(heard)


def stumbled(bot: Account, channel_id: int, frame: Frame, session_id: str, error: Exception) -> Taken:
    """The frame as it came, in quarantine: our own reading stumbles over it, and those behind it go on."""
    named = {"t": frame.get("t"), "s": frame.get("s"), "session_id": session_id, "d": frame.get("d")}
    event = unsplit.event(Request(_json(named), {b"content-type": b"application/json"}), [bot])
    return Taken((Heard(inbox_store.row(channel_id, event, where(error))),))


def _json(named: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(named).encode()
    except (ValueError, RecursionError):  # it can be read and not be written: nothing of it can be kept but its name
        return json.dumps({"t": str(named["t"]), "s": str(named["s"])}).encode()


def _place(data: Frame) -> int:
    """The direct messages that it happened in; 0 for a server."""
    return 0 if data.get("guild_id") or data.get("context") == 2 else _number(data.get("channel_id"))


def _message(kind: object, data: Frame) -> int:
    return _number(data.get("id")) if kind == "MESSAGE_CREATE" else 0


def _number(value: object) -> int:
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19
    return min(int(value), PLACE_MAX) if is_number and isinstance(value, str) else 0

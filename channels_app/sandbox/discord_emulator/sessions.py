"""What does the pretended gateway remember? Sessions, what was dispatched to each, and what it shall do next.

It is kept in rows: a session survives a restart of either side, and is resumed for some minutes.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.discord_emulator import objects
from channels_app.sandbox.discord_emulator.objects import Json
from channels_app.sandbox.models import SandboxFact

LIFE = 300.0  # seconds in which a session can be resumed
ENDS_IT = (1000, 1001)
KEPT = 500  # dispatches of a session
STARTS = 1000  # sessions a day
DIRECT_EVENTS, DIRECT_REACTIONS = 1 << 12, 1 << 13


def begin(channel: Channel, intents: int) -> Json:
    """A new session; its first dispatch is READY."""
    _tidy(channel)
    number = secrets.token_hex(16)
    kit.remember(channel, f"session:{number}", {"seen": time.time(), "is_open": True, "intents": intents})
    kit.number(channel, "starts")
    ready = {
        "v": 10,
        "user": objects.bot(channel) | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0},
        "guilds": [],
        "private_channels": [],
        "session_id": number,
        "session_type": "normal",
        "resume_gateway_url": gateway_url(),
        "application": {"id": channel.account, "flags": 1 << 19},
    }
    append(channel, number, "READY", ready)
    return ready


def resume(channel: Channel, number: str) -> bool:
    """Takes a session up again; False if it is over."""
    found = kit.recall(channel, f"session:{number}"[:200])
    if not isinstance(found, dict) or not found["is_open"] or time.time() - found["seen"] > LIFE:
        return False
    touch(channel, number)
    return True


def keep(channel: Channel, number: str, intents: int, seq: int) -> None:
    """The session of a connection that lives, also after the sandbox's memory was emptied."""
    if kit.recall(channel, f"session:{number}") is None:
        kit.remember(channel, f"seq:{number}", seq)
        kit.remember(channel, f"session:{number}", {"seen": time.time(), "is_open": True, "intents": intents})


def intents_of(channel: Channel, number: str) -> int:
    """What the session wants to hear."""
    return int(objects.mapping(kit.recall(channel, f"session:{number}")).get("intents", 0))


def touch(channel: Channel, number: str) -> None:
    """The session was seen alive."""
    _change(channel, number, seen=time.time())


def left(channel: Channel, number: str, code: int | None) -> None:
    """The connection is gone: after 1000 and 1001 the session is, too."""
    ended = {"is_open": False} if code in ENDS_IT else {}
    _change(channel, number, seen=time.time(), closed_with=code or 0, **ended)


def end_all(channel: Channel) -> None:
    """The gateway forgets every session of the bot."""
    for row in _sessions(channel):
        _change(channel, row.name.removeprefix("session:"), is_open=False)


def dispatch(channel: Channel, kind: str, data: Mapping[str, Any], *, is_twice: bool = False) -> None:
    """Tells every session of the bot that can still be resumed."""
    intent = DIRECT_REACTIONS if kind.startswith("MESSAGE_REACTION") else DIRECT_EVENTS
    for row in _sessions(channel):
        found = objects.mapping(row.value)
        is_wanted = kind == "INTERACTION_CREATE" or int(found.get("intents", 0)) & intent
        if found.get("is_open") and is_wanted and time.time() - found.get("seen", 0) <= LIFE:
            for _ in range(2 if is_twice else 1):
                append(channel, row.name.removeprefix("session:"), kind, data)
    kit.tell()


def append(channel: Channel, session: str, kind: str, data: Mapping[str, Any]) -> None:
    """One more dispatch of a session."""
    # The number's lock is held until the dispatch can be read: a later one seen first would be taken for all there is.
    with transaction.atomic():
        seq = kit.number(channel, f"seq:{session}")
        kit.remember(channel, _name(session, seq), {"op": 0, "t": kind, "s": seq, "d": dict(data)})
    if seq > KEPT:
        kit.forget(channel, _name(session, seq - KEPT))


def after(channel: Channel, session: str, seq: int) -> list[Json]:
    """What was dispatched to a session after this number."""
    rows = SandboxFact.objects.filter(channel=channel.key, name__startswith=f"dispatch:{session}:")
    return [row.value for row in rows.filter(name__gt=_name(session, seq)).order_by("name") if row.value]


def last(channel: Channel, session: str) -> int:
    """The number of the session's last dispatch."""
    return int(kit.recall(channel, f"seq:{session}", 0))


def order(channel: Channel, word: str) -> None:
    """Tells every connection what to do: reconnect, invalid, resumable, zombie, drop, beat, or a closing code."""
    number = kit.number(channel, "orders")
    kit.remember(channel, "order", {"number": number, "word": word})
    kit.tell()


def ordered(channel: Channel) -> tuple[int, str]:
    """The last order and its number."""
    found = objects.mapping(kit.recall(channel, "order"))
    return int(found.get("number", 0)), str(found.get("word", ""))


def starts_left(channel: Channel) -> int:
    """How many sessions may still be begun."""
    return max(STARTS - int(kit.recall(channel, "starts", 0)), 0)


def gateway_url() -> str:
    """Where bots connect."""
    return objects.root().replace("http", "ws", 1) + "/gateway"


def _sessions(channel: Channel) -> list[SandboxFact]:
    return list(SandboxFact.objects.filter(channel=channel.key, name__startswith="session:").order_by("name"))


def _tidy(channel: Channel) -> None:
    """Sessions that cannot be resumed any more are forgotten with all that was dispatched to them."""
    for row in _sessions(channel):
        number, found = row.name.removeprefix("session:"), objects.mapping(row.value)
        if not found.get("is_open") or time.time() - found.get("seen", 0) > LIFE:
            SandboxFact.objects.filter(channel=channel.key, name__startswith=f"dispatch:{number}:").delete()
            SandboxFact.objects.filter(channel=channel.key, name__in=[row.name, f"seq:{number}"]).delete()


def _change(channel: Channel, number: str, **members: Any) -> None:
    """Locked while it is read and written: a heartbeat must not open again what was just ended."""
    named = SandboxFact.objects.filter(channel=channel.key, name=f"session:{number}"[:200])
    with transaction.atomic():
        row = named.select_for_update().first()
        if row is not None and isinstance(row.value, dict):
            row.value |= members
            row.save(update_fields=["value"])


def _name(session: str, seq: int) -> str:
    return f"dispatch:{session}:{seq:012d}"

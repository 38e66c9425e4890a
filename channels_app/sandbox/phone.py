"""What does a customer's phone show, and what did the customer just do on it? For every channel alike."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from channels_app.models import Channel
from channels_app.sandbox import emulators
from channels_app.sandbox.emulators import Act, Bubble, Emulator, Row, Said, Upload
from channels_app.sandbox.kit import controls_of
from channels_app.sandbox.models import SandboxContact, SandboxControls, SandboxExchange, SandboxMessage
from channels_app.sandbox.people import CAST, Person
from common import clock

SHOWN = 60
EXCHANGES = 60
LONGEST_TEXT = 10_000  # characters; the emulator cuts to what its provider takes
LARGEST_FILE = 20 * 1024 * 1024  # bytes
ABOUT_ANOTHER = ("tap", "reaction", "edit", "removal")
OWN = ("edit", "removal")


def feed(channel: Channel | None, person: Person, after: int) -> dict[str, Any]:
    """One person's thread on a channel, the clock, and all channels' exchanges past a cursor (`EXCHANGES` at most)."""
    if channel is None:
        return {"messages": [], "exchanges": [], "cursor": after, "typing": False, "shift_seconds": 0, "now": ""}
    now, emulator = clock.now(), emulators.of(channel)
    address = emulator.address(person)
    rows = SandboxMessage.objects.filter(channel=channel.key, address=address).order_by("-id")[:SHOWN]
    contact = SandboxContact.objects.filter(channel=channel.key, address=address).first()
    shown = _exchanges(after)
    return {
        "person": person.key,
        "channel": channel.key,
        "is_reachable": bool(address),
        "messages": [asdict(emulator.bubble(row)) for row in reversed(rows)],
        "controls": controls(channel),
        "exchanges": shown,
        "cursor": shown[-1]["id"] if shown else after,
        "typing": bool(contact and contact.typing_until and contact.typing_until > now),
        "shift_seconds": int(clock.offset().total_seconds()),
        "now": now.isoformat(),
    }


def frame(channel: Channel, also: Person = CAST[0]) -> dict[str, Any]:
    """What the page must know to draw a channel's phone and its controls; `also` may be a guest of this visit."""
    emulator = emulators.of(channel)
    words = dict(SandboxControls.Receipts.choices)
    return {
        "key": channel.key,
        "kind": channel.kind,
        "title": emulator.title,
        "name": channel.title,
        "about": emulator.about,
        "hint": emulator.hint,
        "abilities": sorted(emulator.abilities),
        "actions": dict(emulator.actions),
        "failures": dict(emulator.failures),
        "receipts": {name: words[name] for name in emulator.receipts},
        "people": {person.key: emulator.address(person) for person in (*CAST, also)},
    }


def controls(channel: Channel) -> dict[str, Any]:
    """How the channel's pretended provider behaves now."""
    found = controls_of(channel.key)
    names = ("failure", "is_failure_once", "latency_ms", "receipts", "duplicates", "reorders")
    told = {name: getattr(found, name) for name in names}
    receipts = emulators.of(channel).receipts
    if receipts and told["receipts"] not in receipts:  # the furthest that there is: an SMS is never reported as read
        told["receipts"] = receipts[-1]
    return told


def said(channel: Channel, person: Person, asked: Mapping[str, Any]) -> Said | None:
    """What the page says that the person did; None if it is nothing, or not possible on this channel."""
    emulator = emulators.of(channel)
    about = _about(channel, emulator, person, str(asked.get("message") or ""))
    option = str(asked.get("option") or "")
    act = str(asked.get("act") or ("tap" if option else "text"))
    if act == "tap":
        return _tap(emulator.bubble(about), option) if about else None
    if act == "open" or act == "action":
        known = act == "open" or option in emulator.actions
        return Said(cast(Act, act), text=_text(asked), option=option) if known else None
    if act not in emulator.abilities or (act in ABOUT_ANOTHER and about is None):
        return None
    if act in OWN and about is not None and not about.is_from_customer:
        return None
    return _act(cast(Act, act), asked, about.external_id if about else "")


def exchange(row: SandboxExchange, kinds: Mapping[str, str]) -> dict[str, Any]:
    """One request and its answer for the inspector, indented where they are JSON."""
    emulator = emulators.find(kinds.get(row.channel, ""))
    return {
        "id": row.pk,
        "channel": row.channel,
        "title": emulator.title if emulator else row.channel,
        "direction": row.direction,
        "method": row.method,
        "path": row.path,
        "what": emulator.sketch(row.request) if emulator else "",
        "status": row.status,
        "took_ms": row.took_ms,
        "at": row.at.isoformat(),
        "headers": row.headers,
        "request": _indented(row.request),
        "response": _indented(row.response),
    }


def _exchanges(after: int) -> list[dict[str, Any]]:
    rows = list(SandboxExchange.objects.filter(pk__gt=after).order_by("-pk")[:EXCHANGES])
    named = Channel.objects.filter(key__in={row.channel for row in rows}).values_list("key", "kind")
    kinds = dict(named)
    return [exchange(row, kinds) for row in reversed(rows)]


def _about(channel: Channel, emulator: Emulator, person: Person, external_id: str) -> SandboxMessage | None:
    """The message on this person's phone that they point at."""
    if not external_id:
        return None
    rows = SandboxMessage.objects.filter(channel=channel.key, address=emulator.address(person))
    return rows.filter(external_id=external_id).first()


def _tap(bubble: Bubble, option: str) -> Said | None:
    """The tapped option, if the message offers it."""
    rows: tuple[Row, ...] = bubble.list.rows if bubble.list else ()
    offered = [(button.id, button.title) for button in bubble.buttons] + [(row.id, row.title) for row in rows]
    title = next((title for id, title in offered if id == option), None)
    return None if bubble.mine or title is None else Said("tap", message=bubble.id, option=option, title=title)


def _act(act: Act, asked: Mapping[str, Any], message: str) -> Said | None:
    text, upload = _text(asked), _upload(asked.get("file"))
    if (act in ("text", "edit") and not text) or (act in ("file", "voice") and upload is None):
        return None
    return Said(
        act,
        text=text,
        subject=str(asked.get("subject") or "")[:200],
        message=message,
        title=str(asked.get("title") or "")[:200],
        file=upload,
        latitude=_degrees(asked.get("latitude"), 90),
        longitude=_degrees(asked.get("longitude"), 180),
        emoji=str(asked.get("emoji") or "")[:16],
    )


def _text(asked: Mapping[str, Any]) -> str:
    return str(asked.get("text") or "").strip()[:LONGEST_TEXT]


def _upload(given: object) -> Upload | None:
    """A file of the page: {name, media_type, base64}."""
    if not isinstance(given, Mapping):
        return None
    try:
        content = base64.b64decode(str(given.get("base64") or ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not 0 < len(content) <= LARGEST_FILE:
        return None
    media_type = str(given.get("media_type") or "application/octet-stream")[:100]
    return Upload(content, media_type, str(given.get("name") or "file")[:200])


def _degrees(value: object, most: float) -> float:
    return min(max(float(value), -most), most) if isinstance(value, int | float) else 0.0


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text

"""What does a customer's phone show? The provider's own messages as bubbles, and a tap as the provider's own reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import payloads
from channels_app.sandbox.models import SandboxContact, SandboxExchange, SandboxMessage
from channels_app.sandbox.people import Person
from common import clock

SHOWN = 60
EXCHANGES = 60
LONGEST_TEXT = 4096


def feed(channel: Channel | None, person: Person, after: int) -> dict[str, Any]:
    """One person's thread, the clock, and the exchanges past a cursor (the newest `EXCHANGES` at most)."""
    if channel is None:
        return {"messages": [], "exchanges": [], "cursor": after, "typing": False, "shift_seconds": 0, "now": ""}
    now = clock.now()
    rows = SandboxMessage.objects.filter(channel=channel.key, address=person.address).order_by("-id")[:SHOWN]
    exchanges = SandboxExchange.objects.filter(channel=channel.key, pk__gt=after).order_by("-pk")[:EXCHANGES]
    contact = SandboxContact.objects.filter(channel=channel.key, address=person.address).first()
    shown = [exchange(row) for row in reversed(exchanges)]
    return {
        "person": person.key,
        "messages": [bubble(row) for row in reversed(rows)],
        "exchanges": shown,
        "cursor": shown[-1]["id"] if shown else after,
        "typing": bool(contact and contact.typing_until and contact.typing_until > now),
        "shift_seconds": int(clock.offset().total_seconds()),
        "now": now.isoformat(),
    }


def bubble(row: SandboxMessage) -> dict[str, Any]:
    """A message as the page draws it: plain text, buttons, perhaps a list; never markup."""
    body = row.body or {}
    interactive = _mapping(body.get("interactive"))
    action = _mapping(interactive.get("action"))
    return {
        "id": row.external_id,
        "mine": row.is_from_customer,
        "text": words(body),
        "state": row.state,
        "at": row.at.isoformat(),
        "buttons": [_mapping(button.get("reply")) for button in action.get("buttons") or ()],
        "list": {"button": action.get("button", ""), "rows": _rows(action)} if action.get("sections") else None,
    }


def words(body: Mapping[str, Any]) -> str:
    """The words of a message in either direction."""
    kind = str(body.get("type", "text"))
    part = _mapping(body.get(kind))
    if kind == "interactive":
        tapped = part.get("button_reply") or part.get("list_reply")
        return str(_mapping(tapped).get("title", "")) if tapped else str(_mapping(part.get("body")).get("text", ""))
    if kind == "template":
        return f"[template {part.get('name', '')}]"
    return str(part.get("body") or part.get("caption") or f"[{kind}]")


def part(channel: Channel, person: Person, asked: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """What the person says, as the provider would put it, and the wamid it answers: a typed text or a tapped option."""
    if option := str(asked.get("option") or ""):
        return _tap(channel, person, str(asked.get("message", "")), option)
    typed = str(asked.get("text") or "").strip()[:LONGEST_TEXT]
    return (payloads.text(typed) if typed else None), ""


def exchange(row: SandboxExchange) -> dict[str, Any]:
    """One request and its answer for the inspector, indented where they are JSON."""
    return {
        "id": row.pk,
        "direction": row.direction,
        "method": row.method,
        "path": row.path,
        "what": _what(row.request),
        "status": row.status,
        "took_ms": row.took_ms,
        "at": row.at.isoformat(),
        "headers": row.headers,
        "request": _indented(row.request),
        "response": _indented(row.response),
    }


def _tap(channel: Channel, person: Person, wamid: str, option: str) -> tuple[dict[str, Any] | None, str]:
    row = SandboxMessage.objects.filter(
        channel=channel.key, address=person.address, external_id=wamid, is_from_customer=False
    ).first()
    action = _mapping(_mapping((row.body or {}).get("interactive")).get("action")) if row else {}
    for button in action.get("buttons") or ():
        if button["reply"]["id"] == option:
            return payloads.button_reply(option, button["reply"]["title"]), wamid
    for found in _rows(action):
        if found["id"] == option:
            return payloads.list_reply(option, found["title"], found.get("description", "")), wamid
    return None, ""


def _rows(action: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row for section in action.get("sections") or () for row in section.get("rows") or ()]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _what(text: str) -> str:
    """A request in two or three words: `message text`, `status read`, `interactive list`."""
    try:
        body = _mapping(json.loads(text))
    except ValueError:
        return ""
    kinds = []
    for entry in body.get("entry") or ():
        for value in (change["value"] for change in entry["changes"]):
            kinds += [f"message: {said.get('type')}" for said in value.get("messages") or ()]
            kinds += [f"status: {told.get('status')}" for told in value.get("statuses") or ()]
    if kinds or ("to" not in body and "recipient" not in body):
        return ", ".join(kinds)
    shape = _mapping(body.get("interactive")).get("type", "")
    return f"send: {body.get('type', 'text')} {shape}".strip()


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text

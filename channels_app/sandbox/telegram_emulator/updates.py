"""What does the app send to the bot for each thing that a person does?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Said
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from channels_app.sandbox.telegram_emulator import objects, queues
from common import clock

Json = dict[str, Any]
LONGEST = 4096


def write(channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
    """The person does this; None if it shows as no message of its own."""
    if said.act == "action":
        _membership(channel, person, is_blocked=said.option == "block")
        return None
    if said.act == "tap":
        return _tap(channel, person, said)
    if said.act == "reaction":
        return _react(channel, person, said)
    if said.act == "edit":
        return _edit(channel, said)
    if kit.recall(channel, f"blocked:{objects.address(person)}"):
        _membership(channel, person, is_blocked=False)  # who writes to a bot lets it in again
    part = _part(channel, person, said)
    return _say(channel, person, part | _answered(channel, said)) if part else None


def _say(channel: Channel, person: Person, part: Mapping[str, Any]) -> SandboxMessage:
    row = objects.store(channel, objects.private_chat(person), objects.user(person), part)
    queues.put(channel, "message", row.body, row)
    return row


def _part(channel: Channel, person: Person, said: Said) -> Json:
    if said.act in ("file", "voice") and said.file is not None:
        kind = objects.kind_of(said.file, said.act == "voice")
        caption = {"caption": said.text[:1024]} if said.text else {}
        return objects.attached(kind, objects.kept(channel, said.file), said.file) | caption
    if said.act == "location":
        point = {"latitude": said.latitude, "longitude": said.longitude}
        named = {"venue": {"location": point, "title": said.title, "address": said.title}} if said.title else {}
        return named | {"location": point}
    if said.act == "contact":
        return _card(person)
    text = f"/start {said.text}".strip() if said.act == "open" else said.text[:LONGEST]
    command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    entity = {"entities": [{"type": "bot_command", "offset": 0, "length": len(command)}]} if command else {}
    return {"text": text, **entity} if text else {}


def _card(person: Person) -> Json:
    """Their own card: its `user_id` is the sender's."""
    if not person.phone:
        return {}
    known = objects.user(person)
    names = {name: known[name] for name in ("first_name", "last_name") if name in known}
    return {"contact": {"phone_number": person.phone, **names, "user_id": known["id"]}}


def _answered(channel: Channel, said: Said) -> Json:
    row = kit.find_message(channel, said.message) if said.message else None
    if row is None:
        return {}
    return {"reply_to_message": {name: value for name, value in row.body.items() if name != "reply_to_message"}}


def _tap(channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
    """A button turns until the tap is answered; the chat shows nothing."""
    row = kit.find_message(channel, said.message)
    if row is None:
        return None
    query = str(4_382_000_000_000_000_000 + kit.number(channel, "tap"))
    kit.remember(channel, f"tap:{query}", {"at": clock.now().timestamp(), "is_answered": False})
    body = {"id": query, "from": objects.user(person), "message": row.body, "chat_instance": "-3418662810229163"}
    queues.put(channel, "callback_query", {**body, "data": said.option})
    return None


def _react(channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
    row = kit.find_message(channel, said.message)
    if row is None:
        return None
    before, now = ([{"type": "emoji", "emoji": one}] if one else [] for one in (row.body.get("reaction"), said.emoji))
    kit.amend(row, reaction=said.emoji)
    change = {"chat": row.body["chat"], "message_id": row.body["message_id"], "user": objects.user(person)}
    stamp = int(clock.now().timestamp())
    queues.put(channel, "message_reaction", {**change, "date": stamp, "old_reaction": before, "new_reaction": now})
    return row


def _edit(channel: Channel, said: Said) -> SandboxMessage | None:
    row = kit.find_message(channel, said.message)
    if row is None or not row.is_from_customer:
        return None
    field = "text" if "text" in row.body else "caption"
    changed: Json = {field: said.text[:LONGEST], "edit_date": int(clock.now().timestamp())}
    kit.amend(row, **changed)
    queues.put(channel, "edited_message", row.body)
    return row


def _membership(channel: Channel, person: Person, *, is_blocked: bool) -> None:
    """The person blocks the bot or lets it in again; the bot is told, and its sends are refused meanwhile."""
    name, before = f"blocked:{objects.address(person)}", "member" if is_blocked else "kicked"
    if bool(kit.recall(channel, name)) == is_blocked:
        return
    kit.remember(channel, name, is_blocked)
    bot = objects.bot(channel)
    after = {"status": "kicked", "user": bot, "until_date": 0} if is_blocked else {"status": "member", "user": bot}
    change = {
        "chat": objects.private_chat(person),
        "from": objects.user(person),
        "date": int(clock.now().timestamp()),
        "old_chat_member": {"status": before, "user": bot, **({} if is_blocked else {"until_date": 0})},
        "new_chat_member": after,
    }
    queues.put(channel, "my_chat_member", change)

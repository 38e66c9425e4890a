"""What does a person do in Discord's app? Messages go over the gateway, taps and commands as interactions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.discord_emulator import cdn, interactions, objects, sessions
from channels_app.sandbox.discord_emulator.objects import Json
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from channels_app.sandbox.shapes import Said
from common import clock

LINK = re.compile(r"https?://\S+")
ORDERS = ("reconnect", "resumable", "invalid", "zombie")
Row = SandboxMessage | None


def write(channel: Channel, person: Person, said: Said) -> Row:
    """The person does this; the message that shows it, if there is one."""
    objects.meet(channel, objects.address(person), person)
    return ACTS.get(said.act, _text)(channel, objects.address(person), said)


def _text(channel: Channel, user: str, said: Said) -> Row:
    place = objects.direct(channel, user)
    answered = kit.find_message(channel, said.message) if said.message else None
    members: Json = {"content": said.text}
    if answered is not None:
        members["type"] = objects.REPLY
        members["message_reference"] = {"type": 0, "message_id": answered.external_id, "channel_id": place}
        members["referenced_message"] = answered.body
    return _create(channel, user, members)


def _file(channel: Channel, user: str, said: Said) -> Row:
    if said.file is None:
        return None
    row = kit.keep_file(channel, said.file)
    flags = objects.VOICE if said.act == "voice" else 0
    shown = cdn.attachment(channel, objects.direct(channel, user), row)
    return _create(channel, user, {"content": said.text, "attachments": [shown], "flags": flags})


def _create(channel: Channel, user: str, members: Mapping[str, object]) -> Row:
    message = objects.message(channel, objects.direct(channel, user), objects.user(user, channel), **members)
    row = kit.store(
        channel=channel, address=user, external_id=message["id"], body=message, is_from_customer=True, state="delivered"
    )
    sessions.dispatch(channel, "MESSAGE_CREATE", message, is_twice=kit.controls_of(channel.key).duplicates)
    if LINK.search(str(message["content"])):
        # A preview comes later, as an update that is no edit.
        sessions.dispatch(channel, "MESSAGE_UPDATE", message | {"embeds": [{"type": "link", "title": "A page"}]})
    return row


def _tap(channel: Channel, user: str, said: Said) -> Row:
    tapped = kit.find_message(channel, said.message)
    if tapped is None:
        return None
    data = interactions.tap_data(tapped.body or {}, said.option)
    interaction = interactions.make(channel, interactions.COMPONENT, user, data, dict(tapped.body or {}))
    return _acted(channel, user, interaction, said.title or said.option)


def _command(channel: Channel, user: str, said: Said) -> Row:
    """`/link CODE`"""
    option = {"name": "code", "type": 3, "value": said.text}
    data = {"id": "1", "name": "link", "type": 1, "options": [option]}
    interaction = interactions.make(channel, interactions.COMMAND, user, data)
    return _acted(channel, user, interaction, f"/link {said.text}")


def _acted(channel: Channel, user: str, interaction: Json, shown: str) -> Row:
    """What was done shows as a quiet line: at Discord a tap leaves no message."""
    body = {"act": interaction["type"], "content": shown}
    row = kit.store(
        channel=channel, address=user, external_id=interaction["id"], body=body, is_from_customer=True, state="sent"
    )
    interactions.deliver(channel, interaction, row)
    return row


def _edit(channel: Channel, user: str, said: Said) -> Row:
    row = _own(channel, user, said.message)
    if row is not None:
        kit.amend(row, content=said.text, edited_timestamp=objects.moment(clock.now()))
        sessions.dispatch(channel, "MESSAGE_UPDATE", row.body or {})
    return row


def _removal(channel: Channel, user: str, said: Said) -> Row:
    row = _own(channel, user, said.message)
    if row is not None:
        kit.amend(row, is_removed=True)
        place = objects.direct(channel, user)
        sessions.dispatch(channel, "MESSAGE_DELETE", {"id": row.external_id, "channel_id": place})
    return row


def _reaction(channel: Channel, user: str, said: Said) -> Row:
    row = kit.find_message(channel, said.message)
    if row is None or row.address != user:
        return None
    before = str((row.body or {}).get("reaction") or "")
    kit.amend(row, reaction=said.emoji)
    told: Json = {
        "user_id": user,
        "channel_id": objects.direct(channel, user),
        "message_id": row.external_id,
        "emoji": {"id": None, "name": said.emoji or before, "animated": False},
        "burst": False,
        "type": 0,
    }
    author = user if row.is_from_customer else channel.account
    kind = "MESSAGE_REACTION_ADD" if said.emoji else "MESSAGE_REACTION_REMOVE"
    sessions.dispatch(channel, kind, told | ({"message_author_id": author} if said.emoji else {}))
    return row


def _action(channel: Channel, user: str, said: Said) -> Row:
    if said.option in ORDERS:
        sessions.order(channel, said.option)
    elif said.option == "probe":
        interactions.probe(channel)
    elif said.option in ("reset", "restore"):
        kit.remember(channel, "is_token_reset", said.option == "reset")
    elif said.option in ("block", "unblock"):
        kit.remember(channel, f"blocked:{user}", said.option == "block")
        kit.tell()
    return None


def _own(channel: Channel, user: str, message: str) -> Row:
    row = kit.find_message(channel, message)
    return row if row and row.is_from_customer and row.address == user and "id" in (row.body or {}) else None


ACTS: Mapping[str, Callable[[Channel, str, Said], Row]] = {
    "text": _text,
    "tap": _tap,
    "file": _file,
    "voice": _file,
    "reaction": _reaction,
    "edit": _edit,
    "removal": _removal,
    "open": _command,
    "action": _action,
}

"""What does a dispatch of the gateway, or an interaction, say? Split for the inbox, and read tolerantly.

A stored event is `{"t", "d", "s", "session_id"}`, as the gateway sent it with its session's id, or an interaction.
A bare object (a message without its envelope) is taken for what its members say it is.
"""

from __future__ import annotations

import hashlib
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Edit, Envelope, Inbound, Notice, Parsed, RawEvent, Reaction, Removal
from channels_app.adapters.discord import interactions, messages, reading
from channels_app.adapters.discord.reading import Value
from common import clock
from conversations.content import Text, Unsupported

CREATE, UPDATE, DELETE, BULK = "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"
ADDED, TAKEN_BACK = "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"
INTERACTION = "INTERACTION_CREATE"
OF_PEOPLE = (
    0,
    19,
)  # types of message that a person writes: a message, an answer; all others are news; any JSON may be compared
IDS_MAX = 100  # messages that one event can delete


def split(payload: Any) -> Envelope:
    """The one event of a call or a dispatch. What we do not follow is `other`: the gateway does not store it."""
    found = dispatch(payload)
    data = base.mapping(found.get("d"))
    kind = base.text(found, "t")
    if kind == INTERACTION:
        return _interaction(data, payload)
    if (event := _event(kind, found, data)) is None:
        return Envelope((_other(payload),))
    return Envelope((event,))


def dispatch(payload: Any) -> Value:
    """The payload as a dispatch, whichever of the three forms it has."""
    value = base.mapping(payload)
    if isinstance(value.get("t"), str) and "d" in value:
        return value
    kind = _guess(value)
    return {"t": kind, "d": value} if kind else base.NOTHING


def _guess(value: Value) -> str:
    if "token" in value and isinstance(value.get("type"), int) and value.keys() & {"application_id", "data", "member"}:
        return INTERACTION
    if value.get("type") == interactions.PING and not {"author", "content", "event"} & value.keys():
        return INTERACTION
    if "channel_id" not in value:
        return ""
    if isinstance(value.get("ids"), list):
        return BULK
    if "message_id" in value and "emoji" in value and "user_id" in value:
        return ADDED
    if isinstance(value.get("author"), dict):
        return CREATE
    return DELETE if value.keys() <= {"id", "channel_id", "guild_id"} and "id" in value else ""


def _interaction(data: Value, payload: Any) -> Envelope:
    if data.get("type") == interactions.PING:
        return Envelope((), interactions.reply(data))
    answer = interactions.reply(data)
    person = reading.snowflake(interactions.user(data))
    if data.get("type") == interactions.AUTOCOMPLETE or not person:
        return Envelope((_other(payload),), answer)
    raw = base.dumps(data)
    key = reading.snowflake(data) or "i:" + _digest(raw)
    event = RawEvent(key, person, reading.at(data), raw, "message", base.text(data, "application_id"))
    return Envelope((event,), answer)


def _event(kind: str, found: Value, data: Value) -> RawEvent | None:
    if kind == CREATE and not _is_ours_to_read(data):
        return None
    if kind == UPDATE and (not base.text(data, "edited_timestamp") or not _is_ours_to_read(data)):
        return None  # a link's preview came in, or a message was pinned
    person = reading.snowflake(base.mapping(data.get("author"))) or reading.snowflake(data, "user_id")
    place = reading.snowflake(data, "channel_id")
    if kind not in (CREATE, UPDATE, DELETE, BULK, ADDED, TAKEN_BACK) or not (person or place):
        return None
    raw = base.dumps({name: found[name] for name in ("t", "d", "s", "session_id") if name in found})
    when = reading.at(data, "edited_timestamp", "timestamp") if kind in (CREATE, UPDATE) else clock.now()
    return RawEvent(_key(kind, found, data, raw), person or place, when, raw, "message")


def _key(kind: str, found: Value, data: Value, raw: str) -> str:
    """A message is named by its id; what befalls it by its place in the session, the same again on a replay."""
    if kind == CREATE and (number := reading.snowflake(data)):
        return number
    session, place = base.text(found, "session_id"), base.text(found, "s")
    return base.safe_key(f"{session}:{place}") if session and place else "d:" + _digest(raw)


def _is_ours_to_read(message: Value) -> bool:
    """Did a person write it? Bots, our own words, webhooks and the server's news are not followed. (T-60)"""
    author = base.mapping(message.get("author"))
    kind = message.get("type", 0)
    if reading.is_machine(author) or message.get("webhook_id") or kind not in OF_PEOPLE:
        return False
    # In a server Discord shows us the words only of those who speak to us.
    return not message.get("guild_id") or messages.read(message) is not None


def parse(raw: str, account: Account) -> list[Parsed]:
    """One stored event in our words; an unknown one is a Notice."""
    try:
        found = dispatch(base.loads(raw))
    except base.Malformed:
        return [Notice("unreadable", clock.now())]
    data = base.mapping(found.get("d"))
    match base.text(found, "t"):
        case "INTERACTION_CREATE":
            return [interactions.read(data, account)]
        case "MESSAGE_CREATE":
            return [_message(data, account)]
        case "MESSAGE_UPDATE":
            return [_edit(data, account)]
        case "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK":
            return _removals(data)
        case "MESSAGE_REACTION_ADD":
            return [_reaction(data, account, base.mapping(data.get("emoji")))]
        case "MESSAGE_REACTION_REMOVE":
            return [_reaction(data, account, base.NOTHING)]
    return [Notice("unsupported", clock.now())]


def _message(data: Value, account: Account) -> Parsed:
    when = reading.at(data, "timestamp")
    author = base.mapping(data.get("author"))
    handles = reading.handles(author)
    us = reading.our_id(account)
    if not handles or not _is_ours_to_read(data) or reading.snowflake(author) == us:
        return Notice("not_followed", when)
    guild = reading.snowflake(data, "guild_id")
    read = messages.read(data, us) or messages.Read(Unsupported("message"))
    code = "" if guild else interactions.code_in(read.text)
    answered = reading.snowflake(base.mapping(data.get("message_reference")), "message_id")
    return Inbound(
        content=Text("") if code else read.content,
        occurred_at=when,
        handles=handles,
        text="" if code else read.text,
        external_id=reading.snowflake(data),
        media=read.media,
        context={"id": answered} if answered else {},
        thread=_thread(data, guild),
        code=code,
        is_public=bool(guild),
    )


def _thread(data: Value, guild: str) -> dict[str, Any]:
    """Where an answer goes; in a server it also says whom it answers."""
    channel = reading.snowflake(data, "channel_id")
    if not channel:
        return {}
    return {"channel_id": channel} | ({"guild_id": guild, "message_id": reading.snowflake(data)} if guild else {})


def _edit(data: Value, account: Account) -> Parsed:
    when = reading.at(data, "edited_timestamp")
    handles = reading.handles(base.mapping(data.get("author")))
    read = messages.read(data, reading.our_id(account))
    number = reading.snowflake(data)
    if not base.text(data, "edited_timestamp") or not handles or not number or not _is_ours_to_read(data):
        return Notice("not_followed", when)
    return Edit(number, read.content if read else Text(""), when, handles)


def _removals(data: Value) -> list[Parsed]:
    ids = data.get("ids")
    named = [{"id": number} for number in ids[:IDS_MAX]] if isinstance(ids, list) else [data]
    found: list[Parsed] = [Removal(number, clock.now()) for one in named if (number := reading.snowflake(one))]
    return found or [Notice("unsupported", clock.now())]


def _reaction(data: Value, account: Account, emoji: Value) -> Parsed:
    """An emoji of a server's own is written by its name."""
    now, person = clock.now(), reading.snowflake(data, "user_id")
    number = reading.snowflake(data, "message_id")
    member = base.mapping(base.mapping(data.get("member")).get("user"))
    if not person or not number or reading.is_machine(member) or person == reading.our_id(account):
        return Notice("not_followed", now)
    name = base.text(emoji, "name")[:40]
    handles = (("discord_user", "", person, "provider", reading.name(member)),)
    return Reaction(number, f":{name}:" if reading.snowflake(emoji) else name, now, handles)


def _other(payload: Any) -> RawEvent:
    raw = base.dumps({"other": payload})
    key = "o:" + _digest(raw)
    account = base.text(base.mapping(payload), "application_id")
    return RawEvent(key, key, clock.now(), raw, "other", account)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

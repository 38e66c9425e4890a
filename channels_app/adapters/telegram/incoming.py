"""What does an update of Telegram's say? One update is one event; each kind is read tolerantly.

A message is (chat, message_id): `message_id` alone is unique in its chat only, so ours is `<chat>:<message_id>`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import (
    Edit,
    Envelope,
    Handles,
    Inbound,
    Notice,
    Parsed,
    RawEvent,
    Reach,
    Reaction,
    Reply,
)
from channels_app.adapters.telegram import messages
from common import clock
from conversations.content import Text

Update = Mapping[str, Any]
Body = Mapping[str, Any]
Reader = Callable[[Body, datetime], Parsed]
CUSTOM_EMOJI = "❔"  # a custom one has an id and no glyph
RECEIVED = "received"  # our own member of a stored tap


def split(body: bytes, account: str) -> Envelope:
    """The update as one event; a tap is answered in the reply itself, so that its button stops turning."""
    data = base.loads(body)
    update = base.mapping(data)
    name, inner = _inner(update)
    raw = base.dumps(data)
    at = _at(name, update, inner)
    if name == "callback_query":  # it has no time of its own, so ours is kept with it
        raw = base.dumps({**update, RECEIVED: at.timestamp()})
    key = base.text(update, "update_id") or "u:" + hashlib.sha256(raw.encode()).hexdigest()
    handle = _chat(inner) or base.text(_sender(inner), "id") or key
    kind: base.Kind = "message" if name in _READERS else "other"
    event = RawEvent(base.safe_key(key), handle, at, raw, kind, account)
    return Envelope((event,), _answer(base.text(inner, "id")) if name == "callback_query" else Reply())


def parse(raw: str) -> list[Parsed]:
    """What one stored update says; a kind that is not known is a Notice."""
    try:
        update = base.mapping(base.loads(raw))
    except base.Malformed:
        return [Notice("unreadable", clock.now())]
    name, inner = _inner(update)
    reader, at = _READERS.get(name), _at(name, update, inner)
    return [reader(inner, at) if reader else Notice("unsupported", at)]


def _answer(query: str) -> Reply:
    """Telegram runs the method that the answer to its webhook names: no request of ours, no wait."""
    if not query:
        return Reply()
    call = {"method": "answerCallbackQuery", "callback_query_id": query}
    return Reply(base.dumps(call), "application/json")


def _inner(update: Update) -> tuple[str, Body]:
    """The one member that carries the update; a bare message (a saved one, say) counts as its update."""
    for name, value in update.items():
        if name != "update_id" and isinstance(value, dict) and ("update_id" in update or name in _READERS):
            return name, value
    if "message_id" in update and "chat" in update and "update_id" not in update:
        return ("message_reaction" if "new_reaction" in update else "message"), update
    return "", base.NOTHING


def _at(name: str, update: Update, inner: Body) -> datetime:
    """Telegram's clock, in seconds; of a tap, when it came to us."""
    now = clock.now()
    if name == "callback_query":
        return base.moment(update.get(RECEIVED), now)
    if name == "edited_message":
        return base.moment(inner.get("edit_date"), base.moment(inner.get("date"), now))
    return base.moment(inner.get("date"), now)


def _message(message: Body, at: datetime) -> Parsed:
    if notice := messages.service(message):
        return Notice(notice, at)
    handles = _handles(message)
    if not handles:
        return Notice("nobody", at)
    read = messages.read(message)
    if read.phone is not None:
        number, is_own = read.phone
        handles += (("phone", "", number[:255], "provider" if is_own else "claimed", ""),)
    return Inbound(
        content=read.content,
        occurred_at=at,
        handles=handles,
        text=read.text,
        external_id=_id(message),
        media=read.media,
        context=_context(message),
        referral={"ref": read.referral} if read.referral else base.NOTHING,
        thread=_thread(message),
        code=read.code,
        is_public=_is_public(message),
        language=_language(_sender(message)),
    )


def _edited(message: Body, at: datetime) -> Parsed:
    handles, known = _handles(message), _id(message)
    if not handles or not known:
        return Notice("nobody", at)
    return Edit(known, messages.read(message).content, at, handles)


def _tap(query: Body, at: datetime) -> Parsed:
    """A button under a message of ours; the words of the tap are the button's own."""
    message = base.mapping(query.get("message"))
    handles = _of_person(_sender(query))
    data = base.text(query, "data")
    if not handles or not data:
        return Notice("tap", at)
    label = _label(message, data)
    known = _id(message)
    return Inbound(
        content=Text(label or data),
        occurred_at=at,
        handles=handles,
        text=label,
        payload=data,
        external_id=f"tap:{base.text(query, 'id')}"[:255],
        context={"id": known} if known else base.NOTHING,
        thread=_thread(message),
        is_public=_is_public(message),
        language=_language(_sender(query)),
    )


def _label(message: Body, data: str) -> str:
    rows = base.mapping(message.get("reply_markup")).get("inline_keyboard")
    buttons = [button for row in (rows if isinstance(rows, list) else []) for button in base.items(row)]
    return next((base.text(button, "text") for button in buttons if base.text(button, "callback_data") == data), "")


def _reaction(reaction: Body, at: datetime) -> Parsed:
    """The emoji that is there now and was not before; '' when the last one was taken away."""
    handles, known = _of_person(base.mapping(reaction.get("user"))), _id(reaction)
    if not handles or not known:
        return Notice("message_reaction", at)
    before, now = (base.items(reaction.get(name)) for name in ("old_reaction", "new_reaction"))
    added = [one for one in now if one not in before] or now
    return Reaction(known, _emoji(added[-1]) if added else "", at, handles)


def _emoji(reaction: Body) -> str:
    if base.text(reaction, "type") == "paid":
        return "⭐"
    return base.text(reaction, "emoji")[:16] or CUSTOM_EMOJI


def _membership(change: Body, at: datetime) -> Parsed:
    """The person blocked the bot, or let it in again. In a group it says nothing about a person."""
    status = base.text(base.mapping(change.get("new_chat_member")), "status")
    handles = _of_person(_sender(change))
    if _is_public(change) or not handles or status not in ("kicked", "member"):
        return Notice("my_chat_member", at)
    return Reach(handles, status == "member", at, "unblocked" if status == "member" else "blocked")


def _handles(message: Body) -> Handles:
    """The author. A channel, a group's anonymous admin and another bot are no person; a saved message may lack it."""
    if message.get("sender_chat"):
        return ()
    sender = _sender(message)
    chat = base.mapping(message.get("chat"))
    return _of_person(sender if sender or _is_public(message) else chat)


def _of_person(person: Body) -> Handles:
    """The numeric id; the name is for display, the username for nothing."""
    known = base.text(person, "id")
    if not (known.isascii() and known.isdigit()) or person.get("is_bot") is True:
        return ()
    name = " ".join(filter(None, (base.text(person, "first_name"), base.text(person, "last_name"))))
    return (("telegram_user", "", known[:255], "provider", name[:255]),)


def _sender(inner: Body) -> Body:
    return base.mapping(inner.get("from")) or base.mapping(inner.get("user"))


def _language(person: Body) -> str:
    """What their Telegram is set to."""
    return base.text(person, "language_code")[:35]


def _chat(inner: Body) -> str:
    chat = base.mapping(inner.get("chat")) or base.mapping(base.mapping(inner.get("message")).get("chat"))
    return base.text(chat, "id")


def _id(message: Body) -> str:
    chat, number = _chat(message), base.text(message, "message_id")
    return f"{chat}:{number}"[:255] if chat and number else ""


def _context(message: Body) -> Mapping[str, Any]:
    """What it answers, and the album it is a part of."""
    answered = _id(base.mapping(message.get("reply_to_message")))
    album = base.text(message, "media_group_id")[:255]
    return {name: value for name, value in (("id", answered), ("album", album)) if value}


def _thread(message: Body) -> Mapping[str, Any]:
    """Where an answer belongs: the chat, and in a group with topics the topic."""
    topic = base.text(message, "message_thread_id") if message.get("is_topic_message") is True else ""
    found = {"chat": _chat(message), "topic": topic}
    return {name: value for name, value in found.items() if value}


def _is_public(inner: Body) -> bool:
    """A chat of several: what is said there, others read. Old updates name no type; a group's id is negative."""
    chat = base.mapping(inner.get("chat")) or base.mapping(base.mapping(inner.get("message")).get("chat"))
    kind = base.text(chat, "type")
    return kind not in ("private", "sender") if kind else base.text(chat, "id").startswith("-")


_READERS: Mapping[str, Reader] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _tap,
    "message_reaction": _reaction,
    "my_chat_member": _membership,
}

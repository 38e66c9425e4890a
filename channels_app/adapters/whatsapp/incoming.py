"""What does a WhatsApp webhook say? Split into single events for the inbox, and each of them read tolerantly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Envelope, Inbound, Notice, Parsed, RawEvent, Reaction, Receipt, codes
from channels_app.adapters.whatsapp import errors, messages, news, senders, system
from common import clock
from conversations.content import Text

STATUSES = {"sent", "delivered", "read", "played", "failed"}
NAMED = ("to", "wa_id", "to_user_id", "user_id")
SENDER = ("from", "from_user_id", "from_parent_user_id")
Value = Mapping[str, Any]


def split(payload: Any) -> Envelope:
    """Every message, status, echo and preference as an event of its own; the rest is kept whole, change by change."""
    events: list[RawEvent] = []
    for entry in base.items(base.mapping(payload).get("entry")):
        for change in base.items(entry.get("changes")):
            events += _of_change(entry, change, base.mapping(change.get("value")))
    return Envelope(tuple(events) or (_whole({"other": payload}, "", clock.now(), "other"),))


def _of_change(entry: Value, change: Value, value: Value) -> list[RawEvent]:
    field = base.text(change, "field")
    if field == "messages":
        return [*_messages(value), *_statuses(value)] or [_other(entry, change, value)]
    if member := news.SINGLE.get(field):
        return list(_singles(field, member, entry, value)) or [_other(entry, change, value)]
    if field in news.FIELDS:
        raw = {"field": field, "at": entry.get("time"), "value": value}
        return [_whole(raw, base.text(entry, "id"), base.moment(entry.get("time"), clock.now()), "message")]
    return [_other(entry, change, value)]


def _messages(value: Value) -> Iterator[RawEvent]:
    for message in base.items(value.get("messages")):
        contact = _contact(value, message, "messages", SENDER)
        raw = base.dumps({"metadata": value.get("metadata"), "contacts": [contact], "messages": [message]})
        handle = senders.phone(message, contact) or senders.bsuid(message, contact)
        # One provider id names one message; without an id the bytes themselves do.
        key = base.text(message, "id") or "m:" + _digest(raw)
        yield _event(key, handle, message.get("timestamp"), raw, "message", senders.account(value))


def _statuses(value: Value) -> Iterator[RawEvent]:
    for status in base.items(value.get("statuses")):
        contact = _contact(value, status, "statuses", ("recipient_id", "recipient_user_id"))
        raw = base.dumps({"metadata": value.get("metadata"), "contacts": [contact], "statuses": [status]})
        handle = base.text(status, "recipient_id") or base.text(status, "recipient_user_id")
        key = "/".join(base.text(status, name) for name in ("id", "status", "timestamp"))
        if member := base.text(status, "recipient_participant_id"):
            key += "/" + member  # in a group, each member has ticks of their own
        key = key if len(key) > 2 else "s:" + _digest(raw)
        yield _event(key, handle, status.get("timestamp"), raw, "status", senders.account(value))


def _singles(field: str, member: str, entry: Value, value: Value) -> Iterator[RawEvent]:
    """Echoes and preferences: each is about one person."""
    for item in base.items(value.get(member)):
        contact = _contact(value, item, member, NAMED)
        one = {"metadata": value.get("metadata"), "contacts": [contact], member: [item]}
        raw = base.dumps({"field": field, "at": entry.get("time"), "value": one})
        handle = next(filter(None, (base.text(item, name) for name in NAMED)), "")
        key = f"{field}/{base.text(item, 'id')}" if base.text(item, "id") else "n:" + _digest(raw)
        account = senders.account(value) or base.text(entry, "id")
        yield _event(key, handle, item.get("timestamp"), raw, "message", account)


def _other(entry: Value, change: Value, value: Value) -> RawEvent:
    return _whole({"other": change}, senders.account(value) or base.text(entry, "id"), clock.now(), "other")


def _contact(value: Value, thing: Value, member: str, names: tuple[str, ...]) -> Value:
    """The person's entry in `contacts`. A message's sender may hide; any other thing that names somebody means them."""
    ids = [said for name in names if (said := base.text(thing, name))]
    is_only = len(base.items(value.get(member))) == 1 and (member == "messages" or not ids)
    return senders.contact_of(value, ids, is_only)


def _event(key: str, handle: str, at: object, raw: str, kind: base.Kind, account: str) -> RawEvent:
    return RawEvent(base.safe_key(key), handle or key, base.moment(at, clock.now()), raw, kind, account)


def _whole(thing: Any, account: str, at: datetime, kind: base.Kind) -> RawEvent:
    raw = base.dumps(thing)
    key = "o:" + _digest(raw)
    return RawEvent(key, account or key, at, raw, kind, account)


def _digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


def placed(envelope: Envelope, accounts: Sequence[Account]) -> Envelope:
    """The envelope with events that name only a business account put to the first of our numbers that it owns."""
    numbers = {account.account for account in accounts}
    owned = {account.text("waba_id"): account.account for account in reversed(accounts)}
    strange = {event.account for event in envelope.events} - numbers
    if not strange & set(owned):
        return envelope
    numbered = {**owned, **{number: number for number in numbers}}
    moved = (replace(one, account=numbered.get(one.account, one.account)) for one in envelope.events)
    return replace(envelope, events=tuple(moved))


def parse(raw: str, account: Account) -> list[Parsed]:
    """What one stored event says; a shape that is not known is a Notice."""
    try:
        value = base.mapping(base.loads(raw))
    except base.Malformed:
        return [Notice("unreadable", clock.now())]
    if "field" in value:
        return news.read(value, account)
    found: list[Parsed] = [_message(value, message, account) for message in base.items(value.get("messages"))]
    found += [_receipt(value, status, account) for status in base.items(value.get("statuses"))]
    return found or [Notice("unsupported", clock.now())]


def _message(value: Value, message: Value, account: Account) -> Parsed:
    at = base.moment(message.get("timestamp"), clock.now())
    contact = _contact(value, message, "messages", SENDER)
    handles = senders.handles(message, contact, account)
    kind = base.text(message, "type")
    if kind == "system":
        return system.read(base.mapping(message.get("system")), handles, at, account)
    if kind == "reaction":
        return _reaction(base.mapping(message.get("reaction")), handles, at)
    if kind in messages.AMENDMENTS:
        return messages.amendment(kind, base.mapping(message.get(kind)), handles, at)
    if kind in messages.SILENT:
        return Notice(kind, at, handles)
    return _inbound(kind, message, handles, at, account)


def _inbound(kind: str, message: Value, handles: base.Handles, at: datetime, account: Account) -> Inbound:
    read = messages.read(kind, message)
    content, text, code = read.content, read.text, ""
    if kind == "text" and "[#" in text:
        text, code = codes.cut(text)
        content = Text(text)
    return Inbound(
        content=content,
        occurred_at=at,
        handles=handles + senders.named([read.phone] if read.phone else (), account),
        text=text,
        payload=read.payload,
        external_id=base.text(message, "id")[:255],
        media=read.media,
        context={**messages.context(message), **read.context},
        referral=messages.referral(message),
        code=code,
        is_public=bool(base.text(message, "group_id")),
        device=base.text(base.mapping(message.get("identity")), "hash")[:255],
    )


def _reaction(body: Value, handles: base.Handles, at: datetime) -> Parsed:
    target = base.text(body, "message_id")[:255]
    return Reaction(target, base.text(body, "emoji")[:40], at, handles) if target else Notice("reaction", at, handles)


def _receipt(value: Value, status: Value, account: Account) -> Parsed:
    at = base.moment(status.get("timestamp"), clock.now())
    word = base.text(status, "status")
    if word not in STATUSES:
        return Notice("status", at)
    contact = _contact(value, status, "statuses", ("recipient_id", "recipient_user_id"))
    is_group = base.text(status, "recipient_type") == "group"
    names = ("recipient_participant_id",) if is_group else ("recipient_id", "recipient_user_id")
    return Receipt(
        external_id=base.text(status, "id")[:255],
        status=word,
        occurred_at=at,
        delivery_ref=base.text(status, "biz_opaque_callback_data")[:255],
        error=errors.of_status(base.items(status.get("errors"))) if word == "failed" else None,
        handles=senders.recipient(status, contact, account, *names),
    )

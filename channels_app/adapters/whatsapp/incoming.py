"""What does a WhatsApp webhook say? Split into single events for the inbox, and each of them read tolerantly."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Envelope, Handles, Inbound, Notice, Parsed, RawEvent, Receipt
from channels_app.adapters.whatsapp import errors, messages
from common import clock

BSUID = re.compile(r"^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$")
STATUSES = {"sent", "delivered", "read", "played", "failed"}
Value = Mapping[str, Any]


def split(payload: Any) -> Envelope:
    """Every message and status of every change of every entry as an event of its own; the rest is kept whole."""
    events: list[RawEvent] = []
    for entry in base.items(base.mapping(payload).get("entry")):
        for change in base.items(entry.get("changes")):
            events += _of_change(change, base.mapping(change.get("value")))
    return Envelope(tuple(events) or (_other(payload, ""),))


def _of_change(change: Value, value: Value) -> list[RawEvent]:
    if change.get("field") != "messages":
        return [_other(change, _account(value))]
    found = [*_messages(value), *_statuses(value)]
    return found or [_other(change, _account(value))]


def _messages(value: Value) -> Iterator[RawEvent]:
    for message in base.items(value.get("messages")):
        contact = _contact(value, message)
        raw = base.dumps({"metadata": value.get("metadata"), "contacts": [contact], "messages": [message]})
        handle = _phone(message, contact) or _bsuid(message, contact)
        # One provider id names one message; without an id the bytes themselves do.
        key = base.text(message, "id") or "m:" + _digest(raw)
        yield _event(key, handle, message.get("timestamp"), raw, "message", value)


def _statuses(value: Value) -> Iterator[RawEvent]:
    for status in base.items(value.get("statuses")):
        raw = base.dumps({"metadata": value.get("metadata"), "statuses": [status]})
        handle = base.text(status, "recipient_id") or base.text(status, "recipient_user_id")
        key = "/".join(base.text(status, name) for name in ("id", "status", "timestamp"))
        yield _event(
            key if len(key) > 2 else "s:" + _digest(raw), handle, status.get("timestamp"), raw, "status", value
        )


def _event(key: str, handle: str, at: object, raw: str, kind: base.Kind, value: Value) -> RawEvent:
    when = base.moment(at, clock.now())
    return RawEvent(base.safe_key(key), handle or key, when, raw, kind, _account(value))


def _other(thing: Any, account: str) -> RawEvent:
    raw = base.dumps({"other": thing})
    key = "o:" + _digest(raw)
    return RawEvent(key, key, clock.now(), raw, "other", account)


def parse(raw: str, account: Account) -> list[Parsed]:
    """The messages and receipts of one stored event; a shape that is not known is a Notice."""
    try:
        value = base.mapping(base.loads(raw))
    except base.Malformed:
        return [Notice("unreadable", clock.now())]
    found: list[Parsed] = [_message(value, message, account) for message in base.items(value.get("messages"))]
    found += [_receipt(status) for status in base.items(value.get("statuses"))]
    return found or [Notice("unsupported", clock.now())]


def _message(value: Value, message: Value, account: Account) -> Parsed:
    at = base.moment(message.get("timestamp"), clock.now())
    handles = _handles(message, _contact(value, message), account)
    kind = base.text(message, "type")
    if kind == "system":
        return _system(base.mapping(message.get("system")), handles, at, account)
    if kind in messages.SILENT:
        return Notice(kind, at, handles)
    read = messages.read(kind, message)
    return Inbound(
        content=read.content,
        occurred_at=at,
        handles=handles,
        text=read.text,
        payload=read.payload,
        external_id=base.text(message, "id")[:255],
        media=read.media,
        context=base.mapping(message.get("context")),
        referral=base.mapping(message.get("referral")),
        is_public=bool(base.text(message, "group_id")),
    )


def _system(system: Value, handles: Handles, at: datetime, account: Account) -> Notice:
    """A changed number or id: old and new as handles, for the identities to be moved."""
    scope = account.text("portfolio_id")
    said = (base.text(system, name) for name in ("wa_id", "new_wa_id", "user_id", "parent_user_id"))
    before = (base.text(system, name) for name in ("previous_user_id", "previous_parent_user_id"))
    new = tuple(_handle(raw, scope, "") for raw in said if raw)
    previous = tuple(_handle(raw, scope, "") for raw in before if raw) or handles
    return Notice((base.text(system, "type") or "system")[:40], at, new or handles, previous)


def _receipt(status: Value) -> Parsed:
    at = base.moment(status.get("timestamp"), clock.now())
    word = base.text(status, "status")
    if word not in STATUSES:
        return Notice("status", at)
    error = errors.of_status(base.items(status.get("errors"))) if word == "failed" else None
    ref = base.text(status, "biz_opaque_callback_data")
    return Receipt(base.text(status, "id")[:255], word, at, ref, error)


def _handles(message: Value, contact: Value, account: Account) -> Handles:
    """Phone, BSUID and parent BSUID, whatever field they came in; the phone first, for it is what we answer to."""
    scope = account.text("portfolio_id")
    name = base.text(base.mapping(contact.get("profile")), "name")
    said = [_phone(message, contact), _bsuid(message, contact), _parent(message, contact)]
    return tuple(_handle(raw, scope, name) for raw in dict.fromkeys(said) if raw)


def _handle(raw: str, scope: str, display: str) -> tuple[str, str, str, str, str]:
    found = BSUID.match(raw)
    namespace = "phone" if not found else "wa_parent_bsuid" if found.group(1) else "wa_bsuid"
    return (namespace, scope, raw, "provider", display)


def _phone(message: Value, contact: Value) -> str:
    said = (base.text(message, "from"), base.text(contact, "wa_id"))
    return next((raw for raw in said if raw and not BSUID.match(raw)), "")


def _bsuid(message: Value, contact: Value) -> str:
    said = (base.text(message, "from_user_id"), base.text(contact, "user_id"))
    stray = (base.text(message, "from"), base.text(contact, "wa_id"))
    return next((raw for raw in (*said, *stray) if (found := BSUID.match(raw)) and not found.group(1)), "")


def _parent(message: Value, contact: Value) -> str:
    said = (base.text(message, "from_parent_user_id"), base.text(contact, "parent_user_id"))
    return next((raw for raw in (*said, base.text(message, "from")) if raw.startswith(raw[:2] + ".ENT.")), "")


def _contact(value: Value, message: Value) -> Value:
    """The sender's entry in `contacts`, by phone or by BSUID; a single message's single contact is the sender's."""
    contacts = base.items(value.get("contacts"))
    ids = {base.text(message, name) for name in ("from", "from_user_id", "from_parent_user_id")} - {""}
    for contact in contacts:
        if ids & {base.text(contact, name) for name in ("wa_id", "user_id", "parent_user_id")}:
            return contact
    is_only = len(contacts) == 1 and len(base.items(value.get("messages"))) == 1
    return contacts[0] if is_only else base.NOTHING


def _account(value: Value) -> str:
    return base.text(base.mapping(value.get("metadata")), "phone_number_id")


def _digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()

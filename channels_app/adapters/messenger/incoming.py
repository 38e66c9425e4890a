"""What does a webhook of Messenger or Instagram say? Split into single items, and each of them read tolerantly.

Keys: a message's is its mid; whatever else is about that mid (echo, unsend, edit, reaction) has a key of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Envelope, Notice, Parsed, RawEvent
from channels_app.adapters.messenger import events, mark
from common import clock

Value = Mapping[str, Any]
# What an item can be about, in the order in which its members are looked for.
SUBJECTS = ("message", "postback", "reaction", "message_edit", "read", "delivery", "optin", "referral")


def split(payload: Any, expected: str) -> Envelope:
    """Every item of every entry as an event of its own; what is not for us to answer is kept whole."""
    payload = base.mapping(payload)
    found: list[RawEvent] = []
    if payload.get("object") == expected:
        for entry in base.items(payload.get("entry")):
            found += _of_entry(entry) or [_other(entry, base.text(entry, "id"))]
    return Envelope(tuple(found) or (_other(payload, ""),))


def _of_entry(entry: Value) -> list[RawEvent]:
    page = base.text(entry, "id")
    found = [_event(item, page or _business(item), entry.get("time")) for item in base.items(entry.get("messaging"))]
    # Another app of the page holds these conversations at present: nothing for us to answer.
    found += [_other({"standby": item}, page) for item in base.items(entry.get("standby"))]
    for change in base.items(entry.get("changes")):
        item = base.mapping(change.get("value"))
        # The app dashboard's test button, and some accounts, wrap an item into a change.
        found.append(_event(item, page, entry.get("time")) if _is_item(item) else _other(change, page))
    return found


def _is_item(value: Value) -> bool:
    return bool(base.mapping(value.get("sender"))) and any(isinstance(value.get(name), dict) for name in SUBJECTS)


def _event(item: Value, page: str, time: object) -> RawEvent:
    at = base.moment(item.get("timestamp"), base.moment(time, clock.now()))
    raw = base.dumps({"page": page, "item": item})
    subject = _subject(item)
    key = _key(subject, item) or "h:" + hashlib.sha256(raw.encode()).hexdigest()
    return RawEvent(base.safe_key(key), person(item) or key, at, raw, _kind(subject, item), page)


def _subject(item: Value) -> str:
    return next((name for name in SUBJECTS if isinstance(item.get(name), dict)), "")


def _kind(subject: str, item: Value) -> base.Kind:
    if subject in ("read", "delivery"):
        return "status"
    message = base.mapping(item.get("message"))
    is_receipt = message.get("is_echo") is True and bool(mark.read(message.get("metadata")))
    return "status" if is_receipt else "message"


def _key(subject: str, item: Value) -> str:
    """What names this item for good, '' if only its bytes do."""
    body = base.mapping(item.get(subject))
    mid, at = base.text(body, "mid"), base.text(item, "timestamp")
    if subject == "message" and mid:
        prefix = "echo:" * (body.get("is_echo") is True) + "gone:" * (body.get("is_deleted") is True)
        return prefix + mid
    if subject == "postback":
        said = "/".join((person(item), at, base.text(body, "payload"), base.text(body, "title")))
        return "postback:" + (mid or hashlib.sha256(said.encode("utf-8", "replace")).hexdigest())
    if subject == "reaction" and mid:
        return "/".join(("reaction", mid, person(item), base.text(body, "action"), base.text(body, "emoji"), at))
    if subject == "message_edit" and mid:
        return "/".join(("edit", mid, base.text(body, "num_edit") or at))
    if subject in ("read", "delivery"):
        mids = ",".join(_texts(body.get("mids"))) or mid
        return "/".join((subject, person(item), base.text(body, "watermark"), mids)) if mids or body else ""
    return ""


def _other(thing: Any, account: str) -> RawEvent:
    raw = base.dumps({"other": thing})
    key = "o:" + hashlib.sha256(raw.encode()).hexdigest()
    return RawEvent(key, key, clock.now(), raw, "other", account)


def person(item: Value) -> str:
    """The customer's id in an item: who sent it, or of an echo who got it."""
    is_echo = base.mapping(item.get("message")).get("is_echo") is True
    side = base.mapping(item.get("recipient" if is_echo else "sender"))
    reference = base.text(side, "user_ref") or base.text(base.mapping(item.get("optin")), "user_ref")
    return base.text(side, "id") or mark.user_ref(reference)


def _business(item: Value) -> str:
    is_echo = base.mapping(item.get("message")).get("is_echo") is True
    return base.text(base.mapping(item.get("sender" if is_echo else "recipient")), "id")


def _texts(value: object) -> Iterator[str]:
    yield from (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def parse(raw: str, account: Account) -> list[Parsed]:
    """What one stored item says; a shape that is not known is a Notice."""
    try:
        data = base.mapping(base.loads(raw))
    except base.Malformed:
        return [Notice("unreadable", clock.now())]
    item = base.mapping(data.get("item"))
    at = base.moment(item.get("timestamp"), clock.now())
    page = base.text(data, "page") or account.account
    handles = tuple(handle for handle in (events.handle(page, person(item)),) if handle)
    subject = _subject(item)
    if not subject:
        return [Notice("unsupported", at, handles)]
    seen = events.Seen(at, handles, page, account.text("app_id"))
    return events.read(subject, base.mapping(item.get(subject)), seen)

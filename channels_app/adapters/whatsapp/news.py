"""What do the other webhook fields say: echoes of the phone app, preferences, templates, the account itself?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Echo, Notice, Parsed, Preference, TemplateNews
from channels_app.adapters.whatsapp import messages, senders, system
from common import clock

Value = Mapping[str, Any]
Reader = Callable[[Value, datetime, Account], list[Parsed]]
SINGLE = {"smb_message_echoes": "message_echoes", "user_preferences": "user_preferences"}  # field -> its list
WORD = re.compile(r"[^a-z0-9]+")
CHANGED = "changed"  # a template's status when something else about it is new: it has to be read anew
OPTIONS: Mapping[str, str] = {"stop": "out", "resume": "in", "signup": "in"}


def read(event: Value, account: Account) -> list[Parsed]:
    """One stored change of a field that is known; what it lacks is a Notice of the field's name."""
    field, value = base.text(event, "field"), base.mapping(event.get("value"))
    at = base.moment(event.get("at"), clock.now())
    reader = FIELDS.get(field)
    return (reader(value, at, account) if reader else []) or [Notice(_word(field) or "unsupported", at)]


def _echoes(value: Value, at: datetime, account: Account) -> list[Parsed]:
    return [_echo(value, echo, at, account) for echo in base.items(value.get("message_echoes"))]


def _echo(value: Value, echo: Value, at: datetime, account: Account) -> Parsed:
    at = base.moment(echo.get("timestamp"), at)
    ids = [base.text(echo, name) for name in ("to", "to_user_id", "to_parent_user_id")]
    contact = senders.contact_of(value, ids, not any(ids))
    handles = senders.recipient(echo, contact, account, "to", "to_user_id", "to_parent_user_id")
    kind = base.text(echo, "type")
    if kind in messages.AMENDMENTS or kind == "reaction":
        return Notice(f"echo_{kind}", at, handles)  # staff changed words of their own, which the phone app shows
    read = messages.read(kind, echo)
    return Echo(read.content, at, handles, base.text(echo, "id")[:255], read.media)


def _preferences(value: Value, at: datetime, account: Account) -> list[Parsed]:
    return [_preference(value, one, at, account) for one in base.items(value.get("user_preferences"))]


def _preference(value: Value, one: Value, at: datetime, account: Account) -> Parsed:
    at = base.moment(one.get("timestamp"), at)
    ids = (base.text(one, "wa_id"), base.text(one, "user_id"))
    contact = senders.contact_of(value, ids, not any(ids))  # one that names somebody is never another's
    handles = senders.recipient(one, contact, account, "wa_id", "user_id")
    state = OPTIONS.get(base.text(one, "value").lower())
    if state is None or base.text(one, "category") != "marketing_messages" or not handles:
        return Notice("preference", at, handles)
    kept = ("detail", "category", "value", "signup_id")
    evidence = {name: base.text(one, name)[:200] for name in kept if base.text(one, name)}
    return Preference(handles, "marketing", "out" if state == "out" else "in", at, {"source": "whatsapp"} | evidence)


def _template(value: Value, at: datetime, account: Account) -> list[Parsed]:
    """Status by `event`, quality by `new_quality_score`; anything else about it has only to be noticed."""
    name, language = base.text(value, "message_template_name"), base.text(value, "message_template_language")
    if not name:
        return []
    quality = base.text(value, "new_quality_score")
    status = base.text(value, "event") or (f"quality_{quality.lower()}" if quality else CHANGED)
    why = base.text(base.mapping(value.get("rejection_info")), "reason") or base.text(value, "reason")
    return [TemplateNews(name[:512], language[:20], status[:40], at, "" if why == "NONE" else why[:300])]


def _account(value: Value, at: datetime, account: Account) -> list[Parsed]:
    """`account_disabled_update`, `account_partner_added` ...: the event is what an operator wants to read."""
    event = _word(base.text(value, "event")) or "update"
    return [Notice(event if event.startswith("account_") else f"account_{event}"[:40], at)]


def _quality(value: Value, at: datetime, account: Account) -> list[Parsed]:
    return [Notice(_word(f"number {base.text(value, 'event') or 'quality'}"), at)]


def _review(value: Value, at: datetime, account: Account) -> list[Parsed]:
    return [Notice(_word(f"account review {base.text(value, 'decision')}"), at)]


def _call(value: Value, at: datetime, account: Account) -> list[Parsed]:
    return [Notice("call", at)]


def _word(text: str) -> str:
    return WORD.sub("_", text.lower()).strip("_")[:40]


FIELDS: Mapping[str, Reader] = {
    "smb_message_echoes": _echoes,
    "user_preferences": _preferences,
    "message_template_status_update": _template,
    "message_template_quality_update": _template,
    "message_template_components_update": _template,
    "template_category_update": _template,
    "account_update": _account,
    "account_review_update": _review,
    "phone_number_quality_update": _quality,
    "user_id_update": system.update,
    "calls": _call,
}

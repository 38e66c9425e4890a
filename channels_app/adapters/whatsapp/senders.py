"""Who wrote, and to which of our numbers? Phone, BSUID and parent BSUID, whatever field they came in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Handles

BSUID = re.compile(r"^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$")
Value = Mapping[str, Any]


def handles(message: Value, contact: Value, account: Account) -> Handles:
    """Phone first, for it is what we answer to; then the ids that are valid within the portfolio."""
    name = base.text(base.mapping(contact.get("profile")), "name")
    said = (phone(message, contact), bsuid(message, contact), _parent(message, contact))
    return named(said, account, name)


def named(said: Iterable[str], account: Account, display: str = "") -> Handles:
    """The identifiers as handles, each once, by their pattern; the provider vouches for them."""
    scope = account.text("portfolio_id")
    return tuple(_handle(raw, scope, display) for raw in dict.fromkeys(said) if raw)


def recipient(thing: Value, contact: Value, account: Account, *names: str) -> Handles:
    """Those of the named members that are identifiers, and the contact's."""
    said = [base.text(thing, name) for name in names]
    said += [base.text(contact, name) for name in ("wa_id", "user_id", "parent_user_id")]
    return named(sorted(said, key=lambda raw: bool(BSUID.match(raw))), account)


def phone(message: Value, contact: Value) -> str:
    """The phone, '' if it is hidden."""
    said = (base.text(message, "from"), base.text(contact, "wa_id"))
    return next((raw for raw in said if raw and not BSUID.match(raw)), "")


def bsuid(message: Value, contact: Value) -> str:
    """The business-scoped id, wherever it stands."""
    said = (base.text(message, "from_user_id"), base.text(contact, "user_id"))
    odd = (base.text(message, "from"), base.text(contact, "wa_id"))
    return next((raw for raw in (*said, *odd) if (found := BSUID.match(raw)) and not found.group(1)), "")


def contact_of(value: Value, ids: Iterable[str], is_only: bool) -> Value:
    """The entry in `contacts` with one of these ids; a single person's single entry is theirs anyway."""
    contacts, wanted = base.items(value.get("contacts")), set(ids) - {""}
    for contact in contacts:
        if wanted & {base.text(contact, name) for name in ("wa_id", "user_id", "parent_user_id")}:
            return contact
    return contacts[0] if len(contacts) == 1 and is_only else base.NOTHING


def account(value: Value) -> str:
    """The phone number id that was written to."""
    return base.text(base.mapping(value.get("metadata")), "phone_number_id")


def _parent(message: Value, contact: Value) -> str:
    said = (base.text(message, "from_parent_user_id"), base.text(contact, "parent_user_id"))
    odd = (base.text(message, "from"), base.text(contact, "wa_id"))
    return next((raw for raw in (*said, *odd) if (found := BSUID.match(raw)) and found.group(1)), "")


def _handle(raw: str, scope: str, display: str) -> tuple[str, str, str, str, str]:
    found = BSUID.match(raw)
    namespace = "phone" if not found else "wa_parent_bsuid" if found.group(1) else "wa_bsuid"
    return (namespace, scope, raw, "provider", display)

"""Whose address became another one? WhatsApp's system messages and `user_id_update`, as old and new handles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Handles, Moved, Notice, Parsed
from channels_app.adapters.whatsapp import senders

NOW = ("wa_id", "new_wa_id", "new_user_id", "user_id", "new_parent_user_id", "parent_user_id")
BEFORE = ("previous_wa_id", "old_wa_id", "previous_user_id", "old_user_id", "previous_parent_user_id")
KINDS: Mapping[str, str] = {
    "user_changed_number": "number_changed",
    "customer_changed_number": "number_changed",
    "user_changed_user_id": "user_id_changed",
    "customer_identity_changed": "identity_changed",
}


def read(system: Mapping[str, Any], sender: Handles, at: datetime, account: Account) -> Parsed:
    """A changed number or id as `Moved` from what it was to what it is; any other system message is a Notice."""
    said = base.text(system, "type")
    kind = KINDS.get(said)
    if kind == "identity_changed":
        return Moved(kind, at, sender) if sender else Notice(kind, at)
    now = senders.named([base.text(system, name) for name in NOW], account)
    if kind is None or not now:
        return Notice((said or "system")[:40], at, sender)
    return _moved(kind, at, _before(kind, system, sender, now, account), now)


def update(value: Mapping[str, Any], at: datetime, account: Account) -> list[Parsed]:
    """The field `user_id_update`, whose shape nobody has written down: whatever object names an old and a new id."""
    listed = [item for member in value.values() for item in base.items(member)]
    objects = [value, *listed, *(member for member in value.values() if isinstance(member, dict))]
    found: list[Parsed] = []
    for one in objects:
        now = senders.named([base.text(one, name) for name in NOW], account)
        before = senders.named([base.text(one, name) for name in BEFORE], account)
        if now and before:
            found.append(_moved("user_id_changed", at, before, now))
    return found or [Notice("user_id_update", at)]


def _before(kind: str, system: Mapping[str, Any], sender: Handles, now: Handles, account: Account) -> Handles:
    """What the message names as previous; of a changed number the sender's own phone is the old one."""
    said = senders.named([base.text(system, name) for name in BEFORE], account)
    if kind != "number_changed" and said:
        return said
    named = {handle[0] for handle in said}
    own = tuple(one for one in sender if one[0] not in named and one[:3] not in {new[:3] for new in now})
    return own + said


def _moved(kind: str, at: datetime, before: Handles, now: Handles) -> Parsed:
    new = tuple(one for one in now if one[:3] not in {old[:3] for old in before})
    return Moved(kind, at, before, new) if before and new else Notice(kind, at, now, before)

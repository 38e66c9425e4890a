"""How are Discord's ids, times and people read without stumbling?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Handles
from common import clock

EPOCH_MS = 1_420_070_400_000  # Discord's ids count milliseconds since the first second of 2015
SNOWFLAKE_MAX = 20  # digits
Value = Mapping[str, Any]


def snowflake(data: Value, name: str = "id") -> str:
    """A member that is an id of Discord's, '' if it is anything else."""
    found = base.text(data, name)
    return found if found.isascii() and found.isdigit() and len(found) <= SNOWFLAKE_MAX else ""


def at(data: Value, *names: str) -> datetime:
    """The first time that a member names (ISO 8601), else the moment in the object's id, else now."""
    for name in names:
        try:
            found = datetime.fromisoformat(base.text(data, name))
        except ValueError:
            continue
        # Nobody wrote on Discord before it existed; a far end of the calendar cannot be moved between zones.
        if 2015 <= found.year <= 9000:
            return found if found.tzinfo else found.replace(tzinfo=UTC)
    number = int(snowflake(data) or 0) >> 22
    return base.moment(number + EPOCH_MS, clock.now()) if number else clock.now()


def handles(user: Value) -> Handles:
    """The person by the id, never by the name, which anybody may take next; nothing for what is no person."""
    person = snowflake(user)
    if not person or is_machine(user):
        return ()
    return (("discord_user", "", person, "provider", name(user)),)


def name(user: Value) -> str:
    """What the person is called on Discord."""
    return (base.text(user, "global_name") or base.text(user, "username"))[:120]


def is_machine(user: Value) -> bool:
    """Is it a bot, or Discord's own system user?"""
    return user.get("bot") is True or user.get("system") is True


def our_id(account: Account) -> str:
    """The bot's user id: the application's, except for bots of before 2017."""
    return account.text("bot_user_id", account.account)

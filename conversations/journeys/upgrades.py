"""How is a definition of an older language read today? By pure functions, one for each step of the schema.

When the language changes, `SCHEMA_VERSION` rises from n to n+1 and `upgrade_<n>(definition)` is added to the table
here. Rows keep what was published; what is read is upgraded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from conversations.journeys.definition import SCHEMA_VERSION

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
UPGRADES: Mapping[int, Upgrade] = MappingProxyType({})  # from version n to the next; the language has had one so far


def upgraded(
    data: dict[str, Any],
    *,
    written: int,
    wanted: int = SCHEMA_VERSION,
    upgrades: Mapping[int, Upgrade] = UPGRADES,
) -> dict[str, Any]:
    """The definition in today's language; KeyError if a step on the way is missing."""
    for version in range(written, wanted):
        data = upgrades[version](data)
    return data

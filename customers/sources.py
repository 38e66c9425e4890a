"""How much is a source's word worth, and what of it does the order look at? Pure: no database."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

# The higher, the more it is worth; a source may carry a detail after a colon (`provider:whatsapp`).
RANKS = {
    name: rank
    for rank, name in enumerate(("inferred", "import", "bot", "provider", "agent", "otp", "site", "agent_verified"))
}
# The business's own system of record, told by a trusted server, is worth what its site is.
RANKS["crm"] = RANKS["site"]
VERIFIED = frozenset({RANKS["otp"], RANKS["site"], RANKS["agent_verified"]})
# For attributes that the business keeps itself (customer number, segment).
IN_ORDER = {
    name: place
    for place, name in enumerate(
        ("inferred", "import", "bot", "provider", "otp", "site", "agent", "agent_verified", "crm")
    )
}


class UnknownSource(ValueError):
    """A source that has no rank: a mistake of the caller."""


class Word(NamedTuple):  # a merge makes dozens: a frozen dataclass takes five times as long to make
    """One observation, as far as the order looks at it. `fills`: it counts only where nobody else has said anything."""

    id: int
    customer_id: int
    value: Any
    is_clear: bool
    rank: int
    effective_at: datetime
    whole_second: bool
    sequence: int
    source_event_id: str
    write_group: UUID | None
    verified_until: datetime | None
    pinned: bool
    source: str = "inferred"
    fills: bool = False

    @property
    def tie_break(self) -> bytes:
        """The same for everything of one write, and independent of arrival and value."""
        return hashlib.sha256(str(self.write_group or self.source_event_id).encode()).digest()

    @property
    def second(self) -> datetime:
        """When it was said, to the second: as exact as some providers are."""
        return self.effective_at.replace(microsecond=0)

    def is_verified(self, now: datetime) -> bool:
        """Did a person, a code or the site vouch for it, not too long ago?"""
        return self.rank in VERIFIED and not self.is_expired(now)

    def is_expired(self, now: datetime) -> bool:
        """Was it verified too long ago?"""
        return self.verified_until is not None and self.verified_until <= now

    def disagrees(self, other: Word) -> bool:
        """Does it say something else?"""
        return self.is_clear != other.is_clear or self.value != other.value


def rank(source: str) -> int:
    """The rank of a source's name, or `UnknownSource`."""
    try:
        return RANKS[head(source)]
    except KeyError as error:
        raise UnknownSource(source) from error


def head(source: str) -> str:
    """The source without its detail."""
    return source.partition(":")[0]


def name_key(name: str) -> str:
    """A name as suggestions compare it: marks stripped, casefolded, its parts sorted."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(sorted(plain.casefold().split()))

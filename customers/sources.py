"""How much is a source's word worth, and which attributes hold on to a verified value? Pure: no database."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

# The higher, the more it is worth; a source may carry a detail after a colon (`provider:whatsapp`).
RANKS = {
    name: rank
    for rank, name in enumerate(("inferred", "import", "bot", "provider", "agent", "otp", "site", "agent_verified"))
}
VERIFIED = frozenset({RANKS["otp"], RANKS["site"], RANKS["agent_verified"]})
STICKY = frozenset({"name", "first_name", "last_name", "email", "phone", "birth_date", "address"})


class UnknownSource(ValueError):
    """A source that has no rank: a mistake of the caller."""


@dataclass(frozen=True, slots=True)
class Word:
    """One observation, as far as the order looks at it."""

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

    @property
    def tie_break(self) -> bytes:
        """The same for everything of one write, and independent of arrival and value."""
        return hashlib.sha256(str(self.write_group or self.source_event_id).encode()).digest()

    def sticks(self, key: str, now: datetime) -> bool:
        """Does it hold against newer values of a lower rank?"""
        return self.pinned or (key in STICKY and self.rank in VERIFIED and not self.is_expired(now))

    def is_expired(self, now: datetime) -> bool:
        """Was it verified too long ago?"""
        return self.verified_until is not None and self.verified_until <= now

    def disagrees(self, other: Word) -> bool:
        """Does it say something else?"""
        return self.is_clear != other.is_clear or self.value != other.value


def rank(source: str) -> int:
    """The rank of a source's name, or `UnknownSource`."""
    try:
        return RANKS[source.partition(":")[0]]
    except KeyError as error:
        raise UnknownSource(source) from error


def ordered(key: str, words: Iterable[Word], now: datetime) -> list[Word]:
    """The words on one attribute, the one that holds first; the same for any order of arrival (section 12).

    pinned > policy rank > effective time > source rank > provider's sequence > hash of the write. Where a source that
    counts whole seconds spoke within a second, fractions of that second decide nothing: so the order stays transitive.
    """
    known = list(words)
    coarse = {_second(word) for word in known if word.whole_second}

    def worth(word: Word) -> tuple[Any, ...]:
        policy = word.rank if word.sticks(key, now) else -1
        fraction = 0 if _second(word) in coarse else word.effective_at.microsecond
        return (word.pinned, policy, _second(word), fraction, word.rank, word.sequence, word.tie_break)

    return sorted(known, key=worth, reverse=True)


def is_tie(first: Word, second: Word) -> bool:
    """Did only the hash decide between two words of different writes that disagree?"""
    same_time = _second(first) == _second(second) and (
        first.whole_second or second.whole_second or first.effective_at == second.effective_at
    )
    same_worth = (first.pinned, first.rank, first.sequence) == (second.pinned, second.rank, second.sequence)
    return same_time and same_worth and first.disagrees(second) and first.tie_break != second.tie_break


def name_key(name: str) -> str:
    """A name as suggestions compare it: marks stripped, casefolded, its parts sorted."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(sorted(plain.casefold().split()))


def _second(word: Word) -> datetime:
    return word.effective_at.replace(microsecond=0)

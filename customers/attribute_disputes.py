"""Which words disagree so that a person should know? Told from the words, whatever order they came in. Pure.

A newer word that lost to one that sticks; an older one whose verification ran out; a tie; and after a merge what two
people, now one, had each been known by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from customers.attribute_rules import Definition
from customers.attribute_weighing import Weighed, sticks
from customers.sources import RANKS, Word

SINGLE = frozenset({"verified_sticky", "newest", "source_order"})  # an extreme and a set disagree with nobody
EXPIRED = ":verification_expired"
# When two origins became one person; None if they never were two, or are not one any more.
Joined = Callable[[int, int], datetime | None]


@dataclass(frozen=True, slots=True)
class Dispute:
    """The word that holds, and one that disagrees; `kind` and `subject` as the conflict is kept."""

    kind: str
    subject: str
    best: Word
    other: Word


def disputes(definition: Definition, weighed: Weighed, *, joined: Joined, now: datetime) -> list[Dispute]:
    """What disagrees with what holds; nothing where the definition says that nobody wants to know."""
    best = weighed.best
    if best is None or definition.on_disagreement != "flag" or definition.policy not in SINGLE:
        return []
    return list(_all(definition, weighed, best, joined, now))


def _all(definition: Definition, weighed: Weighed, best: Word, joined: Joined, now: datetime) -> Iterator[Dispute]:
    heard_of = {best.customer_id}
    for other in weighed.words[1:]:
        # Of every other origin only what it would show itself: what it has said before is history.
        is_its_best = other.customer_id not in heard_of and not other.fills
        heard_of |= {other.customer_id} if is_its_best else set()
        if not best.disagrees(other) or RANKS["inferred"] in (best.rank, other.rank):
            continue
        met = is_its_best and _met_disagreeing(best, other, joined)
        if kind := _kind(definition, best, other, met, now):
            subject = definition.key + (EXPIRED if kind == EXPIRED else "")
            yield Dispute("value_disagrees" if kind == EXPIRED else kind, subject, best, other)


def _kind(definition: Definition, best: Word, other: Word, met: bool, now: datetime) -> str:
    if best.fills != other.fills:
        return ""
    if met and _is_firm(best, now) and _is_firm(other, now):
        return "two_verified"
    if best.pinned:
        return "value_disagrees" if other.effective_at > best.effective_at else ""
    is_newer = other.effective_at > best.effective_at
    if met or (sticks(definition, best, now) and is_newer):
        return "value_disagrees"
    if definition.policy == "verified_sticky" and not sticks(definition, best, now) and other.is_expired(now):
        return EXPIRED
    return "tie" if is_tie(best, other) else ""


def _met_disagreeing(best: Word, other: Word, joined: Joined) -> bool:
    """Had each of two people been known by this word before they turned out to be one?"""
    at = joined(best.customer_id, other.customer_id)
    return at is not None and best.effective_at <= at and other.effective_at <= at


def _is_firm(word: Word, now: datetime) -> bool:
    return word.pinned or word.is_verified(now)


def is_tie(first: Word, second: Word) -> bool:
    """Did only the hash decide between two words of different writes that disagree?"""
    same_time = first.second == second.second and (
        first.whole_second or second.whole_second or first.effective_at == second.effective_at
    )
    same_worth = (first.pinned, first.rank, first.sequence) == (second.pinned, second.rank, second.sequence)
    return same_time and same_worth and first.disagrees(second) and first.tie_break != second.tie_break

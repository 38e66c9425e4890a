"""What is shown of a person, and what must people settle? Computed from all observations of the cluster, every time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial

from common import clock
from common.crypto import blind
from customers import attribute_facts, conflicts, definitions, sources, sql
from customers.attribute_disputes import EXPIRED, Dispute, Joined, disputes
from customers.attribute_facts import Known, Subject
from customers.attribute_rules import Definition
from customers.attribute_weighing import Weighed, weigh
from customers.models import Conflict, Link, Observation
from customers.sources import Word
from customers.sql import Shown

MATCHED = ("name", "city")  # suggestions look for these, by digest
CHOSEN = "merge:"  # the values that somebody chose at a merge; `write_group` is its link
Seen = Callable[[list[str]], Iterable[Collection[str]]]  # by subject, what people have settled conflicts between


class Joins:
    """When two origins of a cluster became one person, told by the links that are in force; read when first asked."""

    def __init__(self, root_id: int, links: Iterable[tuple[int, int, datetime]] | None = None) -> None:
        self.root_id, self.links = root_id, links
        self.since: dict[int, dict[int, datetime]] = {}

    def __call__(self, one: int, other: int) -> datetime | None:
        """None if the links do not join them."""
        if self.links is None:
            self.links = sql.joins(self.root_id)
        if one not in self.since:
            self.since[one] = _met(one, self.links)
        return self.since[one].get(other)


def _met(one: int, links: Iterable[tuple[int, int, datetime]]) -> dict[int, datetime]:
    """Since when each of the others is one person with this one; the links as they came."""
    found: dict[int, datetime] = {}
    together: dict[int, set[int]] = {}
    for a, b, at in links:
        group, added = together.get(a, {a}), together.get(b, {b})
        if group is added:
            continue
        if one in group or one in added:
            found |= dict.fromkeys(added if one in group else group, at)
        group |= added
        together |= dict.fromkeys(added | {a}, group)
    return found


def resolve(wanted: Mapping[int, Iterable[str]], *, is_locked: bool = False) -> None:
    """These keys of each of these roots anew, within a transaction; all of them are read, and shown, at once."""
    if not is_locked:
        sql.lock_attributes(*wanted)
    found, shown, empty = attribute_facts.of(wanted), [], []
    for root_id, keys in wanted.items():
        facts = found[root_id]
        joined, seen = Joins(root_id, facts.links), partial(_settled, facts.settled)
        for key in sorted(set(keys)):
            weighed, standing = _weighed(definitions.of(key), facts.said[key], joined, seen)
            if weighed.best is None:
                empty.append((root_id, key))
            else:
                shown.append(_row(root_id, key, weighed, weighed.best, is_disputed=bool(standing)))
            _reconcile(_about(key, facts.conflicts.values()), standing, None)
    sql.show(shown)
    sql.hide(empty)


def heard(row: Observation) -> Weighed:
    """A word that was just appended; if it disagrees, the conflict counts one more."""
    root_id, key = sql.lock_attributes_of(row.customer_id, row.customer.root_id), row.key
    said, seen = sql.observations(root_id, key), partial(sql.looked_at, root_id)
    weighed, standing = _weighed(definitions.of(key), said, Joins(root_id), seen)
    if weighed.best is None:
        sql.hide([(root_id, key)])
        was_disputed = True
    else:
        was_disputed = sql.show([_row(root_id, key, weighed, weighed.best, is_disputed=bool(standing))])
    if standing or was_disputed:
        _reconcile(_about(key, sql.open_conflicts(root_id)), standing, row)
    return weighed


def _weighed(
    definition: Definition, said: Iterable[Observation], joined: Joined, seen: Seen
) -> tuple[Weighed, list[Dispute]]:
    """What holds, under the cluster's lock, and what people must settle about it."""
    now = clock.now()
    weighed = weigh(definition, words(definition, said), now)
    return weighed, _unsettled(disputes(definition, weighed, joined=joined, now=now), seen)


def _settled(known: Iterable[tuple[str, list[str]]], subjects: list[str]) -> list[list[str]]:
    return [candidates for subject, candidates in known if subject in subjects]


def words(definition: Definition, rows: Iterable[Observation]) -> list[Word]:
    """The observations as the order looks at them, without those of sources that this installation ignores and those
    that were chosen at a merge that was undone.
    """
    found = [(row, definitions.takes(definition, row.source)) for row in _standing(list(rows))]
    return [_word(row, fills=takes == "fill_empty" and not row.pinned) for row, takes in found if takes != "ignore"]


def _standing(rows: list[Observation]) -> list[Observation]:
    groups = {row.write_group for row in rows if row.write_group and row.source_event_id.startswith(CHOSEN)}
    if not groups:
        return rows
    undone = Link.objects.filter(public_id__in=groups, revoked_at__isnull=False)
    gone = set(undone.values_list("public_id", flat=True))
    return [row for row in rows if row.write_group not in gone]


def _word(row: Observation, *, fills: bool) -> Word:
    return Word(
        id=row.pk,
        customer_id=row.customer_id,
        value=row.value,
        is_clear=row.is_clear,
        rank=row.source_rank,
        effective_at=row.effective_at,
        whole_second=row.time_quality == Observation.TimeQuality.SECOND,
        sequence=row.sequence,
        source_event_id=row.source_event_id,
        write_group=row.write_group,
        verified_until=row.verified_until,
        pinned=row.pinned,
        source=sources.head(row.source),
        fills=fills,
    )


def _row(root_id: int, key: str, weighed: Weighed, best: Word, *, is_disputed: bool) -> Shown:
    """The row that shows what holds."""
    parts = [word.id for word in weighed.parts] or None
    return Shown(root_id, key, best.id, parts, is_disputed, match_key(key, best))


def match_key(key: str, word: Word) -> str:
    """What suggestions compare of a value, as a digest; nothing for most attributes."""
    if key not in MATCHED or not isinstance(word.value, str):
        return ""
    plain = sources.name_key(word.value)
    return blind(key, value=plain) if plain else ""


def _unsettled(found: list[Dispute], seen: Seen) -> list[Dispute]:
    """Without those that a person has looked at: they closed a conflict about that word, and what held then holds."""
    if not found:
        return []
    settled = [set(candidates) for candidates in seen(sorted({one.subject for one in found}))]
    return [one for one in found if not any(_was_seen(one, candidates) for candidates in settled)]


def _was_seen(one: Dispute, candidates: Collection[str]) -> bool:
    best, other = _candidates([one])
    return other in candidates and (one.best.pinned or best in candidates)


def _reconcile(known: Known, standing: list[Dispute], said: Observation | None) -> None:
    """Opens what is missing, counts what was repeated, closes what nobody has to settle any more."""
    wanted: dict[Subject, list[Dispute]] = {}
    for one in standing:
        wanted.setdefault((one.kind, one.subject), []).append(one)
    for subject, row in known.items():
        if subject not in wanted:
            conflicts.close(conflict=row, by=conflicts.SYSTEM, resolution="no_longer_disputed")
    for subject, found in wanted.items():
        just_said = [one for one in found if said is not None and said.pk in (one.best.id, one.other.id)]
        if just_said or subject not in known:
            home = known[subject].customer_id if subject in known else _newer(found[0]).customer_id
            candidates = _candidates(just_said or found)
            conflicts.note(customer_id=home, kind=subject[0], subject=subject[1], candidates=candidates)


def _about(key: str, found: Iterable[Conflict]) -> Known:
    return {(row.kind, row.subject): row for row in found if row.subject in (key, key + EXPIRED)}


def _newer(one: Dispute) -> Word:
    return max((one.best, one.other), key=lambda word: (word.effective_at, word.id))


def _candidates(found: list[Dispute]) -> list[str]:
    return [f"observation:{word.id}" for one in found for word in (one.best, one.other)]

"""What is shown of a person, and what must people settle? Computed from all observations of the cluster, every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from common import clock
from common.crypto import blind
from customers import conflicts, definitions, sources, sql
from customers.attribute_disputes import EXPIRED, Dispute, disputes
from customers.attribute_rules import Definition
from customers.attribute_weighing import Weighed, weigh
from customers.models import Attribute, Conflict, Link, Observation
from customers.sources import Word

MATCHED = ("name", "city")  # suggestions look for these, by digest
ABOUT_VALUES = ("value_disagrees", "tie", "two_verified")
CHOSEN = "merge:"  # the values that somebody chose at a merge; `write_group` is its link
Subject = tuple[str, str]
Known = dict[tuple[str, str], Conflict]


class Joins:
    """When two origins of a cluster became one person, told by the links that are in force; read when first asked."""

    def __init__(self, root_id: int) -> None:
        self.root_id = root_id
        self.links: list[tuple[int, int, datetime]] | None = None
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
    """These keys of each of these roots anew, within a transaction; what is read of all of them is read at once."""
    if not is_locked:
        sql.lock_attributes(*wanted)
    said, open_now = _said(wanted), _open(*wanted)
    for root_id, keys in wanted.items():
        joined = Joins(root_id)
        for key in sorted(set(keys)):
            known = {subject: row for subject, row in open_now[root_id].items() if _is_about(row, key)}
            _project(root_id, key, joined, known, said=said[root_id, key])


def _said(wanted: Mapping[int, Iterable[str]]) -> dict[tuple[int, str], list[Observation]]:
    found: dict[tuple[int, str], list[Observation]] = defaultdict(list)
    every = sorted({key for keys in wanted.values() for key in keys})
    for root_id, row in sql.observations_of(list(wanted), every):
        found[root_id, row.key].append(row)
    return found


def heard(row: Observation) -> Weighed:
    """A word that was just appended; if it disagrees, the conflict counts one more."""
    root_id = sql.lock_attributes_of(row.customer_id, row.customer.root_id)
    return _project(root_id, row.key, Joins(root_id), None, row, said=sql.observations(root_id, row.key))


def _project(
    root_id: int,
    key: str,
    joined: Joins,
    known: Known | None,
    new: Observation | None = None,
    *,
    said: Iterable[Observation],
) -> Weighed:
    """Under the cluster's lock: the row that shows what holds, and the conflicts (`known`, or read) as they stand."""
    definition, now = definitions.of(key), clock.now()
    weighed = weigh(definition, words(definition, said), now)
    standing = _unsettled(root_id, disputes(definition, weighed, joined=joined, now=now))
    was_disputed = _show(root_id, definition, weighed, is_disputed=bool(standing))
    if known is None and (standing or was_disputed):
        known = {subject: row for subject, row in _open(root_id)[root_id].items() if _is_about(row, key)}
    if standing or known:
        _reconcile(known or {}, standing, new)
    return weighed


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


def _show(root_id: int, definition: Definition, weighed: Weighed, *, is_disputed: bool) -> bool:
    """Writes the row, or drops it when nobody has said anything; was it disputed before?"""
    best = weighed.best
    if best is None:
        Attribute.objects.filter(root_id=root_id, key=definition.key).delete()
        return True
    return sql.show(
        root_id=root_id,
        key=definition.key,
        observation_id=best.id,
        words=[word.id for word in weighed.parts] or None,
        has_conflict=is_disputed,
        match_key=match_key(definition.key, best),
    )


def match_key(key: str, word: Word) -> str:
    """What suggestions compare of a value, as a digest; nothing for most attributes."""
    if key not in MATCHED or not isinstance(word.value, str):
        return ""
    plain = sources.name_key(word.value)
    return blind(key, value=plain) if plain else ""


def _unsettled(root_id: int, found: list[Dispute]) -> list[Dispute]:
    """Without those that a person has looked at: they closed a conflict about that word, and what held then holds."""
    if not found:
        return []
    seen = [set(row) for row in sql.looked_at(root_id, sorted({one.subject for one in found}), conflicts.SYSTEM)]
    return [one for one in found if not any(_was_seen(one, candidates) for candidates in seen)]


def _was_seen(one: Dispute, candidates: set[str]) -> bool:
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


def _open(*roots: int) -> dict[int, Known]:
    """The open conflicts about values of each root, the first of each kind and subject."""
    found: dict[int, Known] = {root: {} for root in roots}
    for root_id, row in sql.open_conflicts(roots, ABOUT_VALUES):
        found[root_id][row.kind, row.subject] = row
    return found


def _is_about(row: Conflict, key: str) -> bool:
    return row.subject in (key, key + EXPIRED)


def _newer(one: Dispute) -> Word:
    return max((one.best, one.other), key=lambda word: (word.effective_at, word.id))


def _candidates(found: list[Dispute]) -> list[str]:
    return [f"observation:{word.id}" for one in found for word in (one.best, one.other)]

"""How do two customers become one, and two again? By a link between their origins; no fact ever moves.

Problem
+-- DistinctPair  409 distinct_pair    somebody said that these are two people
+-- Clash         409 exclusive_clash  both have a different user id or customer number of one place
+-- CapReached    409 cap_reached      the cluster has as many links or addresses as it may
+-- StalePreview  409 stale_preview    one of them has changed since somebody looked
+-- Gone          410 erased           one of them was erased
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from common import clock, rows
from common.problems import Problem
from customers import attributes, clusters, crowding, distinct, handing, merge_sql, policy, sql
from customers.clusters import Moved, ordered, undisturbed
from customers.drift import check
from customers.handing import Handed
from customers.merge_sql import Standing
from customers.models import Customer, Link, MergeEvent

__all__ = [
    "CapReached", "Clash", "DistinctPair", "Gone", "Merged", "StalePreview", "check", "follow", "merge", "refusals",
    "split", "undisturbed",
]  # fmt: skip

_followers: list[Callable[[MergeEvent], None]] = []


class DistinctPair(Problem):
    code, title, status = "distinct_pair", "Somebody has decided that these are two people.", 409


class Clash(Problem):
    code, title, status = (
        "exclusive_clash",
        "Both have a different user id or customer number of one place.",
        409,
    )


class CapReached(Problem):
    code, title, status = "cap_reached", "This person has as many links or addresses as one may have.", 409


class StalePreview(Problem):
    code, title, status = "stale_preview", "One of the two has changed since you looked; look again.", 409


class Gone(Problem):
    code, title, status = "erased", "This customer was erased.", 410


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it: the root that stands for both, and the ledger's row (None: they were one already)."""

    root: Customer
    link: Link | None
    event: MergeEvent | None


def merge(
    *,
    a: Customer,
    b: Customer,
    kind: str,
    rule: str,
    actor: str,
    request_id: str,
    evidence: Mapping[str, Any] | None = None,
    reason: str = "",
    is_forced: bool = False,
    expected: str = "",
) -> Merged:
    """Joins the clusters of two origins; the same `request_id` again gives the first result.

    `evidence`: ids, never values. `is_forced` overrides a clash of site users and a distinct pair, with a `reason`.
    `expected`: the stamp of what somebody decided on. Two at once end in one order; a racer that came too late begins
    again. One transaction of its own.
    """

    def work() -> Merged:
        held, is_quiet = merge_sql.locked_quietly(a.pk, b.pk)
        found = merge_sql.standing(a.pk, b.pk, roots=held, request_id=request_id)
        if found.event is not None:
            known = MergeEvent.objects.select_related("link").get(pk=found.event)
            return Merged(Customer.objects.get(pk=found.one), known.link, known)
        if {found.one, found.other} != set(held):
            raise Moved
        one, other = held[found.one], held[found.other]
        words = dict(evidence or {})
        said = {"kind": kind, "evidence": words, "decided_by": actor, "reason": reason[:200]}
        if one is other:
            return Merged(one, _link(a, b, rule, said), None)
        _allow(one, other, found, expected=expected, is_forced=is_forced)
        if found.is_distinct:
            words |= distinct.overrule(one.pk, other.pk)
        return _join(one, other, _new_link(a, b, rule, said), found, request_id=request_id, is_quiet=is_quiet)

    return undisturbed(work)


def split(
    *,
    links: Sequence[Link],
    actor: str,
    request_id: str,
    reason: str = "",
    stay_apart: bool = True,
    handed: Sequence[Handed] = (),
) -> MergeEvent:
    """Revokes links of one cluster, whatever came after them; the pieces are as if those had never been.

    `stay_apart`: the pairs on both sides of the cut are marked as two people, so that no rule joins them again. If
    not, a suggestion that one of the links accepted is open again.
    `handed`: what was added since and belongs to another piece than the one that keeps the id.
    """

    def work() -> MergeEvent:
        known = MergeEvent.objects.filter(request_id=request_id).first()
        if known is not None:
            return known
        event = _split(links, actor=actor, request_id=request_id, reason=reason, stay_apart=stay_apart)
        handing.over(handed, actor=actor, request_id=request_id)
        _tell(event)
        return event

    return undisturbed(work)


def follow(then: Callable[[MergeEvent], None]) -> None:
    """The apps above are told of every merge and split, in its transaction; called when Django is ready."""
    _followers.append(then)


def refusals(one: Customer, other: Customer) -> list[str]:
    """The codes of what forbids to join these two roots now; the first one would be raised."""
    if one.pk == other.pk:
        return []
    found = merge_sql.standing(one.pk, other.pk, roots=(one.pk, other.pk))
    return [problem.code for problem in _refusals(found, is_forced=False)]


def _allow(one: Customer, other: Customer, found: Standing, *, expected: str, is_forced: bool) -> None:
    """Raises the first thing that forbids it."""
    if expected and clusters.stamp(one, other) != expected:
        raise StalePreview()
    if refused := _refusals(found, is_forced=is_forced):
        raise refused[0]


def _link(a: Customer, b: Customer, rule: str, said: Mapping[str, Any]) -> Link | None:
    """Evidence counts also inside one cluster: undoing another link must not part them (ID-I7)."""
    if a.pk == b.pk:
        return None
    link = _new_link(a, b, rule, said)
    is_new = rows.insert(link, ignore_conflicts=True)
    return link if is_new else Link.objects.live().get(a_id=link.a_id, b_id=link.b_id, rule=rule)


def _new_link(a: Customer, b: Customer, rule: str, said: Mapping[str, Any]) -> Link:
    low, high = ordered(a.pk, b.pk)
    return Link(a_id=low, b_id=high, rule=rule, **said)


def _refusals(found: Standing, *, is_forced: bool) -> list[Problem]:
    rules = policy.current()
    is_full = found.links >= rules.links_max or found.identities > rules.identities_max
    problems: list[tuple[bool, Problem]] = [
        (found.is_erased, Gone()),
        (found.is_distinct and not is_forced, DistinctPair()),
        (found.is_clash and not is_forced, Clash()),
        (is_full, CapReached()),
    ]
    return [problem for holds, problem in problems if holds]


def _join(one: Customer, other: Customer, link: Link, found: Standing, *, request_id: str, is_quiet: bool) -> Merged:
    root = clusters.survivor((one, other))
    lesser = other if root is one else one
    event = MergeEvent(
        kind=MergeEvent.Kind.MERGE,
        request_id=request_id,
        root_before=sorted((one.pk, other.pk)),
        root_after=[root.pk],
        actor=link.decided_by,
        reason=link.reason,
    )
    done = merge_sql.join(link, event, root=root.pk, lesser=lesser.pk, kind=found.kind, is_quiet=is_quiet)
    root.version, root.last_seen_at, root.kind = done.version, done.last_seen_at, found.kind
    event.pk, event.version = done.event, done.version
    link.pk = done.link
    rows.is_stored(event)
    rows.is_stored(link)
    if not done.is_new:
        link = Link.objects.get(pk=done.link)
    event.link = link
    _show_as_one(root.pk, lesser.pk, done.keys, is_quiet=is_quiet)
    crowding.look_at(root, members=found.members, recent=found.links_of_an_hour + 1)
    _tell(event)
    return Merged(root, link, event)


def _split(links: Sequence[Link], *, actor: str, request_id: str, reason: str, stay_apart: bool) -> MergeEvent:
    root = clusters.locked_roots(*[link.a_id for link in links])[links[0].a_id]
    chosen = Link.objects.live().of_cluster(root.pk).filter(pk__in=[link.pk for link in links])
    revoked = list(chosen)
    chosen.update(revoked_at=clock.now(), revoked_by=actor, reason=reason[:200])
    members = list(Customer.objects.cluster(root).select_for_update(no_key=True).order_by("pk"))
    parts = clusters.pieces(members, clusters.live_pairs(root.pk))
    roots = [clusters.survivor(part) for part in parts]
    for part, head in zip(parts, roots, strict=True):
        Customer.objects.filter(pk__in=[member.pk for member in part]).update(root_id=head.pk, version=F("version") + 1)
    distinct.keep(revoked, parts, by=actor, reason=reason, stay_apart=stay_apart)
    # The piece that keeps the root first: what it showed of the others must go before they show it themselves.
    _show_apart(sorted((head.pk for head in roots), key=lambda pk: pk != root.pk))
    root.refresh_from_db(fields=["version"])
    event = MergeEvent(
        kind=MergeEvent.Kind.SPLIT,
        request_id=request_id,
        root_before=[root.pk],
        root_after=sorted(head.pk for head in roots),
        link=links[0],
        actor=actor,
        reason=reason[:200],
        version=root.version,
    )
    rows.insert(event)
    return event


def _tell(event: MergeEvent) -> None:
    for then in _followers:
        then(event)


def _show_as_one(root_id: int, lesser_id: int, keys: Sequence[str], *, is_quiet: bool) -> None:
    """What holds of the two together. If somebody is observing just now, once more when both have committed."""
    if not is_quiet:
        transaction.on_commit(lambda: _show_later([lesser_id]))
    elif keys:
        attributes.resolve(root_id, keys, is_locked=True)


def _show_apart(roots: Iterable[int]) -> None:
    merge_sql.tell_kinds(roots)
    if merge_sql.try_attributes(roots):
        attributes.resolve_all(merge_sql.keys_of(roots), is_locked=True)
    else:
        transaction.on_commit(lambda: _show_later(roots))


def _show_later(origins: Iterable[int]) -> None:
    """What the clusters of these show now, each when whoever is observing it as what it was before has committed."""
    for origin in origins:
        with transaction.atomic():
            root_id = sql.lock_attributes_of(origin, origin)
            if root_id != origin:
                merge_sql.forget([origin])
            attributes.resolve_all(merge_sql.keys_of([root_id]), is_locked=True)

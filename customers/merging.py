"""How do two customers become one, and two again? By a link between their origins; no fact ever moves.

Problem
+-- DistinctPair  409 distinct_pair    somebody said that these are two people
+-- Clash         409 exclusive_clash  both have a different user id of the same site
+-- CapReached    409 cap_reached      the cluster has as many links or addresses as it may
+-- StalePreview  409 stale_preview    one of them has changed since somebody looked
+-- Gone          410 erased           one of them was erased
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Q

from common import clock
from common.problems import Problem
from customers import attributes, clusters, news, policy
from customers.clusters import Moved, ordered
from customers.models import Attribute, Customer, Distinct, Identity, Link, MergeEvent, Observation
from customers.namespaces import EXCLUSIVE, Namespace

TRIES = 12
Answer = TypeVar("Answer")

_followers: list[Callable[[MergeEvent], None]] = []


class DistinctPair(Problem):
    code, title, status = "distinct_pair", "Somebody has decided that these are two people.", 409


class Clash(Problem):
    code, title, status = "exclusive_clash", "Both have a different user id of the same site.", 409


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
        known = MergeEvent.objects.select_related("link").filter(request_id=request_id).first()
        if known is not None:
            return Merged(_root_of(a.pk), known.link, known)
        roots = clusters.locked_roots(a.pk, b.pk)
        link = _link(a, b, kind=kind, rule=rule, actor=actor, evidence=evidence, reason=reason)
        if roots[a.pk].pk == roots[b.pk].pk:
            return Merged(roots[a.pk], link, None)
        if expected and clusters.stamp(roots[a.pk], roots[b.pk]) != expected:
            raise StalePreview()
        if found := _refusals(roots[a.pk], roots[b.pk], is_forced=is_forced):
            raise found[0]
        return _join(roots[a.pk], roots[b.pk], link, actor=actor, request_id=request_id, reason=reason)

    return undisturbed(work)


def split(
    *, links: Sequence[Link], actor: str, request_id: str, reason: str = "", stay_apart: bool = True
) -> MergeEvent:
    """Revokes links of one cluster, whatever came after them; the pieces are as if those had never been.

    `stay_apart`: the pairs on both sides of the cut are marked as two people, so that no rule joins them again.
    """

    def work() -> MergeEvent:
        known = MergeEvent.objects.filter(request_id=request_id).first()
        return known or _split(links, actor=actor, request_id=request_id, reason=reason, stay_apart=stay_apart)

    return undisturbed(work)


def undisturbed(work: Callable[[], Answer]) -> Answer:
    """Runs `work` in a transaction; begins again, a little later, when the clusters moved or a racer won."""
    for number in range(TRIES - 1):
        try:
            with transaction.atomic():
                return work()
        except (Moved, IntegrityError):
            pass
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "40P01" or transaction.get_connection().in_atomic_block:
                raise
        time.sleep(random.uniform(0, 0.01 * 2**number))
    with transaction.atomic():
        return work()


def follow(then: Callable[[MergeEvent], None]) -> None:
    """The apps above are told of every merge and split, in its transaction; called when Django is ready."""
    _followers.append(then)


def check(*, repair: bool = False) -> list[int]:
    """The customers whose root is not what their links say (ID-I2); `repair` puts them right. Empty is well."""
    drifted: list[int] = []
    members = {row.pk: row for row in Customer.objects.filter(_linked() | ~Q(root_id=F("id")))}
    pairs = list(Link.objects.live().values_list("a_id", "b_id"))
    for piece in clusters.pieces(list(members.values()), pairs):
        root = clusters.survivor(piece)
        wrong = [member.pk for member in piece if member.root_id != root.pk]
        drifted += wrong
        if repair and wrong:
            with transaction.atomic():
                Customer.objects.filter(pk__in=[member.pk for member in piece]).update(root_id=root.pk)
                _recompute([root])
    return drifted


def _linked() -> Q:
    live = Link.objects.live()
    return Q(pk__in=live.values("a_id")) | Q(pk__in=live.values("b_id"))


def _root_of(customer_id: int) -> Customer:
    return Customer.objects.get(members__pk=customer_id)


def _link(
    a: Customer, b: Customer, *, kind: str, rule: str, actor: str, evidence: Mapping[str, Any] | None, reason: str
) -> Link | None:
    """Evidence counts also inside one cluster: undoing another link must not part them (ID-I7)."""
    if a.pk == b.pk:
        return None
    low, high = ordered(a.pk, b.pk)
    fields = {"kind": kind, "evidence": dict(evidence or {}), "decided_by": actor, "reason": reason[:200]}
    return Link.objects.get_or_create(a_id=low, b_id=high, rule=rule, revoked_at=None, defaults=fields)[0]


def refusals(one: Customer, other: Customer) -> list[str]:
    """The codes of what forbids to join these two roots now; the first one would be raised."""
    return [problem.code for problem in _refusals(one, other, is_forced=False)]


def _refusals(one: Customer, other: Customer, *, is_forced: bool) -> list[Problem]:
    both, found = (one.pk, other.pk), list[Problem]()
    if Customer.Status.ERASED in (one.status, other.status):
        found.append(Gone())
    if not is_forced and are_distinct(one.pk, other.pk):
        found.append(DistinctPair())
    if not is_forced and _clash(one.pk, other.pk):
        found.append(Clash())
    rules, links = policy.current(), Link.objects.live().filter(a__root_id__in=both).count()
    held = Identity.objects.live().filter(customer__root_id__in=both).count()
    if links > rules.links_max or held > rules.identities_max:
        found.append(CapReached())
    return found


def are_distinct(one: int, other: int) -> bool:
    """Has somebody decided that these two clusters (root ids) are two people?"""
    return Distinct.objects.filter(Q(a__root_id=one, b__root_id=other) | Q(a__root_id=other, b__root_id=one)).exists()


def _clash(one: int, other: int) -> bool:
    """Two different live values of one exclusive kind and scope (ID-I4)."""
    held: dict[tuple[str, str], str] = {}
    rows = Identity.objects.live().routable().filter(customer__root_id__in=(one, other), namespace__in=EXCLUSIVE)
    for namespace, scope, key in rows.values_list("namespace", "scope", "key"):
        if held.setdefault((namespace, scope), key) != key:
            return True
    return False


def _join(one: Customer, other: Customer, link: Link | None, *, actor: str, request_id: str, reason: str) -> Merged:
    root = clusters.survivor((one, other))
    lesser = other if root is one else one
    Customer.objects.filter(root_id=lesser.pk).update(root_id=root.pk)
    root.version += 1
    root.last_seen_at = max(one.last_seen_at, other.last_seen_at)
    root.save(update_fields=["version", "last_seen_at"])
    _recompute([root], gone=lesser.pk)
    event = MergeEvent.objects.create(
        kind=MergeEvent.Kind.MERGE,
        request_id=request_id,
        root_before=sorted((one.pk, other.pk)),
        root_after=[root.pk],
        link=link,
        actor=actor,
        reason=reason[:200],
        version=root.version,
    )
    _tell(event)
    return Merged(root, link, event)


def _split(links: Sequence[Link], *, actor: str, request_id: str, reason: str, stay_apart: bool) -> MergeEvent:
    root = clusters.locked_roots(*[link.a_id for link in links])[links[0].a_id]
    now = clock.now()
    Link.objects.live().of_cluster(root.pk).filter(pk__in=[link.pk for link in links]).update(
        revoked_at=now, revoked_by=actor, reason=reason[:200]
    )
    members = list(Customer.objects.cluster(root).select_for_update(no_key=True).order_by("pk"))
    parts = clusters.pieces(members, clusters.live_pairs(root.pk))
    roots = [clusters.survivor(part) for part in parts]
    for part, head in zip(parts, roots, strict=True):
        Customer.objects.filter(pk__in=[member.pk for member in part]).update(root_id=head.pk, version=F("version") + 1)
    if stay_apart:
        _keep_apart(links, parts, by=actor, reason=reason)
    # The piece that keeps the root first: what it showed of the others must go before they show it themselves.
    _recompute(sorted(roots, key=lambda head: head.pk != root.pk))
    root.refresh_from_db(fields=["version"])
    event = MergeEvent.objects.create(
        kind=MergeEvent.Kind.SPLIT,
        request_id=request_id,
        root_before=[root.pk],
        root_after=sorted(head.pk for head in roots),
        link=links[0],
        actor=actor,
        reason=reason[:200],
        version=root.version,
    )
    _tell(event)
    return event


def _tell(event: MergeEvent) -> None:
    for then in _followers:
        then(event)
    news.tell(*event.root_before, *event.root_after)


def _keep_apart(links: Iterable[Link], parts: Sequence[Sequence[Customer]], *, by: str, reason: str) -> None:
    """The ends of the revoked links that are in different pieces now."""
    piece = {member.pk: number for number, part in enumerate(parts) for member in part}
    cut = {ordered(link.a_id, link.b_id) for link in links if piece.get(link.a_id) != piece.get(link.b_id)}
    pairs = [Distinct(a_id=a, b_id=b, by=by, reason=reason[:200]) for a, b in sorted(cut)]
    Distinct.objects.bulk_create(pairs, ignore_conflicts=True)


def _recompute(roots: Sequence[Customer], gone: int | None = None) -> None:
    """What the clusters show, from the observations that are theirs now."""
    if gone is not None:
        Attribute.objects.filter(root_id=gone).delete()
    for root in roots:
        keys = set(Observation.objects.filter(customer__root_id=root.pk).values_list("key", flat=True))
        shown = set(Attribute.objects.filter(root_id=root.pk).values_list("key", flat=True))
        attributes.resolve(root.pk, keys | shown)
        Customer.objects.filter(pk=root.pk).update(kind=_kind(root.pk))


def _kind(root_id: int) -> str:
    """Known to a site, a browser only, or somebody in between: told by the addresses, so that a split undoes it."""
    held = set(Identity.objects.of_cluster(root_id).values_list("namespace", flat=True))
    if held & EXCLUSIVE:
        return Customer.Kind.KNOWN
    return Customer.Kind.ANONYMOUS if held and held <= {Namespace.VISITOR} else Customer.Kind.LEAD

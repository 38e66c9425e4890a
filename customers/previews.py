"""What would a merge or a split do? Shown side by side before anybody decides, and checked again when they do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from common import clock
from customers import attributes, audit, clusters, conflicts, definitions, facts, merging
from customers.attribute_facts import ABOUT_VALUES
from customers.attribute_projection import CHOSEN
from customers.merging import Merged
from customers.models import Attribute, Conflict, Consent, Customer, Identity, Link, Observation


@dataclass(frozen=True, slots=True)
class Word:
    """What one side says of an attribute, and how it knows."""

    value: Any
    source: str
    at: datetime
    verified_by: str


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute on both sides; `kept` is the side whose word would hold: left, right, or both if they agree."""

    key: str
    left: Word | None
    right: Word | None
    kept: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: the person as they are."""

    customer: Customer
    identities: Sequence[Identity]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """A merge before it is one. `blocked` are the codes of what forbids it, `stamp` what the decision rests on."""

    left: Side
    right: Side
    fields: Sequence[Field]
    consent: Sequence[Consent]
    blocked: Sequence[str]
    stamp: str
    survivor: Customer
    is_suppressed: bool = False  # one of them wants to be left alone, and so would the person


@dataclass(frozen=True, slots=True)
class Piece:
    """Who would be together after a split; `keeps` the public id of the cluster as it is."""

    members: Sequence[Customer]
    identities: Sequence[Identity]
    counts: Mapping[str, int]
    keeps: bool

    @property
    def head(self) -> Customer:
        """Who would stand for them."""
        return clusters.survivor(self.members)


def preview(a: Customer, b: Customer) -> Preview:
    """Both sides, what would hold afterwards, what forbids it. Writes nothing."""
    left, right = _side(a), _side(b)
    roots = (left.customer, right.customer)
    return Preview(
        left=left,
        right=right,
        fields=_fields(*roots),
        consent=_consent(roots),
        blocked=merging.refusals(*roots),
        stamp=clusters.stamp(*roots),
        survivor=clusters.survivor(roots),
        is_suppressed=clusters.is_suppressed(*(root.pk for root in roots)),
    )


def decide(
    *,
    a: Customer,
    b: Customer,
    expected: str,
    choices: Mapping[str, Any],
    actor: str,
    request_id: str,
    reason: str = "",
    is_forced: bool = False,
    evidence: Mapping[str, Any] | None = None,
    kept: Collection[str] = (),
) -> Merged:
    """A person has looked and decided: the merge, and `choices` (key -> value) as words that a person verified.

    `kept`: the keys of which they saw both values and left what holds by itself; nobody is asked about those again.
    `expected` is the stamp of what was shown; `merging.StalePreview` if something of it is different now.
    """

    @transaction.atomic
    def work() -> Merged:
        before = set(_disputes([a.root_id, b.root_id]).values_list("pk", flat=True))
        done = merging.merge(
            a=a,
            b=b,
            kind=Link.Kind.MANUAL,
            rule="by_hand",
            evidence=evidence,
            actor=actor,
            request_id=request_id,
            reason=reason,
            is_forced=is_forced,
            expected=expected,
        )
        _choose(done, choices, actor, request_id)
        _settle(done, _disputes([done.root.pk]).exclude(pk__in=before), {*choices, *kept}, actor)
        _audited(done, actor=actor, reason=reason, is_forced=is_forced)
        return done

    return merging.undisturbed(work)


def _audited(done: Merged, *, actor: str, reason: str, is_forced: bool) -> None:
    word = "customer.merge.forced" if is_forced else "customer.merge"
    audit.record(actor=actor, action=word, object_id=str(done.root.public_id), reason=reason)


def _choose(done: Merged, choices: Mapping[str, Any], actor: str, request_id: str) -> None:
    """What was chosen holds for as long as the link does: once it is undone, each shows what was theirs."""
    for key, value in sorted(choices.items()):
        attributes.observe(
            customer=done.root,
            key=key,
            value=value,
            source="agent_verified",
            occurred_at=clock.now(),
            source_event_id=f"{CHOSEN}{request_id}",
            write_group=done.link.public_id if done.link else None,
            verified_by=actor,
            pinned=True,
        )


def _settle(done: Merged, opened: QuerySet[Conflict], keys: Collection[str], actor: str) -> None:
    """What the merge has opened about these keys was decided with it: nobody has to look, and nobody is told."""
    rows = [row for row in opened if row.subject.partition(":")[0] in keys]
    for row in rows:
        by = actor if row.status == Conflict.Status.OPEN else row.resolved_by
        conflicts.close(conflict=row, by=by, resolution=conflicts.AT_MERGE)
    if rows:
        attributes.resolve(done.root.pk, sorted({row.subject.partition(":")[0] for row in rows}))


def _disputes(roots: Collection[int]) -> QuerySet[Conflict]:
    return Conflict.objects.filter(customer__root_id__in=roots, kind__in=ABOUT_VALUES)


def preview_split(links: Sequence[Link]) -> list[Piece]:
    """The pieces that would be left if these links were gone, the one that keeps the id first. Writes nothing."""
    root = Customer.objects.get(members__pk=links[0].a_id)
    members = list(Customer.objects.cluster(root).order_by("pk"))
    cut = {link.pk for link in links}
    left = Link.objects.live().of_cluster(root.pk).exclude(pk__in=cut).values_list("a_id", "b_id")
    pieces = [_piece(part, root) for part in clusters.pieces(members, left)]
    return sorted(pieces, key=lambda piece: not piece.keeps)


def again(piece: Piece) -> Piece:
    """The same piece after the split, with what it was handed."""
    return replace(piece, identities=_held(piece.members))


def leaving(origins: Sequence[Customer]) -> list[Link]:
    """Every live link between these origins of one cluster and the rest of it: undone together, these are alone."""
    ids = {origin.pk for origin in origins}
    touching = Link.objects.live().filter(Q(a_id__in=ids) | Q(b_id__in=ids)).order_by("pk")
    return [link for link in touching if (link.a_id in ids) != (link.b_id in ids)]


def crossing(*, one: Customer, other: Customer) -> list[Link]:
    """The live links that must all go for these two origins to part: what joins them directly, else every link."""
    low, high = clusters.ordered(one.pk, other.pk)
    direct = list(Link.objects.live().filter(a_id=low, b_id=high))
    return direct or list(Link.objects.live().of_cluster(one.root_id))


def _side(customer: Customer) -> Side:
    root = customer if customer.is_root else customer.root
    origins = Customer.objects.cluster(root).values_list("pk", flat=True)
    held = Identity.objects.live().of_cluster(root.pk).order_by("namespace", "pk")
    return Side(root, list(held), facts.of(origins))


def _piece(part: Sequence[Customer], root: Customer) -> Piece:
    ids = [member.pk for member in part]
    return Piece(part, _held(part), facts.of(ids), clusters.survivor(part).pk == root.pk)


def _held(part: Sequence[Customer]) -> list[Identity]:
    ids = [member.pk for member in part]
    return list(Identity.objects.live().filter(customer_id__in=ids).order_by("namespace", "pk"))


def _fields(left: Customer, right: Customer) -> list[Field]:
    shown = {root.pk: _words(root) for root in (left, right)}
    values = {root.pk: attributes.values(root) for root in (left, right)}
    keys = sorted(shown[left.pk] | shown[right.pk])
    fields = []
    for key in keys:
        one, other = shown[left.pk].get(key), shown[right.pk].get(key)
        said = [_word(word, values[root.pk].get(key)) for root, word in ((left, one), (right, other))]
        fields.append(Field(key, said[0], said[1], _kept(key, one, other)))
    return fields


def _words(root: Customer) -> dict[str, Observation]:
    held = Attribute.objects.filter(root=root, observation__is_clear=False).select_related("observation")
    return {row.key: row.observation for row in held}


def _word(row: Observation | None, value: Any) -> Word | None:
    """`value` as it is shown: of a set all of its members."""
    return Word(value, row.source, row.effective_at, row.verified_by) if row else None


def _kept(key: str, one: Observation | None, other: Observation | None) -> str:
    if one is None or other is None:
        return "right" if one is None else "left"
    if one.value == other.value or definitions.of(key).policy == "union":
        return "both"
    return "left" if attributes.best(key, [one, other]) == one else "right"


def _consent(roots: Sequence[Customer]) -> list[Consent]:
    """What holds now at each address: a merge changes none of it, and the most restrictive one counts."""
    rows = Consent.objects.filter(identity__customer__root_id__in=[root.pk for root in roots])
    newest = rows.order_by("identity_id", "purpose", "-occurred_at", "-pk").distinct("identity_id", "purpose")
    return list(newest.select_related("identity"))


def open_conflicts(root: Customer) -> list[Conflict]:
    """What people have to settle about this person."""
    found = Conflict.objects.open().filter(customer__root_id=root.root_id).select_related("customer")
    return list(found.order_by("-opened_at"))

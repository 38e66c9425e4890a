"""What may the person behind a session see and do? Proof decides, never the fact that a customer was found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum

from django.db.models import Case, F, Q, QuerySet, When

from common import clock
from customers.handles import Proven
from customers.models import Identity, Link
from customers.namespaces import Namespace


class Assurance(IntEnum):
    """How sure a session is of the person; ordered, so that `>=` compares."""

    NONE = 0
    ATTESTED = 1
    STRONG = 2


def visible_to(*, proven: Iterable[Identity], at: datetime | None = None) -> QuerySet[Identity]:
    """The end user's reach: the addresses of what this session proved and is fresh, and those that the same person
    has joined to them with a yes on both sides; nothing else of a cluster.
    """
    moment = at or clock.now()
    heads = {row.head_id: row for row in proven if row.is_fresh(moment)}
    heads |= {row.pk: row for row in _joined(list(heads.values()), moment)}
    return Identity.objects.live().filter(Q(pk__in=heads) | Q(endpoint_id__in=heads))


def _joined(held: list[Identity], at: datetime) -> list[Identity]:
    """What confirmed links lead to, over several if need be. A browser proves itself only while it is there."""
    start = {row.head_id for row in held if row.namespace != Namespace.VISITOR}
    links = Link.objects.live().filter(kind=Link.Kind.VERIFIED, a__root__in=[row.customer.root_id for row in held])
    pairs = [set(link.evidence.get("identities", ())) for link in links] if start else []
    partners = {pk: row for pk, row in Identity.objects.in_bulk(set().union(*pairs)).items() if row.is_fresh(at)}
    usable = [pair for pair in pairs if all(_lasts(partners.get(pk)) for pk in pair)]
    found, before = set(start), set[int]()
    while found != before:
        before = set(found)
        found |= set().union(*(pair for pair in usable if pair & found))
    return [partners[pk] for pk in found - start]


def _lasts(row: Identity | None) -> bool:
    return row is not None and row.namespace != Namespace.VISITOR


def assurance(*, proven: Iterable[Proven], at: datetime | None = None) -> Assurance:
    """Strong: a code or a site's login in this session; attested: a provider's word, fresh; none: anything else."""
    moment = at or clock.now()
    fresh = [one for one in proven if one.identity.is_fresh(moment) and one.identity.namespace != Namespace.VISITOR]
    if any(one.by in (Identity.Proof.OTP, Identity.Proof.SITE) for one in fresh):
        return Assurance.STRONG
    return Assurance.ATTESTED if any(one.by == Identity.Proof.PROVIDER for one in fresh) else Assurance.NONE


def addresses(*, head: Identity) -> QuerySet[Identity]:
    """The live rows of one address, those the provider itself named first, then the newest: what to send to."""
    rows = Identity.objects.live().routable().filter(Q(pk=head.head_id) | Q(endpoint_id=head.head_id))
    named_by_provider = Case(When(proof=Identity.Proof.PROVIDER, then=0), default=1)
    return rows.order_by(named_by_provider, F("proven_at").desc(nulls_last=True), "-pk")

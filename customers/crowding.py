"""Does somebody grow suspiciously fast? A wrong rule or a shared device shows in clusters before people complain."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, QuerySet

from common import clock
from common.checkups import Finding
from customers import policy
from customers.models import Customer, Link, MergeEvent

log = logging.getLogger(__name__)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last hour, and how many persons are beyond the levels of the policy."""

    merges: int
    splits: int
    largest: int
    crowded: int
    fast: int


def look_at(root: Customer, *, members: int, recent: int) -> bool:
    """Warns when a person has more members, or got more links within an hour, than the policy's levels."""
    rules = policy.current()
    is_crowded = members > rules.alert_members or recent > rules.alert_links_an_hour
    if is_crowded:
        log.warning("customer %s has %d members, %d links of the last hour", root.public_id, members, recent)
    return is_crowded


def figures() -> Figures:
    """What a monitor watches; reads the ledger of an hour, and every customer that was ever joined."""
    rules = policy.current()
    events = MergeEvent.objects.filter(at__gte=clock.now() - HOUR)
    kinds = dict(events.values_list("kind").annotate(count=Count("id")))
    sizes = [row["size"] for row in _large(rules.alert_members)]
    fast = Link.objects.live().filter(pk__in=events.values("link_id")).values("a__root_id").annotate(links=Count("id"))
    return Figures(
        merges=kinds.get(MergeEvent.Kind.MERGE, 0),
        splits=kinds.get(MergeEvent.Kind.SPLIT, 0),
        largest=max(sizes, default=0),
        crowded=len(sizes),
        fast=fast.filter(links__gt=rules.alert_links_an_hour).count(),
    )


def checkup() -> Finding:
    """For `manage.py doctor`."""
    found = figures()
    if not found.crowded and not found.fast:
        return Finding("OK", f"{found.merges} merges and {found.splits} splits in the last hour")
    text = f"{found.crowded} persons are very large (up to {found.largest} members), {found.fast} grow fast"
    return Finding("WARN", text, "Look at their links in the admin; a split undoes what a rule has joined wrongly.")


def _large(most: int) -> QuerySet[Customer, Any]:
    joined = Customer.objects.exclude(root_id=F("id")).values("root_id")
    return joined.annotate(size=Count("id") + 1).filter(size__gt=most).values("root_id", "size")

"""Whom would other rules concern? Counted before they are changed; a count changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from common import clock
from customers import primary
from customers.models import Attribute, Customer, Identity, Link
from customers.policy import Policy


@dataclass(frozen=True, slots=True)
class Effect:
    """One setting that would change, and how many are concerned by it now."""

    setting: str
    count: int
    words: str


def of(before: Policy, after: Policy) -> list[Effect]:
    """What each setting that differs would do to what is there; those that only count from now on say so."""
    return [
        effect
        for setting, count in COUNTS.items()
        if getattr(before, setting) != getattr(after, setting)
        for effect in count(before, after)
    ]


def counted_by(setting: str, count: Callable[[Policy], int], words: str) -> None:
    """Whom a setting concerns that an app above knows of; called in `AppConfig.ready`."""

    def told(before: Policy, after: Policy) -> Iterator[Effect]:
        yield Effect(setting, count(after), words)

    COUNTS[setting] = told


def _primary(before: Policy, after: Policy) -> Iterator[Effect]:
    found = primary.report(after.primary)
    yield Effect("primary", found.lacking, f"customers have no {after.primary}")
    yield Effect("primary", found.shared, f"values of {after.primary} stand on more than one customer, and name nobody")


def _limits(before: Policy, after: Policy) -> Iterator[Effect]:
    for namespace, most in after.limits.items():
        if most < before.limits[namespace]:
            held = Identity.objects.live().routable().filter(namespace=namespace).values("customer__root_id")
            count = held.annotate(number=Count("pk")).filter(number__gt=most).count()
            yield Effect(
                "limits", count, f"customers have more than {most} of {namespace}; they keep them, none is added"
            )


def _links(before: Policy, after: Policy) -> Iterator[Effect]:
    count = _many(Link.objects.live().values("a__root_id"), after.links_max)
    yield Effect("links_max", count, f"customers have {after.links_max} links or more; no further one is made")


def _identities(before: Policy, after: Policy) -> Iterator[Effect]:
    count = _many(Identity.objects.live().values("customer__root_id"), after.identities_max)
    yield Effect("identities_max", count, f"customers have {after.identities_max} addresses or more")


def _silence(before: Policy, after: Policy) -> Iterator[Effect]:
    now = clock.now()
    phones = Identity.objects.live().filter(namespace="phone", routable=True)
    count = phones.filter(customer__root__last_seen_at__lte=now - after.silence).count()
    yield Effect(
        "silence_days", count, f"phones have been silent for {after.silence_days} days: as evidence they are stale"
    )


def _anonymous(before: Policy, after: Policy) -> Iterator[Effect]:
    since = clock.now() - timedelta(days=after.anonymous_days)
    rows = Customer.objects.roots().filter(kind=Customer.Kind.ANONYMOUS, last_seen_at__lt=since)
    yield Effect("anonymous_days", rows.count(), "anonymous visitors are older than that")


def _feeds(before: Policy, after: Policy) -> Iterator[Effect]:
    changed = {feed for feed in {*before.sync, *after.sync} if before.sync.get(feed) != after.sync.get(feed)}
    told = Q(pk__in=[])
    for feed in changed:
        told |= Q(observation__source=feed) | Q(observation__source__startswith=f"{feed}:")
    count = Attribute.objects.filter(told).count()
    yield Effect("sync", count, "values that are shown now come from there; they are decided anew in the background")


def _names(before: Policy, after: Policy) -> Iterator[Effect]:
    told = Attribute.objects.filter(key="name", observation__source__startswith="provider")
    yield Effect("profile_names", told.count(), "names that are shown now come from a channel's profile")


def _from_now_on(setting: str) -> Callable[[Policy, Policy], Iterator[Effect]]:
    def count(before: Policy, after: Policy) -> Iterator[Effect]:
        yield Effect(setting, 0, "are concerned now: it counts for what comes")

    return count


def _many(rows: QuerySet[Any, Any], most: int) -> int:
    return int(rows.annotate(number=Count("pk")).filter(number__gte=most).count())


COUNTS: dict[str, Callable[[Policy, Policy], Iterator[Effect]]] = {
    "primary": _primary,
    "limits": _limits,
    "links_max": _links,
    "identities_max": _identities,
    "silence_days": _silence,
    "anonymous_days": _anonymous,
    "sync": _feeds,
    "profile_names": _names,
    **{
        name: _from_now_on(name)
        for name in (
            "proof_days", "verified_days", "anonymous_history", "blocked", "blocked_keys", "role_addresses", "region",
            "alert_members", "alert_links_an_hour",
        )
    },
}  # fmt: skip

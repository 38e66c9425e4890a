"""What should a monitor know of identity? The counters of the last day, and what waits or is wrong now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.db.models import Count, Min, Sum

from common import clock
from customers import codes, crowding, tallies
from customers.models import Challenge, Conflict, Link, MatchSuggestion, MergeEvent, Tombstone

DAY = timedelta(hours=24)
SIZES = """
SELECT coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY members), 1), coalesce(max(members), 1)
FROM (SELECT count(*) + 1 AS members FROM customers_customer WHERE root_id <> id GROUP BY root_id) joined
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers by name; ages in seconds, "day" is the last 24 hours. Sizes are of people with more than one member."""

    links: dict[str, int] = field(default_factory=dict)  # made in a day, by kind
    events: dict[str, int] = field(default_factory=dict)  # of the ledger in a day, by kind
    suggestions: dict[str, int] = field(default_factory=dict)  # by status
    conflicts: dict[str, tuple[int, float]] = field(default_factory=dict)  # open, by kind: how many, age of the oldest
    codes: dict[str, int] = field(default_factory=dict)  # in a day: sent, failed, locked
    tallies: dict[str, int] = field(default_factory=dict)  # in a day, by name
    tombstone_hits: int = 0
    drift: int = 0
    members_p99: int = 1
    members_most: int = 1
    crowded: int = 0
    fast: int = 0


def now() -> Figures:
    """Asked for anew each time, by a handful of statements."""
    moment = clock.now()
    since, crowd = moment - DAY, crowding.figures()
    made = Link.objects.filter(decided_at__gt=since).values_list("kind").annotate(n=Count("pk"))
    told = MergeEvent.objects.filter(at__gt=since).values_list("kind").annotate(n=Count("pk"))
    counted = tallies.of_day()
    counted.pop(tallies.DRIFTED, None)
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        p99, most = cursor.fetchone()
    return Figures(
        links=dict(made),
        events=dict(told),
        suggestions=dict(MatchSuggestion.objects.values_list("status").annotate(n=Count("pk"))),
        conflicts={
            kind: (count, max((moment - oldest).total_seconds(), 0.0))
            for kind, count, oldest in Conflict.objects.open()
            .values_list("kind")
            .annotate(n=Count("pk"), oldest=Min("opened_at"))
        },
        codes=_codes(since),
        tallies={name: counted.get(name, 0) for name in (tallies.BLOCKED, tallies.RETRIED, tallies.CLAMPED)},
        tombstone_hits=Tombstone.objects.aggregate(n=Sum("hits"))["n"] or 0,
        drift=tallies.newest(tallies.DRIFTED),
        members_p99=int(p99),
        members_most=int(most),
        crowded=crowd.crowded,
        fast=crowd.fast,
    )


def _codes(since: object) -> dict[str, int]:
    rows = Challenge.objects.filter(kind=Challenge.Kind.CODE, created_at__gt=since)
    return {
        "sent": rows.count(),
        "proven": rows.filter(outcome="proven").count(),
        "failed": rows.aggregate(n=Sum("tries"))["n"] or 0,
        "locked": rows.filter(tries__gte=codes.TRIES).count(),
    }

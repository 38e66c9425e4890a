"""What may a Prometheus server read of this installation? The numbers of the health pages, without a personal value.

404 unless the caller shows METRICS_TOKEN or is staff with a session; channels are named by key and kind, nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from channels_app import checks, condition
from channels_app.condition import Condition
from customers import figures

LABELS = ("channel", "kind")


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The exposition, made anew from the database: any process gives the same answer."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Channels())
    registry.register(People())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Channels(Collector):
    """One family for each number, one sample for each channel."""

    def collect(self) -> Iterator[Metric]:
        channels = condition.of_all()
        for name, text, value in NUMBERS:
            family = GaugeMetricFamily(f"throughline_channel_{name}", text, labels=LABELS)
            for one in channels:
                family.add_metric([one.key, one.kind], value(one))
            yield family
        sends = GaugeMetricFamily(
            "throughline_channel_sends", "Sends of the present and the last hour.", labels=(*LABELS, "result")
        )
        templates = GaugeMetricFamily(
            "throughline_channel_templates", "Templates by status.", labels=(*LABELS, "status")
        )
        for one in channels:
            for result, count in zip(("accepted", "failed"), one.hour, strict=True):
                sends.add_metric([one.key, one.kind, result], count)
            for status, count in one.templates.items():
                templates.add_metric([one.key, one.kind, status], count)
        yield sends
        yield templates
        yield GaugeMetricFamily(
            "throughline_timers_oldest_seconds", "Age of the oldest due timer.", value=checks.oldest_timer() or 0.0
        )


class People(Collector):
    """How sure we are of who is who: what was joined, doubted and proven in a day, and what waits."""

    def collect(self) -> Iterator[Metric]:
        found = figures.now()
        for name, text, label, counts in (
            ("links_day", "Links made in 24 hours.", "kind", found.links),
            ("ledger_day", "Merges, splits, erasures and transfers in 24 hours.", "kind", found.events),
            ("suggestions", "Suggestions by status.", "status", found.suggestions),
            ("codes_day", "One-time codes of 24 hours: sent, proven, wrong tries, locked.", "result", found.codes),
            ("counted_day", "Placeholders refused, merges tried again, dates put right.", "what", found.tallies),
        ):
            family = GaugeMetricFamily(f"throughline_identity_{name}", text, labels=(label,))
            for key, count in sorted(counts.items()):
                family.add_metric([key], count)
            yield family
        waiting = GaugeMetricFamily("throughline_identity_conflicts_open", "Conflicts that wait.", labels=("kind",))
        oldest = GaugeMetricFamily("throughline_identity_conflict_oldest_seconds", "Their ages.", labels=("kind",))
        for kind, (count, age) in sorted(found.conflicts.items()):
            waiting.add_metric([kind], count)
            oldest.add_metric([kind], age)
        yield from (waiting, oldest)
        for name, text, number in (
            ("tombstone_hits", "Late events of erased people that were dropped.", found.tombstone_hits),
            ("drift", "Customers whose root is not what the links say, at the last check.", found.drift),
            ("members_p99", "Members of joined people, 99th percentile.", found.members_p99),
            ("members_most", "Members of the largest.", found.members_most),
            ("crowded", "People with more members than the alert level.", found.crowded),
            ("fast", "People who got more links in an hour than the alert level.", found.fast),
        ):
            yield GaugeMetricFamily(f"throughline_identity_{name}", text, value=number)


def _may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
        return True
    return request.user.is_active and request.user.is_staff


def _since(one: Condition, name: str) -> float:
    """Seconds of the epoch, 0 for never."""
    at = getattr(one, name)
    return float(at.timestamp()) if at else 0.0


NUMBERS: tuple[tuple[str, str, Callable[[Condition], float]], ...] = (
    ("up", "1 if messages may leave and come in.", lambda one: float(one.is_enabled and one.level != "FAIL")),
    ("enabled", "1 if the channel is switched on.", lambda one: float(one.is_enabled)),
    ("set_up", "1 if every setting and secret that it needs is there.", lambda one: float(not one.missing)),
    ("last_check_timestamp_seconds", "When the provider was last asked.", lambda one: _since(one, "checked_at")),
    ("stopped", "1 if the provider refuses the account.", lambda one: float(bool(one.stopped_reason))),
    ("circuit_open", "1 while a failing provider is left in peace.", lambda one: float(one.circuit != "closed")),
    ("silent", "1 while the silence alarm rings.", lambda one: float(one.silent_at is not None)),
    ("last_inbound_timestamp_seconds", "When the last event came in.", lambda one: _since(one, "last_inbound_at")),
    ("last_sent_timestamp_seconds", "When a message was last accepted.", lambda one: _since(one, "last_sent_at")),
    ("inbox_waiting", "Stored events that wait.", lambda one: float(one.waiting_in)),
    ("inbox_oldest_seconds", "Age of the oldest due event.", lambda one: max(one.oldest_in or 0.0, 0.0)),
    ("outbox_waiting", "Messages that wait to be sent.", lambda one: float(one.waiting_out)),
    ("outbox_oldest_seconds", "How long the oldest due message waits.", lambda one: max(one.oldest_out or 0.0, 0.0)),
    ("unsettled", "Messages whose end nobody knows.", lambda one: float(one.unsettled)),
    ("quarantined", "Events in quarantine.", lambda one: float(one.quarantined)),
)

"""Is every channel well, and does anything wait too long? Check-ups for `doctor`, and the channels' own `check`."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, models

from channels_app import registry
from channels_app.models import Channel, InboundEvent
from channels_app.registry import Finding
from common import checkups
from conversations.models import Delivery

INBOX_AGE = "SELECT extract(epoch FROM now() - min(received_at)) FROM channels_app_inboundevent WHERE state = 'pending'"
OUTBOX_AGE = """
SELECT extract(epoch FROM now() - min(d.next_attempt_at)) FROM conversations_delivery d
JOIN channels_app_channel ch ON ch.key = d.channel AND ch.is_enabled AND ch.stopped_reason = ''
WHERE d.state = 'queued'
"""
TIMER_AGE = "SELECT extract(epoch FROM now() - min(due_at)) FROM conversations_timer"


def register() -> None:
    """Joins `doctor`; called when Django is ready."""
    checkups.register_backlog("inbox", lambda: _age(INBOX_AGE), warn=10, fail=60)
    checkups.register_backlog("outbox", lambda: _age(OUTBOX_AGE), warn=30, fail=300)
    checkups.register_backlog("timers", lambda: _age(TIMER_AGE), warn=30, fail=300)
    checkups.register("quarantine", _quarantine)
    checkups.register("channels", _channels)


def check(channel: Channel) -> Sequence[Finding]:
    """Asks the provider, read-only, whether credentials and set-up hold; a stopped channel that is well goes on."""
    findings = registry.adapter(channel.kind).check(registry.account_of(channel))
    if channel.stopped_reason and all(finding.is_well for finding in findings):
        channel.stopped_reason = ""
        channel.save(update_fields=["stopped_reason"])
    return findings


def _age(query: str) -> float | None:
    """Seconds, None when nothing waits (or everything waits for a later moment)."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        (age,) = cursor.fetchone()
    return float(age) if age is not None and age > 0 else None


def _quarantine() -> checkups.Finding:
    count = InboundEvent.objects.filter(state=InboundEvent.State.QUARANTINED).count()
    if not count:
        return checkups.Finding("OK", "no event is in quarantine")
    return checkups.Finding("WARN", f"{count} events are in quarantine", "Look at them in the admin and replay them.")


def _channels() -> checkups.Finding:
    stopped = Channel.objects.filter(is_enabled=True).exclude(stopped_reason="")
    found = [f"{channel.title}: {channel.stopped_reason}" for channel in stopped]
    unknown = Channel.objects.exclude(kind__in=registry.kinds()).aggregate(n=models.Count("id"))["n"]
    if found:
        return checkups.Finding("FAIL", "; ".join(found), "Put right what the provider says, then check the channel.")
    unsent = Delivery.objects.filter(state=Delivery.State.UNKNOWN).count()
    text = f"{unsent} messages wait for a receipt" if unsent else "all channels are sending"
    return checkups.Finding("WARN" if unknown else "OK", f"{text}; {unknown} of an unknown kind" if unknown else text)

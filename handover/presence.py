"""Who is there? Truth is in Postgres: what an agent set by hand, and when a screen of theirs was last heard of."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from common import clock
from handover import hours, limits
from handover.models import Agent, Queue

WRITE_EVERY = timedelta(seconds=20)  # a heartbeat comes every 25 s and from several tabs


def heartbeat(*, agent: Agent, at: datetime) -> None:
    """Notes that a screen of this agent is open; written only if the last note is older than 20 s."""
    stale = Q(last_seen_at__isnull=True) | Q(last_seen_at__lt=at - WRITE_EVERY)
    if Agent.objects.filter(stale, pk=agent.pk).update(last_seen_at=at):
        agent.last_seen_at = at


def online(at: datetime) -> Q:
    """A condition on agents: active, online by their own word, and seen within 75 s."""
    return Q(is_active=True, manual_status=Agent.Status.ONLINE, last_seen_at__gte=at - limits.lasts("ONLINE_WITHIN"))


def is_online(agent: Agent, at: datetime | None = None) -> bool:
    """The same condition for an agent at hand."""
    seen = agent.last_seen_at
    is_ready = agent.is_active and agent.manual_status == Agent.Status.ONLINE
    return is_ready and seen is not None and seen >= (at or clock.now()) - limits.lasts("ONLINE_WITHIN")


def carry(by: timedelta) -> None:
    """The clock was moved (sandbox): who has just been seen has still just been seen."""
    Agent.objects.filter(last_seen_at__isnull=False).update(last_seen_at=F("last_seen_at") + by)


def is_staffed(queue: Queue) -> bool:
    """Is the queue open, and is one of its agents online?"""
    now = clock.now()
    return hours.is_open(queue, now) and Agent.objects.filter(online(now), queues=queue).exists()

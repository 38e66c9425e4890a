"""Who is there? Truth is in Postgres: what an agent set by hand, and when a screen of theirs was last heard of."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q

from common import clock
from conversations import realtime
from handover import hours, limits
from handover.models import Agent, Queue

log = logging.getLogger(__name__)

Staffed = Callable[[Queue], bool]
WRITE_EVERY = timedelta(seconds=20)  # a heartbeat comes every 25 s and from several tabs
INPUT_EVERY = timedelta(seconds=60)  # idleness is told by minutes


def heartbeat(*, agent: Agent, at: datetime) -> None:
    """Notes that a screen of this agent is open; written only if the last note is older than 20 s."""
    stale = Q(last_seen_at__isnull=True) | Q(last_seen_at__lt=at - WRITE_EVERY)
    if Agent.objects.filter(stale, pk=agent.pk).update(last_seen_at=at):
        agent.last_seen_at = at


def declare(*, agent: Agent, status: str) -> None:
    """Where the agent says to be; their other screens are told."""
    keep(agent=agent, status=status)
    realtime.tell(f"agent:{agent.pk}", {"type": "status", "data": {"status": status}})


def keep(*, agent: Agent, status: str) -> None:
    """Writes it down, and since when they are offline by their own word."""
    if status != Agent.Status.OFFLINE:
        agent.offline_since = None
    elif agent.manual_status != status or agent.offline_since is None:
        agent.offline_since = clock.now()
    agent.manual_status = status
    agent.save(update_fields=["manual_status", "offline_since"])


def touched(*, agent: Agent, at: datetime) -> None:
    """Notes that the agent has typed or pointed in one of their screens; written at most once in 60 s."""
    stale = Q(last_input_at__isnull=True) | Q(last_input_at__lt=at - INPUT_EVERY)
    Agent.objects.filter(stale, pk=agent.pk).update(last_input_at=at)


def is_idle(agent_id: int, at: datetime) -> bool:
    """None of the agent's screens has heard from them for `IDLE_AFTER`; unknown counts as busy. One query."""
    return Agent.objects.filter(pk=agent_id, last_input_at__lte=at - limits.lasts("IDLE_AFTER")).exists()


def online(at: datetime) -> Q:
    """A condition on agents: active, online by their own word, and seen within 75 s; whoever may not log in is not."""
    since = at - limits.lasts("ONLINE_WITHIN")
    return Q(is_active=True, user__is_active=True, manual_status=Agent.Status.ONLINE, last_seen_at__gte=since)


def is_online(agent: Agent, at: datetime | None = None) -> bool:
    """The same condition for an agent at hand."""
    seen = agent.last_seen_at
    is_ready = agent.is_active and agent.manual_status == Agent.Status.ONLINE
    return is_ready and seen is not None and seen >= (at or clock.now()) - limits.lasts("ONLINE_WITHIN")


def carry(by: timedelta) -> None:
    """The clock was moved (sandbox): who has just been seen has still just been seen."""
    Agent.objects.filter(last_seen_at__isnull=False).update(last_seen_at=F("last_seen_at") + by)
    Agent.objects.filter(last_input_at__isnull=False).update(last_input_at=F("last_input_at") + by)


def takers(queue: Queue, at: datetime) -> Q:
    """A condition on agents: online for new work of this queue. Who lets offers pass is not, where there are offers."""
    there = online(at) & Q(is_draining=False)
    return there if queue.strategy == Queue.Strategy.MANUAL else there & Q(not_responding_at__isnull=True)


def is_staffed(queue: Queue, skill: str = "") -> bool:
    """Is the queue open, and is one of its agents online for new work, with the skill if one is asked for?"""
    now = clock.now()
    there = Agent.objects.filter(takers(queue, now), queues=queue)
    return hours.is_open(queue, now) and (there.filter(skills__key=skill) if skill else there).exists()


def status(queue: Queue | None, is_staffed: Staffed = is_staffed) -> str:
    """`online` or `offline`; no queue, an error or two seconds without an answer is offline."""
    if queue is None:
        return "offline"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{limits.number('PRESENCE_CHECK')}s"])
            found = is_staffed(queue)
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    except (DatabaseError, OSError) as error:
        log.warning("presence check failed: %s", type(error).__name__)
        return "offline"
    return "online" if found else "offline"

"""Who is there, what does each agent carry, and who gets nothing new? All active agents at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection

from handover import capacity, limits, presence
from handover.models import Agent

SILENT_AFTER = 2  # offers in a row that an agent let pass, as in `routing.offers`
# Served by the index `conversation_desk`.
HELD = """
SELECT owner_id, count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'parked'),
       count(*) FILTER (WHERE state = 'open' AND waiting_on = 'us'),
       min(last_customer_at) FILTER (WHERE state = 'open' AND waiting_on = 'us')
FROM conversations_conversation WHERE owner_kind = 'agent' AND state <> 'closed' GROUP BY owner_id
"""


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One agent; `presence` is online, away, busy or offline (no window open), `since` the oldest unanswered word.

    `load` and `capacity` are weights. `silent_at`: an offer passed, and they get no more until they are back.
    """

    pk: int
    name: str
    presence: str
    is_idle: bool
    silent_at: datetime | None
    missed: int
    is_draining: bool
    load: float
    capacity: int
    open: int
    parked: int
    waiting: int
    since: datetime | None
    queues: tuple[int, ...]
    titles: tuple[str, ...]

    @property
    def takes_work(self) -> bool:
        """Would routing give them anything, if they have room?"""
        return self.presence == "online" and not self.is_draining and self.silent_at is None

    @property
    def room(self) -> float:
        """The weight that they can still take on."""
        return max(0.0, self.capacity - self.load) if self.takes_work else 0.0

    @property
    def filled(self) -> int:
        """The load in percent of the capacity, at most 100."""
        return min(100, round(100 * self.load / self.capacity)) if self.capacity else 100

    @property
    def is_silent(self) -> bool:
        return self.silent_at is not None and self.missed >= SILENT_AFTER


def read(now: datetime) -> tuple[AgentLine, ...]:
    """Every active agent, who is there first. Three statements."""
    rows = list(
        Agent.objects.filter(is_active=True, user__is_active=True).annotate(
            in_queues=ArrayAgg("memberships__queue_id", order_by=("memberships__queue__title",), default=[]),
            titles=ArrayAgg("memberships__queue__title", order_by=("memberships__queue__title",), default=[]),
        )
    )
    held, loads = _held(), capacity.loads([agent.pk for agent in rows])
    made = [_line(agent, now, held.get(agent.pk), loads[agent.pk]) for agent in rows]
    return tuple(sorted(made, key=lambda line: (ORDER.index(line.presence), line.name.casefold(), line.pk)))


ORDER = ("online", "busy", "away", "offline")


def seen_as(agent: Agent, now: datetime) -> str:
    """What others see: the agent's own word while a window of theirs is open, else offline."""
    if presence.is_online(agent, now):
        return "online"
    seen = agent.last_seen_at
    is_there = seen is not None and seen >= now - limits.lasts("ONLINE_WITHIN")
    return agent.manual_status if is_there else "offline"


def is_idle(agent: Agent, now: datetime) -> bool:
    """There by their word, and without input for a while."""
    return agent.last_input_at is not None and agent.last_input_at < now - limits.lasts("IDLE_AFTER")


Held = tuple[int, int, int, datetime | None]


def _held() -> dict[int, Held]:
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in cursor.fetchall()}


def _line(agent: Agent, now: datetime, held: Held | None, load: float) -> AgentLine:
    opened, parked, waiting, since = held or (0, 0, 0, None)
    shown = seen_as(agent, now)
    queues: list[int | None] = agent.in_queues  # type: ignore[attr-defined]  # annotated by `read`
    titles: list[str | None] = agent.titles  # type: ignore[attr-defined]  # likewise
    return AgentLine(
        pk=agent.pk,
        name=agent.name,
        presence=shown,
        is_idle=shown == "online" and is_idle(agent, now),
        silent_at=agent.not_responding_at,
        missed=agent.missed_offers,
        is_draining=agent.is_draining,
        load=load,
        capacity=agent.capacity,
        open=opened,
        parked=parked,
        waiting=waiting,
        since=since,
        queues=tuple(pk for pk in queues if pk is not None),
        titles=tuple(title for title in titles if title is not None),
    )

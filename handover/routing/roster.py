"""Who takes work now, and who waits for it? Read without locks; what is done about it is checked again under them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Max, Q

from handover import capacity
from handover.models import Agent, Queue
from handover.routing import apart, assigning, declining
from handover.routing.matching import Candidate, Waiting
from handover.routing.targets import Plan, Target

# Served by the index `conversation_queued`; whoever has no `ranked_at` is given one by `closing.look`.
WAITING = f"""
SELECT c.id, c.owner_epoch, c.plan_step, c.routing_plan, c.skill, {capacity.KIND}
FROM conversations_conversation c
WHERE c.owner_kind = 'queue' AND c.state = 'open' AND c.owner_id = %(queue)s AND c.mode = 'live'
  AND (%(all)s OR left(c.routing_plan -> 'steps' -> c.plan_step ->> 'target', 6) = 'agent:')
  AND NOT EXISTS (SELECT 1 FROM handover_reservation r WHERE r.conversation_id = c.id AND r.status = 'pending')
ORDER BY c.ranked_at, c.id LIMIT %(most)s OFFSET %(start)s
"""
NAMED = 5  # conversations, in the log
BUSY = """
SELECT DISTINCT owner_id FROM conversations_conversation
WHERE owner_kind = 'queue' AND state = 'open' AND mode = 'live'
"""


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who takes work at one moment."""

    staff: tuple[Candidate, ...]

    def for_queue(self, queue: Queue) -> list[Candidate]:
        return [each for each in self.staff if queue.takes_idle or each.is_awake]

    def has_room(self) -> bool:
        return any(each.load < each.capacity for each in self.staff)


def read() -> Roster:
    """Four queries, whatever the number of agents."""
    taking = Agent.objects.filter(assigning.takers()).annotate(
        in_queues=ArrayAgg("memberships__queue_id", distinct=True, filter=Q(memberships__isnull=False), default=[]),
        freed_at=Max("wrap_ups__ends_at"),
    )
    rows = list(taking.order_by("pk"))
    awake = set(Agent.objects.filter(assigning.awake()).values_list("pk", flat=True))
    loads = capacity.loads([agent.pk for agent in rows])
    skills = skills_of(loads)
    staff = tuple(
        Candidate(
            pk=agent.pk,
            queues=frozenset(agent.in_queues),
            capacity=float(agent.capacity),
            load=loads[agent.pk],
            skills=skills.get(agent.pk, frozenset()),
            languages=frozenset(agent.languages),
            is_awake=agent.pk in awake,
            assigned_at=agent.last_assigned_at,
            free_at=agent.freed_at,
        )
        for agent in rows
    )
    return Roster(staff)


def busy_queues() -> list[Queue]:
    """Queues in which somebody waits for a person now."""
    with connection.cursor() as cursor:
        cursor.execute(BUSY)
        found = [pk for (pk,) in cursor.fetchall()]
    return list(Queue.objects.filter(pk__in=found).select_related("connection", "hours").order_by("pk"))


def waiting_in(queue: Queue, *, now: datetime, most: int, start: int = 0) -> list[Waiting]:
    """Who waits there without an offer, the next first; of a queue that is claimed by hand only those for an agent."""
    values = {"queue": queue.pk, "all": queue.strategy != Queue.Strategy.MANUAL, "most": most, "start": start}
    with connection.cursor() as cursor:
        cursor.execute(WAITING, values)
        rows = cursor.fetchall()
    declined = declining.of([row[0] for row in rows], now) if rows else {}
    plans = [Plan.from_json(json.loads(row[3]) if isinstance(row[3], str) else row[3]) for row in rows]
    if broken := [row[0] for row, plan in zip(rows, plans, strict=True) if plan.is_broken]:
        said = f"{len(broken)} cannot be read and count as none, those of conversations {broken[:NAMED]} among them"
        apart.tell("plans", queue.pk, said)
    return [_waiting(row, plan, queue, declined.get(row[0], ())) for row, plan in zip(rows, plans, strict=True)]


def skills_of(agent_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The keys of each agent's skills."""
    found: dict[int, set[str]] = {}
    rows = Agent.objects.filter(pk__in=list(agent_ids), skills__isnull=False).values_list("pk", "skills__key")
    for pk, key in rows:
        found.setdefault(pk, set()).add(key)
    return {pk: frozenset(keys) for pk, keys in found.items()}


def _waiting(row: tuple[Any, ...], plan: Plan, queue: Queue, declined: Collection[int]) -> Waiting:
    pk, epoch, step, _, skill, kind = row
    target = plan.targets[step] if step < len(plan.targets) else Target(f"queue:{queue.pk}")
    pool = frozenset({one.pk for one in plan.targets[: step + 1] if one.is_queue} | {queue.pk})
    if plan.is_broken and queue.strategy == Queue.Strategy.MANUAL:
        pool = frozenset()  # whom it was for nobody knows: it is claimed by hand
    weight = capacity.weight(kind or "")
    return Waiting(pk, epoch, step, target, pool, plan.demanded(skill), weight, declined)

"""Which queues are there, which of them are open, and who is there for each? One statement, however many there are."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handover import hours, limits
from handover.models import BusinessHours, Queue
from handover.routing.facts import QueueFacts

log = logging.getLogger(__name__)

# Written out, as every handover waits for it: what the ORM takes to make a statement is longer than this one runs.
COLUMNS = ("key", "is_open", "is_default", "is_vip", "is_archived", "allow_cross_queue", "fallback_id", "hours_id")
EVERY = f"""
SELECT q.id, {", ".join(f"q.{name}" for name in COLUMNS)}, to_jsonb(h) AS shifts, ARRAY(
    SELECT a.id FROM handover_membership m JOIN handover_agent a ON a.id = m.agent_id
    JOIN auth_user u ON u.id = a.user_id AND u.is_active
    WHERE m.queue_id = q.id AND a.is_active AND a.manual_status = 'online' AND a.last_seen_at >= %(since)s
      AND NOT a.is_draining AND (q.strategy = 'manual' OR a.not_responding_at IS NULL) AND (%(skill)s = '' OR EXISTS (
        SELECT 1 FROM handover_agent_skills k JOIN handover_skill s ON s.id = k.skill_id
        WHERE k.agent_id = a.id AND s.key = %(skill)s
      ))
) AS staff
FROM handover_queue q LEFT JOIN handover_businesshours h ON h.id = q.hours_id
"""
# What a plan may name: the default one, the VIPs', that of last time and the one asked for, with their fall-backs.
NAMED = """
WHERE q.is_default OR q.is_vip OR q.id IN (
    WITH RECURSIVE chain (id, next, depth) AS (
        SELECT f.id, f.fallback_id, 0 FROM handover_queue f WHERE f.id IN (%(wanted)s, %(last)s)
        UNION ALL
        SELECT f.id, f.fallback_id, depth + 1 FROM chain JOIN handover_queue f ON f.id = chain.next
        WHERE depth < %(depth)s
    ) SELECT id FROM chain
)
"""
ORDER = "ORDER BY q.is_default DESC, q.id"


@dataclass(frozen=True, slots=True)
class House:
    """Queues, and who is online for each and not on the way out, at one moment.

    With a skill: only who has it. Which queue is asked first for it is chosen before, by the queue's own skills.
    """

    now: datetime
    queues: Mapping[int, Queue]
    staff: Mapping[int, frozenset[int]]  # queue id -> agents online
    skill: str = ""

    def facts(self, queue: Queue | None) -> QueueFacts | None:
        if queue is None:
            return None
        is_open = not queue.is_archived and hours.is_open(queue, self.now)
        return QueueFacts(queue.pk, is_open, bool(self.staff.get(queue.pk)))

    def default(self) -> Queue | None:
        return next((queue for queue in self.queues.values() if queue.is_default), None)

    def vip(self) -> QueueFacts | None:
        """The first of the VIPs' queues that can take somebody now, else one that is open, else any in use."""
        kept = (queue for queue in self.queues.values() if queue.is_vip and not queue.is_archived)
        found = (facts for queue in kept if (facts := self.facts(queue)) is not None)
        return max(found, key=lambda facts: (facts.is_eligible, facts.is_open), default=None)

    def fallbacks(self, queue: Queue | None) -> list[Queue]:
        """At most three, each once: a circle of fall-backs ends where it began, and is said in the log."""
        found: list[Queue] = []
        seen = {queue.pk} if queue else set()
        while queue is not None and queue.fallback_id and len(found) < limits.number("FALLBACK_DEPTH"):
            if queue.fallback_id in seen:
                log.warning("the fall-backs of queue %s go in a circle", queue.key)
                break
            if (queue := self.queues.get(queue.fallback_id)) is None:
                break  # changed since the queue in question was read
            seen.add(queue.pk)
            found.append(queue)
        return found


def whole(now: datetime, *, skill: str = "") -> House:
    """Every queue; one query."""
    return _read(now, f"{EVERY}{ORDER}", skill, {})


def around(now: datetime, *, wanted: Queue | None, last_id: int | None = None, skill: str = "") -> House:
    """The queues that a plan may name: no more are read, however many there are; one query."""
    values = {"wanted": wanted and wanted.pk, "last": last_id, "depth": limits.number("FALLBACK_DEPTH")}
    return _read(now, f"{EVERY}{NAMED}{ORDER}", skill, values)


def _read(now: datetime, statement: str, skill: str, values: Mapping[str, Any]) -> House:
    given = {**values, "skill": skill, "since": now - limits.lasts("ONLINE_WITHIN")}
    rows = list(Queue.objects.raw(statement, given))
    staff: dict[int, frozenset[int]] = {}
    for queue in rows:
        shifts: str | None = getattr(queue, "shifts")  # noqa: B009  # columns of the statement, none of the model's
        if shifts:
            queue.hours = BusinessHours(**json.loads(shifts))
        staff[queue.pk] = frozenset(getattr(queue, "staff"))  # noqa: B009
    return House(now, {queue.pk: queue for queue in rows}, staff, skill)

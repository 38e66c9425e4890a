"""How does each queue stand: how many wait, for how long, whose promise is near or broken, and who could take them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from handover import hours
from handover.board.staffing import AgentLine
from handover.models import Queue

# One pass over the index `conversation_queued`, however many wait.
WAITING = """
SELECT c.owner_id, count(*) FILTER (WHERE c.mode = 'live'), count(*) FILTER (WHERE c.mode = 'ticket'),
       min(c.queued_at) FILTER (WHERE c.mode = 'live')
FROM conversations_conversation c WHERE c.owner_kind = 'queue' AND c.state = 'open' GROUP BY c.owner_id
"""
# Promises whose time runs, of those who wait and of those with an agent; a conversation counts once, at its worst.
PROMISED = """
SELECT c.queue_id, count(*) FILTER (WHERE NOT p.is_over), count(*) FILTER (WHERE p.is_over)
FROM (SELECT conversation_id, bool_or(breached_at IS NOT NULL OR due_at <= %(now)s) AS is_over
      FROM handover_slaclock
      WHERE ended_at IS NULL AND due_at IS NOT NULL AND (warned_at IS NOT NULL OR breached_at IS NOT NULL
            OR due_at <= %(now)s)
      GROUP BY conversation_id) p
JOIN conversations_conversation c ON c.id = p.conversation_id
WHERE c.state = 'open' GROUP BY c.queue_id
"""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One queue; `since` is when its longest waiting customer came, `room` the weight that its agents can take on."""

    pk: int
    key: str
    title: str
    is_open: bool
    strategy: str
    waiting: int
    tickets: int
    since: datetime | None
    near: int
    over: int
    online: int
    members: int
    room: float

    @property
    def is_alone(self) -> bool:
        """Somebody waits, and nobody is there."""
        return self.waiting > 0 and self.online == 0


def read(now: datetime, agents: Sequence[AgentLine]) -> tuple[QueueLine, ...]:
    """Every queue that is not archived, by title. Three statements."""
    waiting, promised = standing(now)
    found = Queue.objects.filter(is_archived=False).select_related("hours").order_by("title", "pk")
    return tuple(_line(queue, now, waiting.get(queue.pk), promised.get(queue.pk), agents) for queue in found)


def standing(now: datetime) -> tuple[dict[int, tuple[int, int, datetime | None]], dict[int, tuple[int, int]]]:
    """By queue: how many wait live and as tickets, and since when; how many promises are near and broken."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        waiting = {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}
        cursor.execute(PROMISED, {"now": now})
        promised = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    return waiting, promised


def _line(
    queue: Queue,
    now: datetime,
    waits: tuple[int, int, datetime | None] | None,
    promises: tuple[int, int] | None,
    agents: Sequence[AgentLine],
) -> QueueLine:
    members = [agent for agent in agents if queue.pk in agent.queues]
    live, tickets, since = waits or (0, 0, None)
    near, over = promises or (0, 0)
    return QueueLine(
        pk=queue.pk,
        key=queue.key,
        title=queue.title,
        is_open=hours.is_open(queue, now),
        strategy=queue.get_strategy_display(),
        waiting=live,
        tickets=tickets,
        since=since,
        near=near,
        over=over,
        online=sum(agent.presence == "online" for agent in members),
        members=len(members),
        room=sum(agent.room for agent in members),
    )

"""What needs a supervisor now? Calls that nobody has answered, broken promises, agents who let offers pass, and who
reads unusually much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from handover.board.leads import CALLED_FOR
from handover.board.staffing import AgentLine

EACH = 5  # of one queue: whoever leads it needs the worst, not all
MOST = 60

# A call holds until somebody has answered the customer; the newest of a conversation. Index `event_called`.
# Who has read too much (`reads`) is named for as long; index `audit_of_object`.
CALLED = """
SELECT * FROM (
    SELECT DISTINCT ON (c.id) 'called' AS kind, '' AS who, c.public_id, p.root_id,
           coalesce(c.queue_id, (e.data ->> 'queue')::bigint) AS queue_id,
           CASE c.owner_kind WHEN 'agent' THEN c.owner_id END AS agent_id, e.recorded_at AS at, e.data ->> 'cause'
    FROM conversations_conversationevent e
    JOIN conversations_conversation c ON c.id = e.conversation_id
    JOIN customers_customer p ON p.id = c.customer_id
    WHERE e.kind = 'supervisor_called' AND e.recorded_at > %(since)s AND c.state = 'open' AND c.waiting_on = 'us'
      AND c.owner_kind IN ('agent', 'queue') AND (c.last_agent_at IS NULL OR c.last_agent_at < e.recorded_at)
    ORDER BY c.id, e.recorded_at DESC
) called
UNION ALL
SELECT 'reads', coalesce(a.name, u.username, ''), NULL, NULL, NULL, a.id, r.at, r.rows::text
FROM customers_auditentry r
LEFT JOIN auth_user u ON u.id = substr(r.actor, length('user:') + 1)::bigint
LEFT JOIN handover_agent a ON a.user_id = u.id
WHERE r.object_id = 'READS_TOLD' AND r.actor LIKE 'user:%%' AND r.at > %(since)s
ORDER BY at DESC LIMIT %(most)s
"""
# Index `sla_of_conversation` holds the promises that run.
LATE = """
SELECT 'late', '', public_id, root_id, queue_id, agent_id, due_at, '' FROM (
    SELECT c.public_id, p.root_id, c.queue_id, CASE c.owner_kind WHEN 'agent' THEN c.owner_id END AS agent_id,
           s.due_at, row_number() OVER (PARTITION BY c.queue_id ORDER BY s.due_at, c.id) AS place
    FROM (SELECT conversation_id, min(due_at) AS due_at FROM handover_slaclock
          WHERE ended_at IS NULL AND breached_at IS NOT NULL AND due_at IS NOT NULL GROUP BY conversation_id) s
    JOIN conversations_conversation c ON c.id = s.conversation_id
    JOIN customers_customer p ON p.id = c.customer_id
    WHERE c.state = 'open'
) late WHERE place <= %(each)s ORDER BY due_at LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Alarm:
    """`kind` is called, late, silent or reads; `cause` says more. The latter two have no conversation; `who` has read
    too much, with a desk (`agent_id`) or without."""

    kind: str
    at: datetime
    cause: str
    queue_id: int | None
    agent_id: int | None
    conversation: UUID | None = None
    root_id: int | None = None
    who: str = ""


def read(now: datetime, agents: Sequence[AgentLine]) -> tuple[Alarm, ...]:
    """Calls and who reads too much first, then silent agents, then broken promises, of each queue the worst.

    Two statements.
    """
    with connection.cursor() as cursor:
        cursor.execute(CALLED, {"since": now - CALLED_FOR, "most": MOST})
        called = [_alarm(row) for row in cursor.fetchall()]
        cursor.execute(LATE, {"each": EACH, "most": MOST})
        late = [_alarm(row) for row in cursor.fetchall()]
    silent = [
        Alarm("silent", agent.silent_at, str(agent.missed), None, agent.pk)
        for agent in agents
        if agent.is_silent and agent.silent_at is not None
    ]
    named = {one.conversation for one in called if one.conversation is not None}
    return (*called, *silent, *(one for one in late if one.conversation not in named))


def _alarm(row: tuple[Any, ...]) -> Alarm:
    kind, who, public_id, root_id, queue_id, agent_id, at, cause = row
    return Alarm(kind, at, cause or "", queue_id, agent_id, public_id, root_id, who)

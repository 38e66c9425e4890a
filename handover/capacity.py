"""Who has room? What an agent carries, weighed by channel, counted under the agent's row lock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from common import clock
from conversations.models import Conversation
from handover import limits
from handover.models import Agent

WEIGHTS = {"web": 2.0, "email": 0.5}  # every other kind of channel: 1
WRAPPING = 0.5
IDLE_AFTER = timedelta(minutes=10)  # without a word of the customer who owes the answer
IDLE_FACTOR = 0.25

# The kind of channel that the customer spoke on last says how much a conversation weighs.
KIND = """(SELECT s.kind FROM conversations_session s WHERE s.conversation_id = c.id AND s.ended_at IS NULL
        ORDER BY s.last_inbound_at DESC NULLS LAST LIMIT 1)"""
CARRIED = f"""
SELECT c.owner_id, c.waiting_on = 'customer' AND c.last_message_at < %(idle)s, {KIND}, NULL
FROM conversations_conversation c
WHERE c.owner_kind = 'agent' AND c.owner_id = ANY(%(agents)s) AND c.state = 'open'
UNION ALL
SELECT r.agent_id, false, NULL, r.weight FROM handover_reservation r
WHERE r.agent_id = ANY(%(agents)s) AND r.status = 'pending'
UNION ALL
SELECT w.agent_id, false, NULL, %(wrapping)s FROM handover_wrapup w
WHERE w.agent_id = ANY(%(agents)s) AND w.done_at IS NULL AND w.ends_at > %(now)s
"""  # KIND is a constant above
# Is `d` an offer that was put to an agent in vain a short while ago? No more once they have accepted the conversation
# after all, or have helped in it (answered, closed). OFFSET 0 keeps the look-ups by index, only where there is one.
DECLINED = """d.answered_at > %(since)s AND d.status IN ('declined', 'timed_out') AND NOT EXISTS (
    SELECT 1 FROM handover_reservation t WHERE t.conversation_id = d.conversation_id AND t.agent_id = d.agent_id
    AND t.status = 'accepted' AND t.answered_at > d.answered_at OFFSET 0
) AND NOT EXISTS (
    SELECT 1 FROM handover_affinity f WHERE f.conversation_id = d.conversation_id AND f.agent_id = d.agent_id
    AND f.handled_at > d.answered_at OFFSET 0
)"""
FITTING = f"""
SELECT mine.*, carried.* FROM (SELECT {KIND} AS kind, EXISTS (
    SELECT 1 FROM handover_reservation d WHERE d.conversation_id = c.id AND d.agent_id = ANY(%(agents)s)
    AND {DECLINED}
) FROM (SELECT %(conversation)s::bigint AS id) AS c) AS mine (kind, has_declined)
LEFT JOIN ({CARRIED}) AS carried (agent_id, is_idle, kind, fixed) ON true
"""


def load(agent_id: int) -> float:
    """The sum of the weights of the agent's open conversations, of what they are offered, and of wrapping up.

    Parked conversations weigh nothing.
    """
    return loads([agent_id])[agent_id]


def loads(agent_ids: Collection[int]) -> dict[int, float]:
    """The same for several agents; one query."""
    found = dict.fromkeys(agent_ids, 0.0)
    with connection.cursor() as cursor:
        cursor.execute(CARRIED, _values(agent_ids))
        for agent_id, *carried in cursor.fetchall():
            found[agent_id] += _weighed(*carried)
    return found


def weight(kind: str) -> float:
    """What one conversation on this kind of channel weighs."""
    return WEIGHTS.get(kind, 1.0)


def weight_of(conversation: Conversation) -> float:
    """What this conversation would weigh on an agent's desk."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {KIND} FROM (SELECT %s::bigint AS id) AS c", [conversation.pk])
        return weight(cursor.fetchone()[0] or "")


def lock(agent_id: int) -> Agent:
    """The agent's row, locked: nobody else counts or adds to this agent's load until the transaction ends."""
    return _locked().get(pk=agent_id)


def lock_all(agent_ids: Collection[int]) -> list[Agent]:
    """Several agents' rows, locked in ascending order."""
    return list(_locked().filter(pk__in=agent_ids).order_by("pk"))


def _locked() -> QuerySet[Agent]:
    """With the login, which is not locked: who lost it takes no work."""
    return Agent.objects.select_related("user").select_for_update(no_key=True, of=("self",))


def room_for(conversation: Conversation, agent: Agent) -> float | None:
    """What the conversation would weigh, if it still fits on the agent's desk; None if not. One query.

    Certain only under the agent's lock.
    """
    return room_and_refusal(conversation, agent)[0]


def room_and_refusal(conversation: Conversation, agent: Agent) -> tuple[float | None, bool]:
    """The same, and whether the agent declined this conversation, or let it pass, a short while ago. One query."""
    values = {**_values([agent.pk]), "conversation": conversation.pk}
    values["since"] = values["now"] - limits.lasts("DECLINE_EXCLUDE")
    with connection.cursor() as cursor:
        cursor.execute(FITTING, values)
        rows = cursor.fetchall()
    kind, has_declined = rows[0][:2]
    needed = weight(kind or "")
    carried = sum(_weighed(*row[3:]) for row in rows if row[2] is not None)
    return needed if carried + needed <= agent.capacity else None, has_declined


def _values(agent_ids: Collection[int]) -> dict[str, Any]:
    now = clock.now()
    return {"agents": list(agent_ids), "idle": now - IDLE_AFTER, "now": now, "wrapping": WRAPPING}


def _weighed(is_idle: bool, kind: str | None, fixed: float | None) -> float:
    return fixed if fixed is not None else weight(kind or "") * (IDLE_FACTOR if is_idle else 1)

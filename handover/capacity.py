"""Who has room? What an agent carries, weighed by channel, counted under the agent's row lock."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from common import clock
from conversations.models import Conversation
from handover.models import Agent

WEIGHTS = {"web": 2.0, "email": 0.5}  # every other kind of channel: 1
IDLE_AFTER = timedelta(minutes=10)
IDLE_FACTOR = 0.25

# The kind of channel that the customer spoke on last says how much a conversation weighs.
CARRIED = """
SELECT c.waiting_on = 'customer' AND c.last_message_at < %(idle)s,
       (SELECT s.kind FROM conversations_session s WHERE s.conversation_id = c.id AND s.ended_at IS NULL
        ORDER BY s.last_inbound_at DESC NULLS LAST LIMIT 1)
FROM conversations_conversation c
WHERE c.owner_kind = 'agent' AND c.owner_id = %(agent)s AND c.state = 'open'
"""


def load(agent_id: int) -> float:
    """The sum of the weights of the agent's open conversations; parked ones weigh nothing."""
    with connection.cursor() as cursor:
        cursor.execute(CARRIED, {"agent": agent_id, "idle": clock.now() - IDLE_AFTER})
        return sum(weight(kind or "") * (IDLE_FACTOR if is_idle else 1) for is_idle, kind in cursor.fetchall())


def weight(kind: str) -> float:
    """What one conversation on this kind of channel weighs."""
    return WEIGHTS.get(kind, 1.0)


def weight_of(conversation: Conversation) -> float:
    """What this conversation would weigh on an agent's desk."""
    latest = conversation.sessions.filter(ended_at__isnull=True).order_by("-last_inbound_at").first()
    return weight(latest.kind if latest else "")


def lock(agent_id: int) -> Agent:
    """The agent's row, locked: nobody else counts or adds to this agent's load until the transaction ends."""
    return Agent.objects.select_for_update(no_key=True).get(pk=agent_id)


def has_room(agent: Agent, needed: float) -> bool:
    """Would one more conversation of this weight still fit? Certain only under the agent's lock."""
    return load(agent.pk) + needed <= agent.capacity

"""Who helped this customer last? Written when an agent answers or closes; an older fact never wins."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from conversations.models import Conversation
from handover.models import Agent

# Per origin and skill: over merged customers the newest counts when it is read, and a split gives each their own back.
WRITE = """
INSERT INTO handover_affinity AS a (customer_id, scope, agent_id, queue_id, conversation_id, handled_at)
VALUES (%(customer)s, %(scope)s, %(agent)s, %(queue)s::bigint, %(conversation)s, %(at)s)
ON CONFLICT (customer_id, scope) DO UPDATE SET
    agent_id = excluded.agent_id, queue_id = excluded.queue_id, conversation_id = excluded.conversation_id,
    handled_at = excluded.handled_at
WHERE excluded.handled_at > a.handled_at
"""


def write(*, conversation: Conversation, agent: Agent, at: datetime) -> None:
    """Remembers agent and queue for the customer and the conversation's skill, unless something newer is known."""
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "scope": conversation.skill,
                "agent": agent.pk,
                "queue": conversation.queue_id,
                "conversation": conversation.pk,
                "customer": conversation.customer_id,
                "at": at,
            },
        )

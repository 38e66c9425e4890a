"""Does what is derived on the human side follow from what happened? Who helped last, against the events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from common import clock
from conversations.models import Conversation
from handover import affinity, limits
from handover.models import Agent

# The newest public answer or closing of each customer within the time that counts, where nothing as new is kept.
# Written in the same transaction, a moment apart: a few seconds are no difference. Who closes what nobody had
# has helped nobody, and a close that was taken back is none: the move with its epoch and the next one say so.
DRIFTED = """
SELECT f.conversation_id, f.agent_id, f.at FROM (
    SELECT DISTINCT ON (c.customer_id) c.customer_id, c.id AS conversation_id, e.actor_id AS agent_id,
           e.recorded_at AS at
    FROM conversations_conversationevent e
    JOIN conversations_conversation c ON c.id = e.conversation_id
    JOIN handover_agent g ON g.id = e.actor_id
    WHERE e.actor_kind = 'agent' AND e.kind IN ('message', 'closed') AND e.recorded_at >= %(since)s
        AND (e.kind = 'message' OR NOT EXISTS (
            SELECT FROM conversations_conversationevent m
            WHERE m.conversation_id = e.conversation_id AND m.kind = 'owner_changed'
                AND m.epoch IN (e.epoch, e.epoch + 1)
                AND (m.data->>'cause' = 'undo' OR m.data->>'cause' = 'close' AND m.data->'from'->>'kind' <> 'agent')
        ))
    ORDER BY c.customer_id, e.recorded_at DESC, e.id DESC
) f
WHERE NOT EXISTS (
    SELECT FROM handover_affinity a
    WHERE a.customer_id = f.customer_id AND a.handled_at >= f.at - interval '5 seconds'
)
ORDER BY f.conversation_id
"""


@dataclass(frozen=True, slots=True)
class Drift:
    """An agent helped a customer, and nobody would know it."""

    conversation_id: int
    agent_id: int
    at: datetime


def check(*, repair: bool = False) -> list[Drift]:
    """What differs; `repair` writes it, by the same door and guard as ever, so that newer knowledge wins."""
    with connection.cursor() as cursor:
        cursor.execute(DRIFTED, {"since": clock.now() - limits.lasts("STALE_AFTER")})
        found = [Drift(*row) for row in cursor.fetchall()]
    if repair:
        for one in found:
            conversation = Conversation.objects.get(pk=one.conversation_id)
            affinity.write(conversation=conversation, agent=Agent.objects.get(pk=one.agent_id), at=one.at)
    return found

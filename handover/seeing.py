"""What has an agent not read yet? A mark for each conversation that they looked at; written many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from conversations.models import Conversation, ConversationEvent
from handover.models import Agent, SeenMark

# A mark never goes beyond what there is, nor back; the rows in one order, so that two writers never wait in a ring.
WRITE = """
INSERT INTO handover_seenmark (conversation_id, agent_id, seq)
SELECT c.id, s.agent_id, least(max(s.seq), c.head_seq)
FROM unnest(%(agents)s::bigint[], %(conversations)s::bigint[], %(seqs)s::bigint[]) AS s(agent_id, conversation_id, seq)
JOIN conversations_conversation c ON c.id = s.conversation_id
GROUP BY c.id, s.agent_id ORDER BY c.id, s.agent_id
ON CONFLICT (agent_id, conversation_id) DO UPDATE SET seq = EXCLUDED.seq
{only}
"""
MOST = 200
FORWARD = "WHERE handover_seenmark.seq < EXCLUDED.seq"
Looks = Mapping[tuple[int, int], int]  # (agent, conversation) -> the last event on a screen of theirs


def write(looks: Looks) -> None:
    """Notes how far agents have read. One statement."""
    _write(looks, FORWARD)


def put(agent: Agent, seqs: Mapping[int, int]) -> None:
    """Sets an agent's marks to these numbers by conversation, forward or back."""
    _write({(agent.pk, conversation_id): seq for conversation_id, seq in seqs.items()}, "")


def unread_before(conversation_ids: Collection[int]) -> dict[int, int]:
    """For each conversation the number before its customer's last message: a mark there leaves that one unread."""
    heard = ConversationEvent.objects.filter(conversation_id=OuterRef("pk"), kind="message", actor_kind="customer")
    rows = Conversation.objects.filter(pk__in=conversation_ids).annotate(
        heard=Subquery(heard.order_by("-seq").values("seq")[:1])
    )
    return {pk: seq - 1 for pk, seq in rows.values_list("pk", "heard") if seq is not None}


def of(agent_ids: Collection[int], conversation_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """The marks of these agents on these conversations. One query."""
    rows = SeenMark.objects.filter(conversation_id__in=conversation_ids, agent_id__in=agent_ids)
    return {
        (agent, conversation): seq
        for agent, conversation, seq in rows.values_list("agent_id", "conversation_id", "seq")
    }


def unread(agent: Agent, conversation: Conversation) -> list[int]:
    """The numbers of what the customer has written since this agent looked, the first some hundred."""
    mark = of([agent.pk], [conversation.pk]).get((agent.pk, conversation.pk), 0)
    heard = conversation.events.filter(kind="message", actor_kind="customer", seq__gt=mark)
    return list(heard.order_by("seq").values_list("seq", flat=True)[:MOST])


def is_unread(agent: Agent) -> Q:
    """On conversations in people's hands: the customer has written since this agent looked."""
    mark = SeenMark.objects.filter(conversation=OuterRef(OuterRef("pk")), agent=agent).values("seq")[:1]
    heard = ConversationEvent.objects.filter(conversation=OuterRef("pk"), kind="message", actor_kind="customer")
    fresh = heard.filter(seq__gt=Coalesce(Subquery(mark), Value(0)))
    return ~Q(owner_kind=Conversation.Owner.BOT) & Q(Exists(fresh))


def _write(looks: Looks, only: str) -> None:
    if not looks:
        return
    values: dict[str, Any] = {
        "agents": [agent for agent, _ in looks],
        "conversations": [conversation for _, conversation in looks],
        "seqs": list(looks.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(only=only), values)

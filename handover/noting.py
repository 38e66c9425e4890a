"""How does a word for the team get onto a conversation? Written once, told to the screens; nobody outside sees it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from common import clock
from conversations import events
from conversations.models import Conversation
from handover import mentions
from handover.models import Agent, Note


def write(*, conversation: Conversation, agent: Agent, text: str, client_id: str = "") -> Note | None:
    """A note of this agent; None if the same `client_id` wrote it before. Needs the conversation's row lock."""
    if author(conversation.public_id, client_id) is not None:
        return None
    written = Note.objects.create(
        conversation=conversation,
        customer_id=conversation.customer_id,
        agent=agent,
        client_id=client_id,
        text=text,
        created_at=clock.now(),
    )
    mentions.write(written)
    events.append(
        conversation=conversation,
        kind="note",
        actor_kind="agent",
        actor_id=agent.pk,
        data={"note": str(written.public_id)},
    )
    return written


def author(conversation: UUID, client_id: str) -> int | None:
    """The agent who wrote a note with this id there before, 0 if they are gone; None if nobody has."""
    if not client_id:
        return None
    found = Note.objects.filter(conversation__public_id=conversation, client_id=client_id)
    return next((agent_id or 0 for agent_id in found.values_list("agent_id", flat=True)), None)


def written(conversation: UUID, agent: Agent, client_ids: Collection[str]) -> list[str]:
    """Those of the ids with which this agent wrote a note there before; one query."""
    found = Note.objects.filter(conversation__public_id=conversation, agent=agent, client_id__in=client_ids)
    return list(found.values_list("client_id", flat=True))

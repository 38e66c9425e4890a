"""How does a word for the team get onto a conversation? Written once, told to the screens; nobody outside sees it."""

from __future__ import annotations

from common import clock
from conversations import events
from conversations.models import Conversation
from handover import mentions
from handover.models import Agent, Note


def write(*, conversation: Conversation, agent: Agent, text: str, client_id: str = "") -> Note | None:
    """A note of this agent; None if the same `client_id` wrote it before. Needs the conversation's row lock."""
    if is_written(conversation, client_id):
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


def is_written(conversation: Conversation, client_id: str) -> bool:
    """Was a note with this id written here before?"""
    return bool(client_id) and conversation.notes.filter(client_id=client_id).exists()

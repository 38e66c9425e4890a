"""Who is next in a queue? Its age, and the minutes that priority counts for."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from conversations import events
from conversations.models import Conversation


def place(queued_at: datetime, priority: int) -> datetime:
    """What is sorted by: the earlier, the sooner. `priority` in minutes of age."""
    return queued_at - timedelta(minutes=priority)


def in_order(waiting: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """The next first."""
    return waiting.order_by(Coalesce(F("ranked_at"), F("queued_at")).asc(nulls_last=True), "pk")


def hurry(*, conversation: Conversation, minutes: int, cause: str) -> None:
    """Counts as so many minutes older from now on, where it waits; needs the row lock. Event `priority_raised`."""
    conversation.priority += minutes
    if conversation.queued_at is not None:
        conversation.ranked_at = (conversation.ranked_at or conversation.queued_at) - timedelta(minutes=minutes)
    conversation.save(update_fields=["priority", "ranked_at"])
    events.append(
        conversation=conversation,
        kind="priority_raised",
        actor_kind="system",
        data={"minutes": minutes, "cause": cause},
    )

"""Who waits for this agent next? Their own customers first, then their queues, each the longest waiting first."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F
from django.urls import reverse

from conversations.models import Conversation
from handover import sight
from handover.models import Agent

Owner, State = Conversation.Owner, Conversation.State


def find(agent: Agent, *, but: UUID | None = None) -> Conversation | None:
    """The next conversation with a view to open it in; two queries at most."""
    waiting = sight.visible_to(agent).filter(state=State.OPEN, waiting_on="us")
    waiting = waiting.exclude(public_id=but) if but else waiting
    mine = waiting.filter(owner_kind=Owner.AGENT, owner_id=agent.pk)
    queues = list(agent.memberships.values_list("queue_id", flat=True))
    queued = waiting.filter(owner_kind=Owner.QUEUE, owner_id__in=queues)
    by_wait, by_rank = (F(name).asc(nulls_last=True) for name in ("last_customer_at", "ranked_at"))
    return mine.order_by(by_wait, "pk").first() or queued.order_by(by_rank, "pk").first()


def url(agent: Agent, *, but: UUID | None = None) -> str:
    """Its address, '' when nobody waits."""
    found = find(agent, but=but)
    return reverse("inbox:conversation", args=[found.public_id]) if found else ""

"""Whose screens have been dark for so long that what they hold goes back to its queue?"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from common import clock
from conversations.models import Conversation, ConversationEvent
from handover import limits
from handover.models import Agent
from handover.timing import effects, returning

CAUSE = "agent_gone"
Owner, State = Conversation.Owner, Conversation.State


def sweep(*, limit: int = 100) -> int:
    """Each in a transaction of its own; returns how many went back. What the customer owes an answer for, stays."""
    moved = 0
    for pk in list(due(clock.now()).values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            moved += _leave(pk)
    return moved


def due(now: datetime) -> QuerySet[Conversation]:
    """The customer waits, and the agent is gone: ten minutes if they never answered since it came to them, else thirty.

    Gone is who was not seen, or works here no longer; a closed page is not gone at once. Who is offline by their own
    word is gone, whatever page is open, once the customer has waited for ten minutes.
    """
    agents = Agent.objects.filter(pk=OuterRef("owner_id"))
    came = ConversationEvent.objects.filter(conversation=OuterRef("pk"), kind="owner_changed").order_by("-seq")
    held = Conversation.objects.filter(state=State.OPEN, owner_kind=Owner.AGENT, waiting_on="us").annotate(
        is_active=Subquery(agents.values("is_active")[:1]),
        status=Subquery(agents.values("manual_status")[:1]),
        may_log_in=Subquery(agents.values("user__is_active")[:1]),
        seen_at=Subquery(agents.values("last_seen_at")[:1]),
        came_at=Subquery(came.values("recorded_at")[:1]),
    )
    is_answered = Q(last_agent_at__gte=F("came_at"))
    unanswered = ~is_answered | Q(last_agent_at__isnull=True)
    early = now - limits.lasts("REQUEUE_AFTER")
    gone = Q(seen_at__lt=early) & unanswered
    left = Q(status=Agent.Status.OFFLINE, came_at__lt=early, last_customer_at__lt=early)
    long_gone = Q(seen_at__lt=now - limits.lasts("AWAY_GRACE"))
    return held.filter(Q(is_active=False) | Q(may_log_in=False) | gone | long_gone | left).order_by("pk")


def _leave(conversation_id: int) -> bool:
    scene = effects.scene_of(conversation_id)
    if scene is None or not due(scene.now).filter(pk=conversation_id).exists():
        return False
    return returning.to_queue(scene, cause=CAUSE)

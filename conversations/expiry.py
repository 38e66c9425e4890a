"""Which conversations have fallen silent? A day without a word from either side, and the bot owns again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from common import clock
from conversations import events, ownership, sessions
from conversations.journeys import publishing, remote
from conversations.models import Conversation, JourneyRun

Owner, State = Conversation.Owner, Conversation.State
Follow = Callable[[Conversation], None]
_follows: list[Follow] = []


def follow(after: Follow) -> None:
    """Registers what else ends with a conversation that has expired; called with its row lock."""
    _follows[:] = [after]


def sweep(*, limit: int = 100) -> int:
    """Closes what is due, each in a transaction of its own; returns how many. What somebody holds is left for later."""
    closed = 0
    for pk in list(due(clock.now()).order_by("expires_at").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            found = due(clock.now()).select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
            closed += bool(found and expire(conversation=found))
    return closed


def due(now: datetime) -> QuerySet[Conversation]:
    """Open ones whose time is up; parked ones and tickets wait for us, not for the customer."""
    return Conversation.objects.filter(state=State.OPEN, mode="live", expires_at__lte=now)


def is_due(conversation: Conversation, now: datetime) -> bool:
    """The same for one at hand."""
    expires = conversation.expires_at
    return conversation.state == State.OPEN and conversation.mode == "live" and expires is not None and expires <= now


def expire(*, conversation: Conversation) -> bool:
    """Closes one as expired, under its row lock, without a word; what waited for a human in it is over."""
    now = clock.now()
    ownership.move(
        conversation=conversation,
        seen_epoch=conversation.owner_epoch,
        to=Owner.BOT,
        state=State.CLOSED,
        allowed_states=(State.OPEN,),
        cause="expired",
        actor_kind="system",
        close_reason="expired",
        queued_at=None,
    )
    for after in _follows:
        after(conversation)
    for run in _human_parts(conversation):
        run.status, run.end_reason, run.ended_at, run.wait = JourneyRun.Status.EXPIRED, "handover_expired", now, None
        run.seq += 1
        run.save(update_fields=["status", "end_reason", "ended_at", "wait", "seq"])
        remote.abandon(run=run, at=now)
        data = {"run": run.pk, "journey": publishing.definition(run.version_id).key, "outcome": str(run.status)}
        events.append(conversation=conversation, kind="journey_ended", actor_kind="system", data=data)
    events.append(conversation=conversation, kind="closed", actor_kind="system", data={"reason": "expired"})
    sessions.end_all(conversation=conversation)
    return True


def _human_parts(conversation: Conversation) -> QuerySet[JourneyRun]:
    """Pre-chat questions, and the runs that wait for a handover to come out."""
    opened = conversation.runs.filter(status__in=JourneyRun.OPEN).select_for_update(no_key=True)
    return opened.filter(Q(purpose="intake") | Q(wait__kind="handover")).order_by("pk")

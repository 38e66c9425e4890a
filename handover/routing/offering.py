"""To whom is a conversation offered, and until when? One pending offer at a time, counted in full."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from common import clock
from conversations import events, timers
from conversations.models import Conversation
from handover import capacity
from handover.models import Agent, Reservation
from handover.routing import assigning

TIMER = "reservation"
Kind = Reservation.Kind
Status = Reservation.Status


def make(
    *,
    conversation: Conversation,
    agent_id: int,
    lasts: timedelta,
    kind: Kind = Kind.OFFER,
    from_agent: Agent | None = None,
) -> Reservation | None:
    """Offers it to an agent who can take it; needs the conversation's row lock. Event `offered`, Timer `reservation`.

    None: no room, not there, or it is offered to somebody already.
    """
    agent = capacity.lock(agent_id)
    weighs = capacity.room_for(conversation, agent) if assigning.may_take(agent) else None
    if weighs is None or pending(conversation):
        return None
    return lay(conversation, agent, weighs, lasts, kind=kind, from_agent=from_agent)


def lay(
    conversation: Conversation,
    agent: Agent,
    weight: float,
    lasts: timedelta,
    *,
    kind: Kind = Kind.OFFER,
    from_agent: Agent | None = None,
) -> Reservation:
    """The offer itself; the caller holds both locks and has counted."""
    now = clock.now()
    made = Reservation.objects.create(
        conversation=conversation,
        agent=agent,
        kind=kind,
        epoch=conversation.owner_epoch,
        plan_step=conversation.plan_step,
        from_agent=from_agent,
        weight=weight,
        offered_at=now,
        expires_at=database_time() + lasts,
    )
    timers.start(
        kind=TIMER,
        object_id=made.pk,
        due_at=now + lasts,
        guard=made.epoch,
        customer_id=conversation.customer_id,
    )
    data = {"agent": agent.pk, "kind": str(kind), "seconds": int(lasts.total_seconds())}
    events.append(conversation=conversation, kind="offered", actor_kind="system", data=data)
    return made


def pending(conversation: Conversation) -> bool:
    """Is it offered to somebody now?"""
    return Reservation.objects.filter(conversation=conversation, status=Status.PENDING).exists()


def database_time() -> datetime:
    """The database's moment with the sandbox's shift: offers end by one clock, whichever machine asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found + clock.offset()

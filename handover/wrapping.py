"""What does an agent still note when a conversation is closed? Topics and what came of it, within a minute."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from common import clock
from conversations import events, timers
from conversations.models import Conversation, Timer
from handover import holding, limits, refusals, tagging
from handover.models import Agent, Disposition, WrapUp

TIMER = "wrap_up"


def begin(conversation: Conversation, agent: Agent, *, disposition: str = "") -> WrapUp | None:
    """A minute for the agent who has just closed it, which weighs on them; nothing if all is said with the closing."""
    stop(conversation)
    now = clock.now()
    if disposition:
        WrapUp.objects.create(
            conversation=conversation,
            agent=agent,
            disposition=_disposition(disposition),
            started_at=now,
            ends_at=now,
            done_at=now,
        )
        _tell(conversation, agent, disposition)
        return None
    ends_at = now + limits.lasts("WRAP_UP")
    begun = WrapUp.objects.create(conversation=conversation, agent=agent, started_at=now, ends_at=ends_at)
    timers.start(
        kind=TIMER,
        object_id=conversation.pk,
        due_at=ends_at,
        guard=begun.pk,
        customer_id=conversation.customer_id,
    )
    return begun


@transaction.atomic
def finish(
    *, conversation_id: int, agent: Agent, disposition: str = "", tags: Collection[str] | None = None
) -> Conversation:
    """Notes topics and what came of it, and the minute is over. Possible later, too, for whoever closed it last."""
    conversation = holding.locked(conversation_id, agent)
    if conversation.state != Conversation.State.CLOSED:
        raise refusals.NotClosed()
    found = conversation.wrap_ups.order_by("-pk").first()
    if found is None or (found.agent_id != agent.pk and not holding.leads(conversation, agent)):
        raise refusals.NotYours()
    describe(conversation, agent, tags)
    chosen = _disposition(disposition) if disposition else None
    if chosen is not None and chosen.pk != found.disposition_id:
        found.disposition = chosen
        _tell(conversation, agent, disposition)
    found.done_at = found.done_at or clock.now()
    found.save(update_fields=["disposition", "done_at"])
    timers.stop(kind=TIMER, object_id=conversation.pk)
    return conversation


def describe(conversation: Conversation, agent: Agent, tags: Collection[str] | None) -> None:
    """What it was about, if that is said; under the conversation's row lock."""
    if tags is not None:
        tagging.give(conversation, agent, tags)


def stop(conversation: Conversation) -> None:
    """The conversation goes on: there is nothing to wrap up any more."""
    conversation.wrap_ups.filter(done_at__isnull=True).update(done_at=clock.now())
    timers.stop(kind=TIMER, object_id=conversation.pk)


def came_due(timer: Timer) -> None:
    """The minute is over, whatever was noted."""
    WrapUp.objects.filter(pk=timer.guard, done_at__isnull=True).update(done_at=clock.now())


def agent_of(conversation: Conversation) -> int | None:
    """Who is wrapping it up now; None if nobody is."""
    running = conversation.wrap_ups.filter(done_at__isnull=True, ends_at__gt=clock.now())
    return running.values_list("agent_id", flat=True).first()


def _disposition(key: str) -> Disposition:
    found = Disposition.objects.filter(key=key, is_archived=False).first()
    if found is None:
        raise refusals.NoSuchDisposition(key=key)
    return found


def _tell(conversation: Conversation, agent: Agent, disposition: str) -> None:
    data = {"disposition": disposition}
    events.append(conversation=conversation, kind="wrapped_up", actor_kind="agent", actor_id=agent.pk, data=data)

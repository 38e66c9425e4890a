"""May this agent be given one more? Counted under the agent's lock, so that automatic work exceeds no capacity."""

from __future__ import annotations

from django.db.models import Q

from common import clock
from conversations import outbox
from conversations.models import Conversation
from handover import capacity, limits, owning, presence
from handover.models import Agent

Owner = Conversation.Owner


def assign(*, conversation: Conversation, agent_id: int, cause: str = "assign") -> bool:
    """Gives a queued conversation to an agent if there is still room; needs the conversation's row lock.

    False: no room, or gone.
    """
    agent = capacity.lock(agent_id)
    if not may_take(agent) or capacity.room_for(conversation, agent) is None:
        return False
    hand(conversation=conversation, agent=agent, cause=cause)
    Agent.objects.filter(pk=agent_id).update(last_assigned_at=clock.now())
    return True


def hand(*, conversation: Conversation, agent: Agent, cause: str) -> None:
    """queue -> agent; the caller holds both locks, has counted, and notes the time of the assignment.

    What was queued to be said still goes out.
    """
    seen = conversation.owner_epoch
    owning.move(
        conversation=conversation,
        seen_epoch=seen,
        to=Owner.AGENT,
        owner_id=agent.pk,
        allowed_owners=(Owner.QUEUE,),
        cause=cause,
        actor_kind="system",
    )
    outbox.refence(conversation=conversation, from_epoch=seen)


def may_take(agent: Agent) -> bool:
    """Online, not on the way out, not known to let offers pass, and still let in; `agent` comes with its login."""
    return (
        presence.is_online(agent) and agent.user.is_active and not agent.is_draining and agent.not_responding_at is None
    )


def takers() -> Q:
    """The same as a condition on agents."""
    return presence.online(clock.now()) & Q(is_draining=False, not_responding_at__isnull=True)


def awake() -> Q:
    """At the keyboard within ten minutes, or nobody knows: queues may give nothing to the others."""
    return Q(last_input_at__isnull=True) | Q(last_input_at__gt=clock.now() - limits.lasts("IDLE_AFTER"))

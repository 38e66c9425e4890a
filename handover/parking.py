"""How does a conversation rest on an agent's desk, and what wakes it? The agent, the customer's word, or the time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from common import clock
from conversations import threads
from conversations.journeys.scene import Scene
from conversations.models import Conversation, Timer
from handover import capacity, holding, limits, notices, owning, presence, refusals, routing
from handover.models import Agent, Queue
from handover.timing import clocks

TIMER = clocks.PARKING

Owner, State = Conversation.Owner, Conversation.State


@transaction.atomic
def park(
    *, conversation_id: int, agent: Agent, reason: str = "", until: datetime | None = None, seen_seq: int | None = None
) -> Conversation:
    """Open -> parked, the agent stays: no load, no deadlines. It wakes at `until` (at most a week from now), or sooner
    when the customer writes; without `until` after a week. A word that the agent has not seen is `UnseenMessages`."""
    conversation = holding.locked(conversation_id, agent)
    latest = clock.now() + limits.lasts("PARK_MAX")
    if until is not None and not clock.now() < until <= latest:
        raise refusals.BadTime(latest=latest.isoformat())
    if conversation.state == State.CLOSED:
        raise refusals.AlreadyClosed()
    if not holding.is_owner(conversation, agent):
        raise refusals.NotYours(owner=holding.owner_name(conversation))
    if seen_seq is not None:
        holding.refuse_unseen(conversation, seen_seq)
    owning.move(
        conversation=conversation,
        to=Owner.AGENT,
        owner_id=agent.pk,
        state=State.PARKED,
        allowed_owners=(Owner.AGENT,),
        cause="park",
        actor_kind="agent",
        actor_id=agent.pk,
        parked_until=until,
        park_reason=reason,
    )
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


@transaction.atomic
def unpark(*, conversation_id: int, agent: Agent) -> Conversation:
    """Parked -> open, with the agent who parked it; whoever leads there may wake it, too."""
    conversation = holding.locked(conversation_id, agent)
    if conversation.state != State.PARKED:
        raise refusals.NotParked()
    holding.refuse_foreign(conversation, agent)
    rouse(conversation, agent)
    return conversation


def rouse(conversation: Conversation, agent: Agent) -> None:
    """Parked -> open, because `agent` wants to do something with it. Needs the conversation's row lock."""
    _to_agent(conversation, "unpark", "agent", agent.pk)


def wake(scene: Scene) -> None:
    """The customer has written: the same agent has it before new work, full or not; one who is gone has it no more."""
    conversation = scene.conversation
    if not _goes_to_queue(conversation, scene.now):
        _to_agent(conversation, "unpark_written", "customer")
        return
    queue = holding.home(conversation)
    if queue is None:
        _to_agent(conversation, "unpark_written", "customer")
        return
    is_staffed = presence.is_staffed(queue, routing.demanded(conversation))
    _to_queue(conversation, queue, "live" if is_staffed else "ticket", "customer")
    notices.tell(scene, "passing" if is_staffed else "ticket_waits")


def came_due(timer: Timer) -> None:
    """The time is up. Where the agent is gone and nobody else is there, it stays on the agent's desk."""
    found = Conversation.objects.filter(pk=timer.object_id).values_list("customer_id", flat=True).first()
    if found is None:
        return
    threads.lock_root(customer_id=found)
    conversation = threads.lock(conversation_id=timer.object_id)
    if conversation.state != State.PARKED or conversation.owner_epoch != timer.guard:
        return
    queue = holding.home(conversation) if _goes_to_queue(conversation, clock.now()) else None
    if queue is not None and presence.is_staffed(queue, routing.demanded(conversation)):
        _to_queue(conversation, queue, "live", "system")
    else:
        _to_agent(conversation, "unpark_due", "system")


def _goes_to_queue(conversation: Conversation, now: datetime) -> bool:
    """Has the agent been away longer than the grace, by their own word or without a sign of life?"""
    agent = Agent.objects.select_related("user").get(pk=conversation.owner_id or 0)
    if not agent.is_active or not agent.user.is_active or agent.manual_status == Agent.Status.OFFLINE:
        return True
    return agent.last_seen_at is None or agent.last_seen_at < now - limits.lasts("PARK_GRACE")


def _to_agent(conversation: Conversation, cause: str, actor_kind: str, actor_id: int | None = None) -> None:
    """Counted under the agent's lock, so that automatic work sees it; their capacity may be exceeded."""
    assert conversation.owner_id is not None
    capacity.lock(conversation.owner_id)
    owning.move(
        conversation=conversation,
        to=Owner.AGENT,
        owner_id=conversation.owner_id,
        allowed_states=(State.PARKED,),
        cause=cause,
        actor_kind=actor_kind,
        actor_id=actor_id,
    )


def _to_queue(conversation: Conversation, queue: Queue, mode: str, actor_kind: str) -> None:
    """Its age counts from the parking."""
    parked = conversation.events.get(kind="owner_changed", epoch=conversation.owner_epoch)
    waives = routing.demanded(conversation) != conversation.skill
    plan = routing.Plan(3, (routing.Target(f"queue:{queue.pk}"),), waives=waives)
    owning.move(
        conversation=conversation,
        to=Owner.QUEUE,
        owner_id=queue.pk,
        allowed_states=(State.PARKED,),
        cause="unpark_queue",
        actor_kind=actor_kind,
        mode=mode,
        queue_id=queue.pk,
        queued_at=parked.recorded_at,
        ranked_at=routing.rank(parked.recorded_at, conversation.priority),
        routing_plan=plan.after(conversation.routing_plan).to_json(),
        plan_step=0,
    )
    routing.begin(conversation)

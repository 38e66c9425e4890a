"""How does a conversation rest on an agent's desk, and what wakes it? The agent, the customer's word, or the time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from common import clock
from conversations import threads
from conversations.journeys.scene import Scene
from conversations.models import Conversation, Timer
from handover import capacity, holding, limits, notices, owning, presence, refusals, routing
from handover.models import Agent, Queue
from handover.timing import clocks

TIMER = clocks.PARKING
SAME_AGENT = 2  # the number of the rule

Owner, State = Conversation.Owner, Conversation.State


@transaction.atomic
def park(
    *,
    conversation_id: int,
    agent: Agent,
    reason: str = "",
    until: datetime | None = None,
    seen_seq: int | None = None,
    seen_epoch: int | None = None,
) -> Conversation:
    """Open -> parked, the agent stays: no load, no deadlines. It wakes at `until` (at most a week from now), or sooner
    when the customer writes; without `until` after a week. A word that the agent has not seen is `UnseenMessages`.

    Parked so already, nothing changes; anew it is, unless `seen_epoch` is from before the parking: `AlreadyParked`.
    """
    conversation = holding.locked(conversation_id, agent)
    latest = clock.now() + limits.lasts("PARK_MAX")
    if until is not None and not clock.now() < until <= latest:
        raise refusals.BadTime(latest=latest.isoformat())
    if conversation.state == State.CLOSED:
        raise refusals.AlreadyClosed()
    if not holding.is_owner(conversation, agent):
        raise refusals.NotYours(owner=holding.owner_name(conversation))
    if conversation.state == State.PARKED and _rests_so(conversation, until, reason, seen_epoch):
        return conversation
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


def _rests_so(conversation: Conversation, until: datetime | None, reason: str, seen_epoch: int | None) -> bool:
    if (conversation.parked_until, conversation.park_reason) == (until, reason):
        return True
    if seen_epoch is not None and seen_epoch != conversation.owner_epoch:
        raise refusals.AlreadyParked()
    return False


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
    queue = holding.home(conversation)
    plan = _plan(conversation, queue, scene.now)
    if queue is None or plan.rule == SAME_AGENT:
        _to_agent(conversation, "unpark_written", "customer")
        return
    is_live = plan.queue_id is not None
    _to_queue(conversation, queue, "live" if is_live else "ticket", "customer")
    notices.tell(scene, "passing" if is_live else "ticket_waits")


def came_due(timer: Timer) -> None:
    """The time is up. Where the agent is gone and nobody else is there, it stays on the agent's desk."""
    found = Conversation.objects.filter(pk=timer.object_id).values_list("customer_id", flat=True).first()
    if found is None:
        return
    threads.lock_root(customer_id=found)
    conversation = threads.lock(conversation_id=timer.object_id)
    if conversation.state != State.PARKED or conversation.owner_epoch != timer.guard:
        return
    queue = holding.home(conversation)
    if queue is not None and _plan(conversation, queue, clock.now()).queue_id is not None:
        _to_queue(conversation, queue, "live", "system")
    else:
        _to_agent(conversation, "unpark_due", "system")


def _plan(conversation: Conversation, queue: Queue | None, now: datetime) -> routing.Plan:
    """Rules 2 and 3: the agent who parked it, unless they have been away for long; then the queue of the parking."""
    facts = None
    if queue is not None:
        is_staffed = presence.is_staffed(queue, routing.demanded(conversation))  # false, too, while it is closed
        facts = routing.QueueFacts(queue.pk, is_open=is_staffed, is_staffed=is_staffed)
    standing = _standing(conversation.owner_id or 0, now)
    return routing.plan(routing.Facts(wanted=None, last_queue=facts, standing=standing), now)


def _standing(agent_id: int, now: datetime) -> routing.Standing:
    """Parked by whom, and since when they are away or offline by their own word; nobody if they work here no more."""
    agent = Agent.objects.select_related("user").filter(pk=agent_id, is_active=True, user__is_active=True).first()
    if agent is None:
        return routing.Standing("parked", Owner.AGENT)
    known = routing.Preferred(agent.pk, now, presence.is_online(agent, now), is_member=True, has_room=True)
    away_for = now - agent.last_seen_at if agent.last_seen_at else timedelta.max
    if agent.manual_status == Agent.Status.OFFLINE:  # whatever page is open
        away_for = max(away_for, now - agent.offline_since if agent.offline_since else timedelta.max)
    return routing.Standing("parked", Owner.AGENT, agent=known, away_for=away_for)


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

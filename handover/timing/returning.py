"""How does a conversation get back to its queue when its agent does not answer, or is gone?"""

from __future__ import annotations

from conversations import events
from conversations.journeys.scene import Scene
from conversations.models import Conversation
from handover import holding, hours, owning, presence, routing, unanswered
from handover.models import Agent, Queue, Reservation
from handover.timing import saying

Owner, State = Conversation.Owner, Conversation.State


def to_queue(scene: Scene, *, cause: str) -> bool:
    """agent -> queue, its age kept and this agent passed over for a while; False if no queue is to be had.

    Where nobody else is there it waits as a ticket, and the customer is told: never a silent live queue.
    """
    conversation = scene.conversation
    agent_id, queue = conversation.owner_id, holding.home(conversation)
    if queue is None or agent_id is None:
        return False
    _pass_over(scene, agent_id)
    is_live = _is_anybody_there(queue, but_not=agent_id, scene=scene)
    since = conversation.queued_at or unanswered.since(conversation) or scene.now
    waives = routing.demanded(conversation) != conversation.skill
    plan = routing.Plan(6, (routing.Target(f"queue:{queue.pk}"),), waives=waives)
    owning.move(
        conversation=conversation,
        to=Owner.QUEUE,
        owner_id=queue.pk,
        queue_id=queue.pk,
        allowed_states=(State.OPEN,),
        allowed_owners=(Owner.AGENT,),
        cause=cause,
        actor_kind="system",
        mode="live" if is_live else "ticket",
        queued_at=since,
        ranked_at=conversation.ranked_at or since,
        routing_plan=plan.after(conversation.routing_plan).to_json(),
        plan_step=0,
    )
    if is_live:
        saying.tell(scene, "requeued")
    else:
        tell_ticket(scene, queue)
    return True


def tell_ticket(scene: Scene, queue: Queue) -> None:
    """The customer learns that it will take longer, and from when on somebody is there."""
    if opens := hours.opening(queue, scene.now):
        saying.tell(scene, "ticket_opens", opens=opens)
    else:
        saying.tell(scene, "ticket")


def park(scene: Scene) -> None:
    """Nothing is lost: the next word brings it back to the same agent."""
    conversation = scene.conversation
    if conversation.waiting_on == "customer":
        owning.move(
            conversation=conversation,
            to=Owner.AGENT,
            owner_id=conversation.owner_id,
            state=State.PARKED,
            allowed_states=(State.OPEN,),
            allowed_owners=(Owner.AGENT,),
            cause="customer_inactive",
            actor_kind="system",
            park_reason="",
            parked_until=None,
        )


def call_supervisor(scene: Scene, *, cause: str) -> None:
    """Nobody is asked again by itself: those who lead the queue are told."""
    data = {"cause": cause, "queue": scene.conversation.queue_id}
    events.append(conversation=scene.conversation, kind="supervisor_called", actor_kind="system", data=data)


def was_returned(conversation: Conversation, cause: str) -> bool:
    """Has it changed hands for this since the conversation came to people?"""
    return has_happened(conversation, kind="owner_changed", data__cause=cause)


def has_happened(conversation: Conversation, **what: str) -> bool:
    """Has an event like this been noted since the conversation came to people?"""
    found = conversation.events.filter(**what)
    if conversation.queued_at is not None:
        found = found.filter(recorded_at__gte=conversation.queued_at)
    return found.exists()


def _pass_over(scene: Scene, agent_id: int) -> None:
    """As if an offer had passed unanswered: routing asks somebody else first."""
    Reservation.objects.create(
        conversation=scene.conversation,
        agent_id=agent_id,
        epoch=scene.conversation.owner_epoch,
        status=Reservation.Status.TIMED_OUT,
        offered_at=scene.now,
        expires_at=scene.now,
        answered_at=scene.now,
    )


def _is_anybody_there(queue: Queue, *, but_not: int, scene: Scene) -> bool:
    others = Agent.objects.filter(presence.takers(queue, scene.now), queues=queue).exclude(pk=but_not)
    if skill := routing.demanded(scene.conversation):
        others = others.filter(skills__key=skill)
    return hours.is_open(queue, scene.now) and others.exists()

"""What becomes of a left message? Live once somebody is there, lent to the bot and brought back, or withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from common import clock
from conversations import outbox, threads, timers
from conversations.journeys import stack
from conversations.journeys.scene import Scene
from conversations.models import LAST_HEARD, Conversation, Timer
from handover import hours, intake, notices, owning, routing
from handover.models import Queue

TIMER = "ticket"
RETURN_AFTER = timedelta(minutes=15)

Owner = Conversation.Owner
State = Conversation.State


def ask_again(scene: Scene) -> None:
    """The customer asks for a person while the message waits: live if somebody is there now, else a word that it is
    safe."""
    conversation = scene.conversation
    queue = Queue.objects.filter(pk=conversation.owner_id or 0).first()
    skill = routing.demanded(conversation)
    facts = routing.facts_for(conversation=conversation, root=scene.root, queue=queue, skill=skill)
    plan = replace(routing.plan(facts, scene.now), waives=skill != conversation.skill)
    since = conversation.queued_at or scene.now
    if plan.queue_id is None:
        notices.tell(scene, "ticket_waits")
        return
    _move(
        scene,
        Owner.QUEUE,
        "ticket_live",
        "customer",
        owner_id=plan.queue_id,
        queue_id=plan.queue_id,
        mode="live",
        queued_at=since,
        ranked_at=routing.rank(since, conversation.priority),
        routing_plan=plan.after(conversation.routing_plan).to_json(),
        plan_step=0,
    )
    notices.tell(scene, "passing")
    routing.begin(conversation)


def lend(scene: Scene) -> None:
    """The bot speaks again, and the message stays a ticket: it goes back to its queue when that opens, or once the
    customer is silent, to its place."""
    conversation = scene.conversation
    _move(scene, Owner.BOT, "ticket_lent", "customer")
    _wind(conversation)
    scene.say(notices.words(scene, "ticket_lent"))


def withdraw(scene: Scene) -> None:
    """The customer does not want it any more; the event's cause tells the team."""
    _move(scene, Owner.BOT, "ticket_withdrawn", "customer", queued_at=None, handover=None, mode="live")
    scene.say(notices.words(scene, "withdrawn"))


def remind(scene: Scene) -> None:
    """The first words after the ticket went back: they are for the team, not for the bot. Said once."""
    handover: dict[str, Any] = dict(scene.conversation.handover or {})
    if handover.pop("is_returned", False):
        scene.conversation.handover = handover
        scene.conversation.save(update_fields=["handover"])
        notices.tell(scene, "ticket_waits")


def came_due(timer: Timer) -> None:
    """The timer's effect: what the bot was lent goes back to its queue, unless the customer is still talking."""
    found = Conversation.objects.filter(pk=timer.object_id).values_list("customer_id", flat=True).first()
    if found is None:
        return
    root = threads.lock_root(customer_id=found)
    conversation = threads.lock(conversation_id=timer.object_id)
    is_lent = conversation.owner_kind == Owner.BOT and conversation.mode == "ticket"
    if not is_lent or conversation.state != State.OPEN or conversation.owner_epoch != timer.guard:
        return
    session = conversation.sessions.select_related("identity").order_by(LAST_HEARD)[0]
    scene = Scene(conversation, session, root)
    if _back_at(conversation, scene.now) > scene.now:
        _wind(conversation)
    else:
        _bring_back(scene)


def _bring_back(scene: Scene) -> None:
    """Nothing is said: nobody has written. Questions that are open here are put again before they take an answer."""
    conversation = scene.conversation
    queue_id, since = conversation.queue_id, conversation.queued_at or scene.now
    intake.drop(scene=scene, reason="superseded")
    stack.unask(scene=scene)
    handover = (conversation.handover or {}) | {"is_returned": True}
    _move(scene, Owner.QUEUE, "ticket_returned", "system", owner_id=queue_id, queued_at=since, handover=handover)


def _move(scene: Scene, to: Owner, cause: str, actor: str, **changes: Any) -> None:
    """What was queued to be sent before still goes out."""
    conversation = scene.conversation
    seen = conversation.owner_epoch
    owning.move(
        conversation=conversation,
        seen_epoch=seen,
        to=to,
        allowed_states=(State.OPEN,),
        allowed_owners=(Owner(conversation.owner_kind),),
        cause=cause,
        actor_kind=actor,
        **changes,
    )
    outbox.refence(conversation=conversation, from_epoch=seen)


def _wind(conversation: Conversation) -> None:
    timers.start(
        kind=TIMER,
        object_id=conversation.pk,
        due_at=_back_at(conversation, clock.now()),
        guard=conversation.owner_epoch,
        customer_id=conversation.customer_id,
    )


def _back_at(conversation: Conversation, now: datetime) -> datetime:
    """When its team opens; while it is there, once the customer has been silent for a quarter of an hour."""
    queue = Queue.objects.select_related("hours").filter(pk=conversation.queue_id or 0).first()
    silent = conversation.last_message_at + RETURN_AFTER
    return max(silent, hours.next_opening(queue, now) or silent)

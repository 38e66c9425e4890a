"""What becomes of a conversation for which nobody was found? Kept with an estimate, a ticket, or back to the bot."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from conversations import events
from conversations.journeys import stack
from conversations.journeys.scene import Scene
from conversations.models import Conversation, JourneyRun
from handover import following, hours, intake, owning, presence, routing
from handover.models import Queue
from handover.timing import clocks, places, returning, saying

AGAIN = timedelta(minutes=10)  # a queue without a longest wait looks again after so long

Owner, State = Conversation.Owner, Conversation.State


def decide(scene: Scene) -> None:
    """Rule 16, by the queue in which it waits; needs the locks of a turn and the queue as owner."""
    conversation = scene.conversation
    queue = clocks.queue_of(conversation)
    if queue is None:
        return
    then = _then(queue, scene.now)
    if then != Queue.Exhausted.KEEP or not returning.has_happened(conversation, kind="plan_exhausted"):
        data = {"queue": queue.pk, "then": then}
        events.append(conversation=conversation, kind="plan_exhausted", actor_kind="system", data=data)
    if then == Queue.Exhausted.TICKET:
        _becomes_ticket(scene, queue)
    elif then == Queue.Exhausted.BOT:
        _back_to_the_bot(scene)
    else:
        _keeps(scene, queue)


def alone(scene: Scene) -> None:
    """Its team has left and has not come back: never a silent live queue. A ticket, unless the bot is to go on."""
    queue = clocks.queue_of(scene.conversation)
    if queue is None or presence.is_staffed(queue, routing.demanded(scene.conversation)):
        return
    if queue.when_exhausted == Queue.Exhausted.BOT:
        decide(scene)
    else:
        _becomes_ticket(scene, queue)


def tell_place(scene: Scene) -> None:
    """Position, and an estimate where one is known."""
    estimate = places.minutes(scene.conversation.owner_id or 0)
    place = places.place(scene.conversation)
    saying.tell(scene, "place_wait" if estimate else "place", place=place, minutes=estimate)


def _then(queue: Queue, now: datetime) -> str:
    """A queue that is closed keeps nobody waiting: never a silent live queue."""
    is_open = not queue.is_archived and hours.is_open(queue, now)
    is_kept = queue.when_exhausted == Queue.Exhausted.KEEP
    return Queue.Exhausted.TICKET if is_kept and not is_open else queue.when_exhausted


def _keeps(scene: Scene, queue: Queue) -> None:
    if saying.may_tell_place(scene):
        tell_place(scene)
    lasts = timedelta(minutes=queue.max_wait_minutes) if queue.max_wait_minutes else AGAIN
    clocks.start(scene.conversation, clocks.QUEUE_MAX, lasts)


def _becomes_ticket(scene: Scene, queue: Queue) -> None:
    owning.move(
        conversation=scene.conversation,
        to=Owner.QUEUE,
        owner_id=scene.conversation.owner_id,
        allowed_states=(State.OPEN,),
        allowed_owners=(Owner.QUEUE,),
        cause="queue_ticket",
        actor_kind="system",
        mode="ticket",
    )
    returning.tell_ticket(scene, queue)


def _back_to_the_bot(scene: Scene) -> None:
    waiting = intake.waiting_run(scene)
    to_bot(scene, cause="exhausted", queued_at=None, ranked_at=None, handover=None)
    following.came_out(scene, waiting, "offline")


def to_bot(scene: Scene, *, cause: str, **changes: Any) -> None:
    """queue -> bot, by a deadline."""
    owning.move(
        conversation=scene.conversation,
        to=Owner.BOT,
        allowed_states=(State.OPEN,),
        allowed_owners=(Owner.QUEUE,),
        cause=cause,
        actor_kind="system",
        mode="live",
        **changes,
    )


def quiet(scene: Scene) -> None:
    """Silent in the queue: a journey asks what is still wanted. The place in the queue is kept for a return."""
    queue = clocks.queue_of(scene.conversation)
    if queue is None:
        return
    if (waiting := intake.waiting_run(scene)) is not None:
        stack.end(scene=scene, run=waiting, status=JourneyRun.Status.CANCELLED, reason="queue_quiet")
    to_bot(scene, cause="queue_quiet")
    if not following.start(scene, queue.quiet_journey, is_anew=True):
        following.main_menu(scene)

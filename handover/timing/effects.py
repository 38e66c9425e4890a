"""What does each deadline of the human side do when it passes? Each looks again under the locks; a void one is dropped.

A deadline is void when the owner has changed since (its guard is the epoch), or when what it waited for has come.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import transaction

from conversations import events, expiry, realtime, threads, timers
from conversations.journeys.scene import Scene
from conversations.models import LAST_HEARD, Conversation, Timer
from handover import limits, owning
from handover.models import SlaClock
from handover.timing import clocks, exhaustion, returning, saying, sla

Owner, State = Conversation.Owner, Conversation.State
Effect = Callable[[Scene], None]


def register() -> None:
    """Says what each kind of timer does, and what ends with a session; called in `AppConfig.ready`."""
    for kind, effect, owner in (
        (clocks.UNANSWERED, _unanswered, Owner.AGENT),
        (clocks.AGENT_REMIND, _remind, Owner.AGENT),
        (clocks.AGENT_INACTIVE, _agent_inactive, Owner.AGENT),
        (clocks.CUSTOMER_INACTIVE, _nudge, Owner.AGENT),
        (clocks.CUSTOMER_GONE, returning.park, Owner.AGENT),
        (clocks.QUEUE_NOTICE, _notice, Owner.QUEUE),
        (clocks.QUEUE_MAX, exhaustion.decide, Owner.QUEUE),
        (clocks.QUEUE_QUIET, _warn_quiet, Owner.QUEUE),
        (clocks.QUEUE_LEFT, exhaustion.quiet, Owner.QUEUE),
        (clocks.QUEUE_ALONE, exhaustion.alone, Owner.QUEUE),
    ):
        timers.on(kind, _guarded(effect, owner))
    timers.on(sla.TIMER, _promise)
    expiry.follow(partial(owning.moved, cause="expired"))


def _guarded(effect: Effect, owner: str) -> Callable[[Timer], None]:
    def rang(timer: Timer) -> None:
        scene = scene_of(timer.object_id)
        if scene is None or scene.conversation.owner_epoch != timer.guard:
            return
        if scene.conversation.owner_kind == owner and scene.conversation.state == State.OPEN:
            effect(scene)

    return rang


def scene_of(conversation_id: int) -> Scene | None:
    """Root, then conversation locked, where the customer was heard last; None if it is gone."""
    customer_id = Conversation.objects.filter(pk=conversation_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        return None
    root = threads.lock_root(customer_id=customer_id)
    conversation = threads.lock(conversation_id=conversation_id)
    heard = conversation.sessions.select_related("identity").filter(ended_at__isnull=True)
    session = heard.order_by(LAST_HEARD, "-pk").first()
    return Scene(conversation, session, root) if session is not None else None


def _unanswered(scene: Scene) -> None:
    """Once to somebody else; after that those who lead the queue are told."""
    if scene.conversation.waiting_on != "us":
        return
    is_second = returning.was_returned(scene.conversation, clocks.UNANSWERED)
    if is_second or not returning.to_queue(scene, cause=clocks.UNANSWERED):
        returning.call_supervisor(scene, cause="unanswered")


def _remind(scene: Scene) -> None:
    """The customer waits for the next word: the agent is reminded, later somebody else is asked."""
    if scene.conversation.waiting_on != "us":
        return
    data = {"agent": scene.conversation.owner_id}
    events.append(conversation=scene.conversation, kind="agent_reminded", actor_kind="system", data=data)
    told = {"type": "reminder", "data": {"conversation": str(scene.conversation.public_id)}}
    transaction.on_commit(partial(realtime.tell, f"agent:{scene.conversation.owner_id}", told))
    rest = limits.lasts("AGENT_INACTIVE") - limits.lasts("AGENT_REMIND")
    clocks.start(scene.conversation, clocks.AGENT_INACTIVE, rest)


def _agent_inactive(scene: Scene) -> None:
    if scene.conversation.waiting_on == "us" and not returning.to_queue(scene, cause="agent_inactive"):
        returning.call_supervisor(scene, cause="agent_inactive")


def _nudge(scene: Scene) -> None:
    """Only on a page that may have been left open, and only if the customer owes the answer."""
    if scene.conversation.waiting_on == "customer" and scene.session.kind == "web":
        saying.tell(scene, "still_there")
        clocks.start(scene.conversation, clocks.CUSTOMER_GONE, limits.lasts("CUSTOMER_INACTIVE"))


def _notice(scene: Scene) -> None:
    """Every two minutes."""
    if scene.conversation.mode == "live" and saying.may_tell_place(scene):
        exhaustion.tell_place(scene)
        clocks.start(scene.conversation, clocks.QUEUE_NOTICE, limits.lasts("QUEUE_NOTICE"))


def _warn_quiet(scene: Scene) -> None:
    if scene.conversation.mode == "live":
        saying.tell(scene, "quiet")
        clocks.start(scene.conversation, clocks.QUEUE_LEFT, clocks.WARNING)


def _promise(timer: Timer) -> None:
    conversation_id = SlaClock.objects.filter(pk=timer.object_id).values_list("conversation_id", flat=True).first()
    scene = scene_of(conversation_id) if conversation_id is not None else None
    if scene is None:
        return
    found = next((one for one in sla.running(scene.conversation) if one.pk == timer.object_id), None)
    if found is not None:
        sla.rang(scene.conversation, found)

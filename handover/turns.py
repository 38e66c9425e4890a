"""Does the bot or a human get this message, this result or this timer? The only caller of the journey engine."""

from __future__ import annotations

from django.db import transaction

from conversations import ownership, recall, sessions, threads, timers
from conversations.content import Text
from conversations.journeys import commands, progress, publishing, steps, triggers
from conversations.journeys.effects import HandOver
from conversations.journeys.interpret import interpret
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.journeys.state import (
    Again,
    Command,
    Given,
    Heard,
    Hidden,
    Timeout,
)
from conversations.models import Conversation, JourneyRun, Timer
from conversations.threads import Received
from handover import following, gestures, intake, notices

Owner = Conversation.Owner


def take(*, received: Received, heard: threads.Heard) -> None:
    """One message or gesture of a customer, under the locks that `threads.receive` took.

    A human or another engine owns: the message was appended, and the bot is silent.
    """
    if received.is_repeat:
        return
    scene = Scene(received.conversation, received.session, received.root)
    if scene.conversation.owner_kind == Owner.QUEUE:
        _in_queue(scene, _heard(scene, heard))
    elif scene.conversation.owner_kind == Owner.BOT:
        _bots_turn(scene, heard, received.is_new_conversation)


def advance(*, run: JourneyRun, result: Given) -> bool:
    """Puts a timer's or a handover's result to a run, under its own locks; False if nobody waits for it."""
    with transaction.atomic():
        root = threads.lock_root(customer_id=run.customer_id)
        conversation = threads.lock(conversation_id=run.conversation_id)
        scene = Scene(conversation, run.session, root)
        found = next((known for known in scene.runs if known.pk == run.pk), None)
        if found is None or conversation.owner_kind != Owner.BOT:
            return False
        scene.is_cut = bool(sessions.closed_reason(run.session, scene.now))
        before = found.seq
        following.move(scene=scene, run=found, given=result)
        return found.seq != before


# --- a message ----------------------------------------------------------------------------------------------------


def _bots_turn(scene: Scene, heard: threads.Heard, is_new: bool) -> None:
    said, run = _heard(scene, heard), progress.in_front(scene)
    # The way to a human stays open, and ends by itself.
    scene.is_excused = commands.recognise(said) == Command("agent") or (run is not None and run.purpose == "intake")
    if scene.is_flooded():
        return
    if heard.action:
        _gesture(scene, heard)
    elif run is None:
        _without_run(scene, said, is_new)
    else:
        given = _meaning(scene, run, said)
        if not isinstance(given, Hidden) or not _named(scene, said):
            following.move(scene=scene, run=run, given=given)


def _heard(scene: Scene, heard: threads.Heard) -> Heard:
    session = scene.session
    return Heard(heard.text, scene.now, heard.payload, channel=session.channel, endpoint=str(session.identity_id))


def _meaning(scene: Scene, run: JourneyRun, said: Heard) -> Given:
    version, context = progress.version_of(run), scene.context(run.version_id, intake.context(scene, run))
    given = interpret(version, progress.state_of(run), said, context, publishing.table())
    # Who is being asked the pre-chat questions has asked for an agent already.
    return Again() if run.purpose == "intake" and given == Command("agent") else given


def _without_run(scene: Scene, said: Heard, is_new: bool) -> None:
    if said.payload.count(":") >= 2:  # a button of a run that is over
        scene.say(Text(sentence("stale")))
    elif _named(scene, said):
        return
    elif is_new and (greeting := recall.greeting(scene=scene)):
        scene.say(Text(greeting))
    following.main_menu(scene)


def _named(scene: Scene, said: Heard) -> bool:
    """A message that names what it wants: a journey by its trigger, or an agent. False if it does not."""
    if commands.recognise(said) == Command("agent"):
        following.hand_over(scene, None, HandOver(reason="asked"))
        return True
    found = triggers.match(said, publishing.table())
    return found is not None and following.start(scene, found.journey)


def _gesture(scene: Scene, heard: threads.Heard) -> None:
    """What the widget's own buttons mean; one that names a run which may not be seen here means nothing."""
    wanted = gestures.meaning(scene, heard.action, heard.payload)
    if isinstance(wanted, str):
        following.start(scene, wanted)
    elif wanted is not None:
        following.move(scene=scene, run=wanted[0], given=wanted[1])


def _in_queue(scene: Scene, said: Heard) -> None:
    """Whoever waits may leave the queue by *cancel* or *menu*; everything else is for the agent."""
    command = commands.recognise(said)
    if command is None or command.name not in ("cancel", "menu"):
        return
    ownership.move(
        conversation=scene.conversation,
        seen_epoch=scene.conversation.owner_epoch,
        to=Owner.BOT,
        allowed_owners=(Owner.QUEUE,),
        cause="left_queue",
        actor_kind="customer",
        queued_at=None,
        handover=None,
        mode="live",
    )
    scene.say(Text(notices.LEFT_QUEUE))
    waiting = intake.waiting_run(scene)
    if command.name == "cancel" and waiting is not None:
        following.came_out(scene, waiting, "closed")
        return
    if waiting is not None:
        progress.end(scene=scene, run=waiting, status=JourneyRun.Status.CANCELLED, reason="left_queue")
    following.main_menu(scene)


# --- timers -------------------------------------------------------------------------------------------------------


def _timed_out(timer: Timer) -> None:
    run = JourneyRun.objects.select_related("session__identity").filter(pk=timer.object_id).first()
    if run is not None and run.seq == timer.guard:
        advance(run=run, result=Timeout(token=timer.guard))


def register_timers() -> None:
    """Called in `AppConfig.ready`."""
    timers.on(steps.TIMER, _timed_out)
    timers.on(intake.TIMER, intake.abandoned)

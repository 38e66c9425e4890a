"""Does the bot or a human get this message, this result or this timer? The only caller of the journey engine."""

from __future__ import annotations

from django.db import transaction

from conversations import ownership, recall, threads, timers
from conversations.content import Text
from conversations.journeys import commands, progress, publishing, resume, steps, triggers
from conversations.journeys.effects import EndRun, HandOver, StartRun
from conversations.journeys.interpret import interpret
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.progress import Wish
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.journeys.state import (
    Again,
    Command,
    Given,
    HandoverResult,
    Heard,
    Hidden,
    Offer,
    Resume,
    Timeout,
)
from conversations.models import Conversation, JourneyRun, Timer
from conversations.threads import Received
from handover import gestures, intake, notices

Owner = Conversation.Owner
LEAVE_MESSAGE = "leave_message"


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
        before = found.seq
        move(scene=scene, run=found, given=result)
        return found.seq != before


def hand_back(*, scene: Scene, is_over: bool) -> None:
    """A human has finished: a run that waited for it takes its `on.closed` edge.

    Without one the bot asks its open question again, or shows the menu; `is_over`: it is silent, the matter is closed.
    """
    waiting = intake.waiting_run(scene)
    if waiting is not None:
        _came_out(scene, waiting, "closed")
        return
    progress.unask(scene=scene)
    if is_over:
        return
    run = progress.in_front(scene)
    if run is not None:
        move(scene=scene, run=run, given=Resume())
    else:
        _main_menu(scene)


def move(*, scene: Scene, run: JourneyRun, given: Given) -> None:
    """One input to one run, and everything that follows from it."""
    carry(scene, run, progress.step(scene=scene, run=run, given=given, extra=intake.context(scene, run)))
    if run.purpose == "intake":
        intake.watch(run, scene)


def carry(scene: Scene, run: JourneyRun, wishes: list[Wish]) -> None:
    """What a run wants that lies above it: a human, another journey; and what comes after its end."""
    ended: EndRun | None = None
    is_followed = False
    for wish in wishes:
        if isinstance(wish, HandOver):
            _hand_over(scene, run, wish)
        elif isinstance(wish, StartRun):
            is_followed = _follow(scene, run, wish)
        else:
            ended = wish
    if ended is not None and not is_followed:
        _after(scene, run, ended)


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
            move(scene=scene, run=run, given=given)


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
    _main_menu(scene)


def _named(scene: Scene, said: Heard) -> bool:
    """A message that names what it wants: a journey by its trigger, or an agent. False if it does not."""
    if commands.recognise(said) == Command("agent"):
        _hand_over(scene, None, HandOver(reason="asked"))
        return True
    found = triggers.match(said, publishing.table())
    return found is not None and _start(scene, found.journey)


def _gesture(scene: Scene, heard: threads.Heard) -> None:
    """What the widget's own buttons mean; one that names a run which may not be seen here means nothing."""
    wanted = gestures.meaning(scene, heard.action, heard.payload)
    if isinstance(wanted, str):
        _start(scene, wanted)
    elif wanted is not None:
        move(scene=scene, run=wanted[0], given=wanted[1])


# --- journeys follow each other -----------------------------------------------------------------------------------


def _start(scene: Scene, journey: str) -> bool:
    """Begins a journey, or goes on with it where it was left; False if it is not live."""
    left = next((run for run in scene.runs if _is_left(run, scene) and progress.version_of(run).key == journey), None)
    if left is not None and (given := _coming_back(scene, left)):
        move(scene=scene, run=left, given=given)
        return True
    started = progress.start(scene=scene, journey=journey)
    if started is None:
        return False
    carry(scene, *started)
    return True


def _follow(scene: Scene, run: JourneyRun, wish: StartRun) -> bool:
    if run.purpose == "intake" and wish.journey == progress.version_of(run).key:
        carry(scene, *intake.again(scene=scene, run=run))
        return True
    if wish.journey == MAIN_MENU:
        _main_menu(scene)
        return True
    return _start(scene, wish.journey)


def _main_menu(scene: Scene) -> None:
    if not _start(scene, MAIN_MENU):
        scene.say(Text(sentence("help")))


def _after(scene: Scene, run: JourneyRun, ended: EndRun) -> None:
    """The run is over: its intake's handover goes on, or what it was pushed upon comes back."""
    if run.purpose == "intake":
        parent = next((other for other in scene.runs if other.pk == run.parent_id), None)
        _came_out(scene, parent, intake.ended(scene=scene, run=run, ended=ended))
    else:
        _return(scene)


def _return(scene: Scene) -> None:
    """What was suspended for the journey that has just ended says where it was, and asks again."""
    run = progress.in_front(scene)
    if run is not None and _is_left(run, scene) and (given := _coming_back(scene, run)):
        move(scene=scene, run=run, given=given)


def _is_left(run: JourneyRun, scene: Scene) -> bool:
    is_suspended = run.status == JourneyRun.Status.SUSPENDED
    return is_suspended and progress.is_free(run, scene) and progress.is_seen(run, scene)


def _coming_back(scene: Scene, run: JourneyRun) -> Given | None:
    """What brings a suspended run back; None if it is too old or may not show here."""
    context = scene.context(run.version_id)
    verdict = resume.verdict(progress.version_of(run), progress.state_of(run), scene.now, context)
    if verdict == "resume":
        return Resume()
    return Offer() if verdict == "offer" else None


# --- handover -----------------------------------------------------------------------------------------------------


def _hand_over(scene: Scene, parent: JourneyRun | None, asked: HandOver) -> None:
    opening = intake.begin(scene=scene, parent=parent, asked=asked)
    if opening.run is not None:
        carry(scene, opening.run, opening.wishes)
    else:
        parent = next((run for run in scene.runs if parent and run.pk == parent.pk), None)
        _came_out(scene, parent, opening.outcome)


def _came_out(scene: Scene, parent: JourneyRun | None, outcome: intake.Outcome) -> None:
    """How a handover came out, told to the run that asked for it, or to the customer when none did."""
    if outcome == "asking" or outcome == "queued":
        return
    if parent is not None and parent.wait and parent.wait["kind"] == "handover":
        move(scene=scene, run=parent, given=HandoverResult(outcome, token=parent.wait["token"]))
    elif outcome == "offline":
        if not _start(scene, LEAVE_MESSAGE):
            scene.say(Text(sentence("offline")))
    elif outcome == "failed":
        scene.say(Text(notices.FAILED))
        _main_menu(scene)


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
        _came_out(scene, waiting, "closed")
        return
    if waiting is not None:
        progress.end(scene=scene, run=waiting, status=JourneyRun.Status.CANCELLED, reason="left_queue")
    _main_menu(scene)


# --- timers -------------------------------------------------------------------------------------------------------


def _timed_out(timer: Timer) -> None:
    run = JourneyRun.objects.select_related("session__identity").filter(pk=timer.object_id).first()
    if run is not None and run.seq == timer.guard:
        advance(run=run, result=Timeout(token=timer.guard))


def register_timers() -> None:
    """Called in `AppConfig.ready`."""
    timers.on(steps.TIMER, _timed_out)
    timers.on(intake.TIMER, intake.abandoned)

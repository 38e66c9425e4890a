"""Does the bot or a human get this message, this result or this timer? The only caller of the journey engine."""

from __future__ import annotations

from django.db import transaction

from conversations import attachments, outbox, sessions, threads, welcome
from conversations.journeys import commands, stack
from conversations.journeys.scene import Scene
from conversations.journeys.state import Command, Expire, Given, Heard, Hidden, Offer, Proving, Resume, Timeout, Waiting
from conversations.models import Conversation, JourneyRun, Message
from conversations.threads import Received
from handover import (
    answered,
    asides,
    beside,
    following,
    gestures,
    jobs,
    keeping,
    meanings,
    openings,
    proofs,
    questions,
    standing,
    stopping,
    trying,
    waiting,
)

Owner = Conversation.Owner


def take(*, received: Received, heard: threads.Heard) -> None:
    """One message or gesture of a customer, under the locks that `threads.receive` took.

    A human or another engine owns, or staff write from the provider's app: the message was appended, and the bot is
    silent; so it is towards a machine.
    """
    if received.is_repeat or heard.is_automatic or stopping.hear(received=received, heard=heard):
        return
    if outbox.is_hushed(received.conversation):
        return
    scene = Scene(received.conversation, received.session, received.root, ip=heard.ip)
    if scene.conversation.owner_kind == Owner.QUEUE:
        waiting.hear(scene, _heard(scene, heard, received.message))
    elif scene.conversation.owner_kind == Owner.BOT:
        _bots_turn(scene, heard, received)


def advance(*, run: JourneyRun, result: Given) -> bool:
    """Puts what a run waits for to it, under its own locks; False if it does not wait for just this (any more).

    True: it went on, or the result is kept until the bot can speak again (a human has the floor, another question
    stands in front, nowhere a window is open). The same result twice counts once.
    """
    with transaction.atomic():
        scene = standing.of_run(run)
        found = next((known for known in (*scene.runs, *scene.background) if known.pk == run.pk), None)
        if found is None or not keeping.is_awaited(found, result):
            return False
        if isinstance(result, Timeout) and (found.wait or {})["kind"] == "input":
            return _time_is_up(scene, found, result)
        there = standing.go_on(scene, found) if keeping.may_come(scene, found) else None
        if there is None:
            keeping.keep(scene, found, result)
            return True
        found = next(known for known in (*there.runs, *there.background) if known.pk == run.pk)
        following.move(scene=there, run=found, given=result)
        return True


def _time_is_up(scene: Scene, run: JourneyRun, result: Timeout) -> bool:
    """Nobody answered in time. A question that was set aside meanwhile has its time again when it comes back.

    Where nothing may be written any more the run goes on without a word, and asks again when the customer writes.
    """
    is_aside = run.status == JourneyRun.Status.SUSPENDED
    if scene.conversation.owner_kind != Owner.BOT or outbox.is_hushed(scene.conversation) or is_aside:
        return False
    scene.is_cut = bool(sessions.closed_reason(run.session, scene.now))
    following.move(scene=scene, run=run, given=result)
    if scene.is_cut:
        stack.unask(scene=scene)
    return True


# --- a message ----------------------------------------------------------------------------------------------------


def _bots_turn(scene: Scene, heard: threads.Heard, received: Received) -> None:
    is_new = received.is_new_conversation
    said, run = _heard(scene, heard, received.message), stack.in_front(scene)
    if gestures.is_second_tap(scene, said.payload):
        return
    # The way to a human stays open, and ends by itself.
    scene.is_excused = commands.recognise(said) == Command("agent") or (run is not None and run.purpose == "intake")
    if scene.is_flooded() or trying.begins(scene, said):
        return
    jobs.catch_up(scene)
    if heard.action:
        _gesture(scene, heard)
    elif (behind := beside.meant(scene, run, said)) is not None:
        following.move(scene=scene, run=behind[0], given=behind[1])
    elif answered.hears(scene, said) or questions.taken(scene, said, run) or openings.is_farewell(scene, said, is_new):
        return
    elif run is None:
        openings.begin(scene, said, is_new)
    else:
        given = meanings.of(scene, run, said)
        if isinstance(given, Waiting):  # what it waits for has come while the bot could not speak
            given = keeping.take(run) or given
        if isinstance(given, Resume | Offer | Expire):
            welcome.greet(scene)
        if isinstance(given, Proving):
            proofs.take(scene=scene, run=run, said=said)
        elif isinstance(given, Hidden) and openings.named(scene, said):
            return
        elif not asides.aside(scene, run, given, said):
            following.move(scene=scene, run=run, given=given)


def _heard(scene: Scene, heard: threads.Heard, message: Message | None) -> Heard:
    session = scene.session
    return Heard(
        text=heard.text,
        at=scene.now,
        payload=heard.payload,
        channel=session.channel,
        endpoint=str(session.identity_id),
        content=attachments.brought(message=message, said=heard.content, has_files=bool(heard.media)),
        link=heard.link,
    )


def _gesture(scene: Scene, heard: threads.Heard) -> None:
    """What the widget's own buttons mean; one that names a run which may not be seen here means nothing."""
    wanted = gestures.meaning(scene, heard.action, heard.payload)
    if isinstance(wanted, str):
        following.start(scene, wanted)
    elif wanted is not None:
        following.move(scene=scene, run=wanted[0], given=wanted[1])

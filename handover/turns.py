"""Does the bot or a human get this message, this result or this timer? The only caller of the journey engine."""

from __future__ import annotations

from django.db import transaction

from conversations import attachments, outbox, sessions, threads
from conversations.journeys import commands, progress
from conversations.journeys.scene import Scene
from conversations.journeys.state import Command, Given, Heard, Hidden, Proving
from conversations.models import Conversation, JourneyRun, Message
from conversations.threads import Received
from handover import following, gestures, meanings, openings, proofs, stopping, waiting

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
    """Puts a timer's or a handover's result to a run, under its own locks; False if nobody waits for it."""
    with transaction.atomic():
        root = threads.lock_root(customer_id=run.customer_id)
        conversation = threads.lock(conversation_id=run.conversation_id)
        scene = Scene(conversation, run.session, root)
        found = next((known for known in scene.runs if known.pk == run.pk), None)
        if found is None or conversation.owner_kind != Owner.BOT or outbox.is_hushed(conversation):
            return False
        scene.is_cut = bool(sessions.closed_reason(run.session, scene.now))
        before = found.seq
        following.move(scene=scene, run=found, given=result)
        return found.seq != before


# --- a message ----------------------------------------------------------------------------------------------------


def _bots_turn(scene: Scene, heard: threads.Heard, received: Received) -> None:
    is_new = received.is_new_conversation
    said, run = _heard(scene, heard, received.message), progress.in_front(scene)
    if gestures.is_second_tap(scene, said.payload):
        return
    # The way to a human stays open, and ends by itself.
    scene.is_excused = commands.recognise(said) == Command("agent") or (run is not None and run.purpose == "intake")
    if scene.is_flooded():
        return
    if heard.action:
        _gesture(scene, heard)
    elif openings.is_farewell(scene, said, is_new):
        return
    elif run is None:
        openings.begin(scene, said, is_new)
    else:
        given = meanings.of(scene, run, said)
        if isinstance(given, Proving):
            proofs.take(scene=scene, run=run, said=said)
        elif not isinstance(given, Hidden) or not openings.named(scene, said):
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
    )


def _gesture(scene: Scene, heard: threads.Heard) -> None:
    """What the widget's own buttons mean; one that names a run which may not be seen here means nothing."""
    wanted = gestures.meaning(scene, heard.action, heard.payload)
    if isinstance(wanted, str):
        following.start(scene, wanted)
    elif wanted is not None:
        following.move(scene=scene, run=wanted[0], given=wanted[1])

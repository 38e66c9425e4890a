"""Does the bot or a human get this message, this result or this timer? The only caller of the journey engine."""

from __future__ import annotations

from conversations import attachments, outbox, speaking, threads
from conversations.journeys.scene import Scene
from conversations.journeys.state import Given, Heard
from conversations.models import Conversation, JourneyRun, Message
from conversations.threads import Received
from handover import advancing, listening, notices, parking, stopping, waiting
from handover.timing import clocks

Owner = Conversation.Owner


def take(*, received: Received, heard: threads.Heard) -> None:
    """One message or gesture of a customer, under the locks that `threads.receive` took.

    A human or another engine owns, or staff write from the provider's app: the message was appended, and the bot is
    silent; so it is towards a machine. Who comes to them on another channel is told so by the system.
    """
    if received.is_repeat or heard.is_automatic or stopping.hear(received=received, heard=heard):
        return
    if outbox.is_hushed(received.conversation):
        return
    scene = Scene(received.conversation, received.session, received.root, ip=heard.ip, link=heard.link, page=heard.page)
    speaking.set_to(scene, heard.language)
    if scene.conversation.owner_kind == Owner.BOT:
        said = _heard(scene, heard, received.message)
        listening.hear(scene, said, action=heard.action, is_new=received.is_new_conversation)
        return
    is_woken = scene.conversation.state == Conversation.State.PARKED and received.message is not None
    if is_woken:
        parking.wake(scene)
    if received.message is not None:
        clocks.heard(scene.conversation)
    if scene.conversation.owner_kind == Owner.QUEUE and not is_woken:
        if received.is_back:
            notices.tell(scene, "passing")
        else:
            waiting.hear(scene, _heard(scene, heard, received.message))
    if received.is_elsewhere:
        notices.arrived(scene)


def advance(*, run: JourneyRun, result: Given) -> bool:
    """Puts what a run waits for to it, or keeps it until the bot may speak; False if it does not wait for just this.

    The same result twice counts once.
    """
    return advancing.advance(run=run, result=result)


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

"""What does the desk itself say to a customer, in their language?"""

from __future__ import annotations

from typing import Literal

from conversations import outbox
from conversations.content import Text
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import sentence
from conversations.models import Conversation, Message
from handover import hours
from handover.models import Queue
from handover.timing import saying

Notice = Literal["passing", "with_team", "ticket_waits", "opted_out", "opted_in_again"]
STOPPED: Notice = "opted_out"  # the only words of ours that may follow a STOP
OWED: tuple[Notice, ...] = (STOPPED, "opted_in_again")  # said whoever speaks here when they leave
KNOWN: tuple[Notice, ...] = ("passing", "with_team", "ticket_waits")  # whoever has read one knows who listens

Author, Owner = Message.Author, Conversation.Owner


def words(scene: Scene, key: str) -> Text:
    """One of our sentences in the customer's language."""
    return Text(sentence(key, str(scene.attributes.get("language") or "en")))


def tell(scene: Scene, key: Notice) -> None:
    """The system says it, whoever owns the conversation now; of a message that waits, also until when."""
    text = words(scene, key).plain_text()
    _say(scene, key, f"{text} {_opening(scene)}".strip() if key == "ticket_waits" else text)


def tell_opening(scene: Scene) -> None:
    """When the team that has the message is back, if it is away and that is known."""
    if opening := _opening(scene):
        _say(scene, "back", opening)


def arrived(scene: Scene) -> None:
    """The customer comes to another channel while people of ours have the floor: told once in a session, in private.

    Not where an agent spoke last, for there it is plain. In a ticket's queue the word is that the message is safe.
    """
    conversation = scene.conversation
    if conversation.owner_kind not in (Owner.QUEUE, Owner.AGENT) or not scene.is_private:
        return
    elsewhere = conversation.sessions.exclude(pk=scene.session.pk).filter(last_inbound_at__isnull=False)
    before = elsewhere.order_by("-last_inbound_at").values_list("identity_id", "channel").first()
    if before == (scene.session.identity_id, scene.session.channel):  # reopened: the same place in a new session
        return
    ours = scene.session.messages.exclude(author=Author.CUSTOMER)
    newest = ours.order_by("-occurred_at", "-pk").values_list("author", flat=True).first()
    if newest == Author.AGENT or ours.filter(author=Author.SYSTEM, step_id__in=KNOWN).exists():
        return
    is_ticket = conversation.owner_kind == Owner.QUEUE and conversation.mode == "ticket"
    tell(scene, "ticket_waits" if is_ticket else "with_team")


def _opening(scene: Scene) -> str:
    conversation = scene.conversation
    queue_id = conversation.owner_id if conversation.owner_kind == Owner.QUEUE else None
    queue = Queue.objects.select_related("hours").filter(pk=queue_id or 0).first()
    opens = hours.opening(queue, scene.now)
    return saying.words(scene, "back", opens=opens) if opens else ""


def _say(scene: Scene, key: str, text: str) -> None:
    outbox.say(
        conversation=scene.conversation,
        session=scene.session,
        content=Text(text),
        author=Author.SYSTEM,
        fence_epoch=None if key in OWED else scene.conversation.owner_epoch,
        step_id=key,
    )

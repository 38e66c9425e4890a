"""How is somebody spoken to who is not writing right now? At an address on a channel, in the person's conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from channels_app.models import Channel
from common import clock
from conversations import outbox, recall, sessions, threads
from conversations.content import Content, Text
from conversations.models import Conversation, Message, Session
from conversations.sessions import Place
from conversations.threads import Heard
from customers.models import Identity
from handover import turns


@dataclass(frozen=True, slots=True)
class Spot:
    """An address on one of our channels."""

    identity: Identity
    channel: str

    def place(self) -> Place:
        """The place as it was proven last; one that never spoke has proven itself only."""
        return _place(self, _latest(self))


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a message about a switch: words at one or two places, perhaps the journey at one of them."""

    said: Sequence[tuple[Spot, Content]] = ()
    resume_at: Spot | None = None

    def go_on(self) -> None:
        """Says it and goes on with the journey; needs the transaction of the message."""
        for spot, content in self.said:
            speak(spot, content)
        if self.resume_at is not None:
            resume(self.resume_at)


def speak(spot: Spot, content: Content, *, client_id: str = "") -> Message | None:
    """Says it there in nobody's name, whoever owns the conversation; needs a transaction."""
    conversation, session = _stand(spot)
    return outbox.say(
        conversation=conversation,
        session=session,
        content=content,
        author=Message.Author.SYSTEM,
        fence_epoch=conversation.owner_epoch,
        client_id=client_id,
    )


def resume(spot: Spot) -> None:
    """The person's open journey goes on there with its question; nothing happens where a human speaks."""
    root = threads.lock_root(customer_id=spot.identity.customer_id)
    run = recall.open_run(root.pk)
    session = _latest(spot)
    if run is None or session is None:
        return
    # The gesture is ours: it must not make the provider's window look longer than it is.
    at = session.last_inbound_at or session.opened_at
    heard = Heard(content=Text(""), occurred_at=at, action="resume", payload=str(run.public_id))
    turns.take(received=threads.receive(place=_place(spot, session), heard=heard), heard=heard)


def _stand(spot: Spot) -> tuple[Conversation, Session]:
    now = clock.now()
    root = threads.lock_root(customer_id=spot.identity.customer_id)
    conversation, _ = threads.open_conversation(root=root, origin_id=spot.identity.customer_id, at=now)
    place = _place(spot, _latest(spot))
    return conversation, sessions.current(conversation=conversation, place=place, at=now)


def _latest(spot: Spot) -> Session | None:
    rows = Session.objects.filter(identity=spot.identity, channel=spot.channel).select_related("identity__customer")
    return rows.order_by("-pk").first()


def _place(spot: Spot, session: Session | None) -> Place:
    """The place as it was proven last; one that never spoke has proven itself only."""
    if session is not None:
        proven = tuple(session.proven)
        return Place(spot.identity, spot.channel, session.kind, proven, session.assurance, session.is_public_place)
    kind = Channel.objects.values_list("kind", flat=True).get(key=spot.channel)
    return Place(spot.identity, spot.channel, kind, (spot.identity.pk,))

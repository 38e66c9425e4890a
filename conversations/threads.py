"""Where does an inbound message belong? The person's one open conversation, in the endpoint's session, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from common import clock, rows
from conversations import attachments, events, expiry, outbox, sessions, sql
from conversations.content import Content
from conversations.models import Attachment, Conversation, Message, Session
from conversations.sessions import TTL, Place
from customers import tombstones
from customers.models import Customer

ASIDE = {"rule": 5, "steps": []}  # the plan of one that began with thanks for another, or its rating
ON_ITS_WAY = timedelta(minutes=10)  # how late a message may come that was written before the close


@dataclass(frozen=True, slots=True)
class Heard:
    """One inbound message in our words; `payload` is a tapped option, `action` a widget's gesture (`resume`)."""

    content: Content
    occurred_at: datetime
    text: str = ""
    payload: str = ""
    action: str = ""
    external_id: str = ""
    client_id: str = ""
    source: str = ""
    source_event_id: str = ""
    media: Sequence[dict[str, Any]] = field(default_factory=tuple)  # {reference, media_type, name, size}
    thread: Mapping[str, Any] = field(default_factory=dict)  # what an answer there needs; an empty one keeps the last
    reply_to: str = ""  # the provider's id of the message that it quotes
    is_automatic: bool = False
    ip: str = ""  # a digest of where on the net it came from, if the channel knows
    language: str = ""  # what the sender's app or browser is set to
    link: str = ""  # the word that a deep link or a QR code brought along, if a journey begins with it
    page: str = ""  # the address of the page that the widget stands on, without what follows a ? or #


@dataclass(frozen=True, slots=True)
class Received:
    """Where a message came to lie; `message` is None for a gesture that is not shown."""

    conversation: Conversation
    session: Session
    message: Message | None
    root: Customer
    is_new_conversation: bool
    is_repeat: bool = False  # it was here already: nothing was stored, and no turn follows
    is_elsewhere: bool = False  # the customer was last heard in another session of the conversation
    is_back: bool = False  # a closed conversation goes on with this message


# Does a closed conversation of this person go on with these words? Opened again by whoever knows; None if not. The last
# one is the conversation in which they said thanks, if they did.
ComesBack = Callable[[Customer, Place, Heard, Conversation | None], Conversation | None]
_comes_back: list[ComesBack] = []
# Puts a closed conversation back on the desk of the agent with this id, who had closed it.
GivesBack = Callable[[Conversation, int], None]
_gives_back: list[GivesBack] = []


def on_comeback(decide: ComesBack) -> None:
    """Registers who decides whether a person comes back to a closed conversation; asked under the root's lock."""
    _comes_back[:] = [decide]


def on_late(give_back: GivesBack) -> None:
    """Registers who gives a conversation back to its agent; called with the locks of root and conversation."""
    _gives_back[:] = [give_back]


def receive(*, place: Place, heard: Heard) -> Received:
    """Stores one inbound message and returns where it lies, with the person's root and the conversation locked.

    Needs a transaction. Creation races end in a constraint and are read again. A known `client_id` stores nothing new.
    """
    root = lock_root(customer_id=place.identity.customer_id)
    if heard.client_id and (known := _known(place, heard.client_id)):
        return Received(lock(conversation_id=known.session.conversation_id), known.session, known, root, False, True)
    conversation, is_new, is_back = _arrive(root, place, heard)
    session = sessions.current(conversation=conversation, place=place, at=heard.occurred_at)
    is_elsewhere = _is_elsewhere(conversation, session)
    sessions.heard(session=session, place=place, at=heard.occurred_at)
    if heard.thread:
        sessions.follow(session=session, thread=heard.thread)
    message = None
    if heard.action:
        sessions.keep(session=session)
    else:
        message = _store(conversation, session, heard)
    return Received(conversation, session, message, root, is_new, is_elsewhere=is_elsewhere, is_back=is_back)


def lock_root(*, customer_id: int) -> Customer:
    """Locks the person: the root of the origin's cluster, as it is once we have the lock.

    `tombstones.Erased` when they were erased, perhaps while this waited for the lock.
    """
    root = sql.root(customer_id)
    tombstones.refuse(root)
    return root


def lock(*, conversation_id: int) -> Conversation:
    """The conversation under its row lock; a customer's message insert is not blocked by it."""
    return Conversation.objects.select_for_update(no_key=True).get(pk=conversation_id)


def open_conversation(*, root: Customer, origin_id: int, at: datetime) -> tuple[Conversation, bool]:
    """The person's conversation that is not closed, locked; begun if there is none. (conversation, is new)

    One that has fallen silent for a day is closed first. What was written before an agent closed belongs to that agent.
    """
    conversation = _going_on(root, at)
    return (conversation, False) if conversation is not None else begin(root=root, origin_id=origin_id, at=at)


def begin(*, root: Customer, origin_id: int, at: datetime) -> tuple[Conversation, bool]:
    """A conversation of the bot's; the one that somebody else has just begun, if so. (conversation, is new)"""
    begun = Conversation(customer_id=origin_id, opened_at=at, last_message_at=at, expires_at=clock.now() + TTL)
    if not rows.insert(begun, ignore_conflicts=True):
        raced = sql.unclosed(root.pk)
        assert raced is not None  # the only constraint that a new one can meet, and its winner has committed
        return raced, False
    events.append(conversation=begun, kind="opened", occurred_at=at)
    return begun, True


def _arrive(root: Customer, place: Place, heard: Heard) -> tuple[Conversation, bool, bool]:
    """The same for a customer's word, with which a closed conversation may go on. (conversation, is new, is back)"""
    conversation = _going_on(root, heard.occurred_at)
    if conversation is not None and not is_aside(conversation):
        return conversation, False, False
    for decide in _comes_back:
        if (back := decide(root, place, heard, conversation)) is not None:
            return back, False, True
    if conversation is not None:
        return conversation, False, False
    return *begin(root=root, origin_id=place.identity.customer_id, at=heard.occurred_at), False


def is_aside(conversation: Conversation) -> bool:
    """Did it begin with thanks for what is closed, or its rating (rule 5 of routing: nothing to plan)?"""
    return conversation.owner_kind == Conversation.Owner.BOT and conversation.routing_plan == ASIDE


def set_aside(conversation: Conversation) -> None:
    """It began with thanks or a rating: whoever has more to say goes on with the matter that is closed."""
    conversation.routing_plan = ASIDE
    conversation.save(update_fields=["routing_plan"])


def no_aside(conversation: Conversation) -> None:
    """More was said in it than thanks or a rating: it is a matter like any other."""
    if is_aside(conversation):
        conversation.routing_plan = None
        conversation.save(update_fields=["routing_plan"])


def _going_on(root: Customer, at: datetime) -> Conversation | None:
    conversation = sql.unclosed(root.pk)
    if conversation is not None and expiry.is_due(conversation, clock.now()):
        expiry.expire(conversation=conversation)
        conversation = None
    return conversation or _reopened(root, at)


def _reopened(root: Customer, at: datetime) -> Conversation | None:
    """The conversation that an agent closed while this message was on its way, given back to that agent."""
    wrote_until = at if at.microsecond else at + timedelta(seconds=1)  # some providers count whole seconds
    conversation = sql.last_closed(root.pk, max(wrote_until, clock.now() - ON_ITS_WAY))
    if conversation is None:
        return None
    moved = conversation.events.filter(kind="owner_changed", epoch=conversation.owner_epoch).first()
    before = moved.data["from"] if moved and moved.data["cause"] == "close" else {}
    if before.get("kind") != Conversation.Owner.AGENT:
        return None
    for give_back in _gives_back:
        give_back(conversation, before["id"])
    outbox.cancel_unsent(conversation=conversation)
    return conversation


def _is_elsewhere(conversation: Conversation, session: Session) -> bool:
    """Somebody else's session until they were found to be one came along with all that was heard there."""
    before = conversation.last_customer_at
    return session.customer_id != conversation.customer_id or (
        before is not None and (session.last_inbound_at is None or session.last_inbound_at < before)
    )


def _known(place: Place, client_id: str) -> Message | None:
    """The message that this endpoint has sent under that id before, in whichever session."""
    said = Message.objects.filter(session__identity=place.identity, session__channel=place.channel, client_id=client_id)
    return said.select_related("session").first()


def _store(conversation: Conversation, session: Session, heard: Heard) -> Message:
    now = clock.now()
    message = Message(
        customer_id=session.customer_id,
        session=session,
        author=Message.Author.CUSTOMER,
        kind=heard.content.type,
        content=heard.content.to_json(),
        client_id=heard.client_id,
        external_id=heard.external_id,
        reply_to=heard.reply_to,
        is_automatic=heard.is_automatic,
        occurred_at=heard.occurred_at,
        recorded_at=now,
    )
    events.speak(
        conversation=conversation,
        session=session,
        message=message,
        source=heard.source,
        source_event_id=heard.source_event_id,
    )
    for item in heard.media:
        Attachment.objects.create(message=message, customer_id=session.customer_id, recorded_at=now, **item)
    attachments.bind(message=message, said=heard.content)
    conversation.waiting_on = "us"
    return message

"""Where does an inbound message belong? The person's one open conversation, in the endpoint's session, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from common import clock
from conversations import events, sessions
from conversations.content import Content
from conversations.models import Attachment, Conversation, Message, Session
from conversations.sessions import TTL, Place
from customers.models import Customer

State = Conversation.State

HEARD = """
UPDATE conversations_conversation
SET last_message_at = greatest(last_message_at, %(at)s), last_customer_at = greatest(last_customer_at, %(at)s),
    expires_at = %(expires)s, waiting_on = 'us'
WHERE id = %(id)s
"""


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


@dataclass(frozen=True, slots=True)
class Received:
    """Where a message came to lie; `message` is None for a gesture that is not shown."""

    conversation: Conversation
    session: Session
    message: Message | None
    root: Customer
    is_new_conversation: bool
    is_repeat: bool = False  # it was here already: nothing was stored, and no turn follows


def receive(*, place: Place, heard: Heard) -> Received:
    """Stores one inbound message and returns where it lies, with the person's root and the conversation locked.

    Needs a transaction. Creation races end in a constraint and are read again. A known `client_id` stores nothing new.
    """
    root = lock_root(customer_id=place.identity.customer_id)
    conversation, is_new = open_conversation(root=root, origin_id=place.identity.customer_id, at=heard.occurred_at)
    session = sessions.current(conversation=conversation, place=place, at=heard.occurred_at)
    sessions.heard(session=session, place=place, at=heard.occurred_at)
    message = None if heard.action else _store(conversation, session, heard)
    return Received(conversation, session, message, root, is_new)


def lock_root(*, customer_id: int) -> Customer:
    """Locks the person: the root of the origin's cluster, read again after the lock (a merge may have moved it)."""
    while True:
        root_id = Customer.objects.values_list("root_id", flat=True).get(pk=customer_id)
        root = Customer.objects.select_for_update(no_key=True).get(pk=root_id)
        if root.root_id == root.pk:
            return root


def lock(*, conversation_id: int) -> Conversation:
    """The conversation under its row lock; a customer's message insert is not blocked by it."""
    return Conversation.objects.select_for_update(no_key=True).get(pk=conversation_id)


def open_conversation(*, root: Customer, origin_id: int, at: datetime) -> tuple[Conversation, bool]:
    """The person's conversation that is not closed, locked; begun if there is none. (conversation, is new)"""
    found = Conversation.objects.unclosed().of_person(root.pk).select_for_update(no_key=True, of=("self",))
    if conversation := found.order_by("-last_message_at").first():
        return conversation, False
    now = clock.now()
    try:
        with transaction.atomic():
            begun = Conversation.objects.create(
                customer_id=origin_id, opened_at=at, last_message_at=at, expires_at=now + TTL
            )
    except IntegrityError:
        return found.get(), False
    events.append(conversation=begun, kind="opened", occurred_at=at)
    return begun, True


def _store(conversation: Conversation, session: Session, heard: Heard) -> Message:
    if heard.client_id:
        known = Message.objects.filter(session=session, client_id=heard.client_id).first()
        if known:
            return known
    now = clock.now()
    message = Message.objects.create(
        customer_id=session.customer_id,
        session=session,
        author=Message.Author.CUSTOMER,
        kind=heard.content.type,
        content=heard.content.to_json(),
        client_id=heard.client_id,
        external_id=heard.external_id,
        occurred_at=heard.occurred_at,
        recorded_at=now,
    )
    for item in heard.media:
        Attachment.objects.create(message=message, customer_id=session.customer_id, recorded_at=now, **item)
    events.append(
        conversation=conversation,
        kind="message",
        session=session,
        is_for_endpoint=True,
        message=message,
        actor_kind="customer",
        source=heard.source,
        source_event_id=heard.source_event_id,
        occurred_at=heard.occurred_at,
    )
    with connection.cursor() as cursor:
        cursor.execute(HEARD, {"id": conversation.pk, "at": heard.occurred_at, "expires": now + TTL})
    conversation.expires_at, conversation.waiting_on = now + TTL, "us"
    return message

"""How do tests say something and get receipts for it? Through the doors of the product."""

from __future__ import annotations

from django.db import transaction

from channels_app import inbox_store
from channels_app.confirmations import drain
from channels_app.models import Channel
from channels_app.registry import RawEvent, Request, account_of, adapter
from conversations import outbox, threads
from conversations.content import Text
from conversations.models import Delivery, Session
from tests.channels_app import whatsapp


def say(session: Session, text: str = "hello", *, author: str = "bot", fence: int | None = None) -> Delivery:
    with transaction.atomic():
        conversation = threads.lock(conversation_id=session.conversation_id)
        epoch = conversation.owner_epoch if fence is None else fence
        agent = {"agent_id": 1} if author == "agent" else {"fence_epoch": epoch}
        message = outbox.say(conversation=conversation, session=session, content=Text(text), author=author, **agent)
    return message.deliveries.get()


def store(channel: Channel, *events: RawEvent) -> None:
    """Puts events into the inbox, as the door does."""
    inbox_store.put_now([inbox_store.row(channel.pk, event) for event in events])


def receive(channel: Channel, *statuses: dict[str, object]) -> int:
    """A webhook of receipts arrives and is applied."""
    raw = whatsapp.body(whatsapp.value(statuses=statuses))
    request = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw).encode()})
    store(channel, *adapter("whatsapp").verify(request, [account_of(channel)]).events)
    return drain()

"""What follows when somebody rewords a message, takes it back, or puts an emoji to it?

The first wording stays with the message, later ones are `MessageEdit` rows. What was taken back is gone: its words,
its wordings, its reactions and its files; that it stood there is what remains.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.db import transaction

from common import clock
from conversations import attachments, events, threads, words
from conversations.content import Content, Removed
from conversations.models import Conversation, Delivery, Message, MessageEdit, MessageReaction
from customers.models import Customer

Outcome = Literal["edited", "removed", "reaction", "stale"]


def find(*, channel: str, external_id: str) -> Message | None:
    """The message that the provider knows by this id on this channel, the customer's or ours."""
    if not external_id:
        return None
    heard = Message.objects.filter(external_id=external_id, session__channel=channel)
    found = heard.select_related("session", "customer").order_by("-pk").first()
    if found is not None:
        return found
    sent = Delivery.objects.filter(channel=channel, external_id=external_id).order_by("-pk")
    part = sent.select_related("message__session", "message__customer").first()
    return part.message if part else None


@transaction.atomic
def edit(
    *, message: Message, content: Content, occurred_at: datetime, source: str = "", source_event_id: str = ""
) -> Outcome:
    """Notes what a message reads now. Event `message_edited`; `stale` when it was taken back meanwhile.

    `stale` as well when a later wording is known already: the older one is kept among the earlier wordings, and what
    is shown stays.
    """
    conversation = _locked(message)
    if message.kind == Removed.type:
        return "stale"
    is_late = MessageEdit.objects.filter(message=message, occurred_at__gt=occurred_at).exists()
    MessageEdit.objects.create(
        message=message,
        customer_id=message.customer_id,
        content=content.to_json(),
        source=source,
        source_event_id=source_event_id,
        occurred_at=occurred_at,
        recorded_at=clock.now(),
    )
    if is_late:
        return "stale"
    words.renew(words.read(words.MESSAGE, [message.pk]), words.MESSAGE)
    _tell(conversation, message, "message_edited", occurred_at)
    return "edited"


@transaction.atomic
def remove(*, message: Message, occurred_at: datetime) -> Outcome:
    """Takes a message back with everything that hangs on it. Event `message_removed`; `stale` the second time."""
    conversation = _locked(message)
    if message.kind == Removed.type:
        return "stale"
    attachments.erase(message=message)
    message.edits.all().delete()
    message.reactions.all().delete()
    message.kind, message.content = Removed.type, Removed().to_json()
    message.save(update_fields=["kind", "content"])
    words.renew(words.read(words.MESSAGE, [message.pk]), words.MESSAGE)
    _tell(conversation, message, "message_removed", occurred_at)
    return "removed"


@transaction.atomic
def react(*, message: Message, customer: Customer, emoji: str, occurred_at: datetime) -> Outcome:
    """Sets a person's emoji at a message, '' takes it away. Event `reaction`; an older one than the last is `stale`."""
    conversation = _locked(message)
    if message.kind == Removed.type:
        return "stale"
    known = MessageReaction.objects.filter(message=message, customer__root_id=customer.root_id).first()
    if known is not None and known.occurred_at > occurred_at:
        return "stale"
    if not emoji:
        if known is None:
            return "stale"
        known.delete()
    elif known is None:
        told = {"occurred_at": occurred_at, "recorded_at": clock.now()}
        MessageReaction.objects.create(message=message, customer=customer, emoji=emoji[:64], **told)
    else:
        known.emoji, known.occurred_at, known.recorded_at = emoji[:64], occurred_at, clock.now()
        known.save(update_fields=["emoji", "occurred_at", "recorded_at"])
    _tell(conversation, message, "reaction", occurred_at)
    return "reaction"


def _locked(message: Message) -> Conversation:
    """The message's conversation under its lock, and the message as it stands under it."""
    conversation = threads.lock(conversation_id=events.log_of(message))
    message.refresh_from_db(fields=["kind", "content"])
    return conversation


def _tell(conversation: Conversation, message: Message, kind: str, occurred_at: datetime) -> None:
    data = {"message": message.pk}
    actor = message.author if kind != "reaction" else Message.Author.CUSTOMER
    events.append(conversation=conversation, kind=kind, actor_kind=actor, data=data, occurred_at=occurred_at)

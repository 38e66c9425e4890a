"""What follows when a person of ours answers in the provider's own app? It is shown, and the bot keeps still a while.

The rule: from such a word on, for `hush`, the bot takes no turn in that conversation and nothing that it has decided to
say leaves. Owner and queue stay as they are, so that an agent can take over as ever; afterwards the bot goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from common import clock
from conversations import events, outbox, sessions, threads
from conversations.content import Content
from conversations.models import Attachment, Conversation, Delivery, Message, Session
from conversations.sessions import Place
from conversations.threads import Received


def overhear(
    *,
    place: Place,
    content: Content,
    occurred_at: datetime,
    external_id: str,
    name: str,
    hush: timedelta,
    source_event_id: str = "",
    media: Sequence[dict[str, Any]] = (),
) -> Received:
    """Stores what staff sent to a customer as an agent's message that has left; needs a transaction.

    Cancels what the bot has not sent, and hushes it until `hush` after now.
    """
    root = threads.lock_root(customer_id=place.identity.customer_id)
    conversation, is_new = threads.open_conversation(root=root, origin_id=place.identity.customer_id, at=occurred_at)
    session = sessions.current(conversation=conversation, place=place, at=occurred_at)
    now = clock.now()
    message = _said(session, content, name, occurred_at, now)
    left = _left(conversation, session, external_id, now)
    events.speak(
        conversation=conversation,
        session=session,
        message=message,
        deliveries=[left],
        source=place.channel,
        source_event_id=source_event_id,
    )
    for item in media:
        Attachment.objects.create(message=message, customer_id=session.customer_id, recorded_at=now, **item)
    _hush(conversation, now + hush)
    return Received(conversation, session, message, root, is_new)


def _said(session: Session, content: Content, name: str, occurred_at: datetime, now: datetime) -> Message:
    return Message(
        customer_id=session.customer_id,
        session=session,
        author=Message.Author.AGENT,
        agent_name=name[:80],
        kind=content.type,
        content=content.to_json(),
        occurred_at=occurred_at,
        recorded_at=now,
    )


def _left(conversation: Conversation, session: Session, external_id: str, now: datetime) -> Delivery:
    """It is with the provider already; receipts about it find this row."""
    return Delivery(
        customer_id=session.customer_id,
        conversation=conversation,
        identity_id=session.identity_id,
        channel=session.channel,
        state=Delivery.State.SENT,
        external_id=external_id,
        next_attempt_at=now,
        queued_at=now,
        sent_at=now,
    )


def _hush(conversation: Conversation, until: datetime) -> None:
    conversation.hushed_until = until
    conversation.save(update_fields=["hushed_until"])
    outbox.cancel_unsent(conversation=conversation)

"""What happened? Facts appended in the action's own transaction, numbered per conversation and per endpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from common import clock, rows
from conversations import realtime, sql
from conversations.models import Conversation, ConversationEvent, Delivery, Message, Session

HEARD = ("last_inbound_at", "proven", "window_expires_at", "assurance")  # what a customer's message says of its session
TTL = timedelta(seconds=settings.HANDOVER["SESSION_TTL"])  # a conversation without a word from either side expires


def append(
    *,
    conversation: Conversation,
    kind: str,
    session: Session | None = None,
    is_for_endpoint: bool = False,
    epoch: int | None = None,
    actor_kind: str = "",
    actor_id: int | None = None,
    data: dict[str, Any] | None = None,
    source: str = "",
    source_event_id: str = "",
    occurred_at: datetime | None = None,
) -> int:
    """Appends one fact that is no message and returns its seq; needs the conversation's row lock.

    `is_for_endpoint` numbers it in the session's stream too. `data` holds ids and enumerations only. Screens are
    hinted on commit.
    """
    now = clock.now()
    values = {
        "kind": kind,
        "epoch": epoch,
        "actor_kind": actor_kind,
        "actor_id": actor_id,
        "data": json.dumps(data or {}),
        "source": source,
        "source_event_id": source_event_id,
        "occurred_at": occurred_at or now,
        "recorded_at": now,
    }
    seen_by = session if is_for_endpoint else None
    _insert(sql.SHOWN if seen_by else sql.FACT, values, conversation, session)
    _hint(conversation, seen_by)
    return conversation.head_seq


def speak(
    *,
    conversation: Conversation,
    session: Session,
    message: Message,
    deliveries: Sequence[Delivery] = (),
    source: str = "",
    source_event_id: str = "",
) -> int:
    """Stores a new message with its deliveries and the event that tells of it, and returns the event's seq.

    Needs the conversation's row lock. Numbers the endpoint's stream too, and renews the conversation's life; a
    customer's message saves what `sessions.heard` noted. `deliveries` are alike but for their parts, in order.
    """
    expires_at = message.recorded_at + TTL
    values = rows.named(message, "m") | {
        "kind": "message",
        "epoch": None,
        "actor_kind": message.author,
        "actor_id": message.agent_id,
        "data": "{}",
        "source": source,
        "source_event_id": source_event_id,
        "occurred_at": message.occurred_at,
        "recorded_at": message.recorded_at,
        "expires_at": expires_at,
    }
    if message.author == Message.Author.CUSTOMER:
        values |= {name: getattr(session, name) for name in HEARD}
    else:
        values["parts"] = [delivery.public_id for delivery in deliveries]
        values |= rows.named(deliveries[0] if deliveries else Delivery(), "d")
    message.pk = _insert(sql.SPEAK[message.author], values, conversation, session)
    rows.is_stored(message)
    conversation.expires_at, conversation.last_message_at = expires_at, message.recorded_at
    _hint(conversation, session)
    return conversation.head_seq


def log_of(message: Message) -> int:
    """The conversation in whose log a message stands: its session may have been pointed to another one since."""
    told = ConversationEvent.objects.filter(message=message, kind="message").values_list("conversation_id", flat=True)
    return told.first() or message.session.conversation_id


def _insert(query: str, values: dict[str, Any], conversation: Conversation, session: Session | None) -> int | None:
    values["conversation"], values["session"] = conversation.pk, session.pk if session else None
    values["customer"] = session.customer_id if session else conversation.customer_id
    ((conversation.head_seq, session_seq, message_id),) = rows.fetch(query, values)
    if session and session_seq is not None:
        session.seq = session_seq
    return None if message_id is None else int(message_id)


def _hint(conversation: Conversation, seen_by: Session | None) -> None:
    names = [realtime.conversation_stream(conversation.pk), f"desk:{conversation.pk}"]
    if seen_by:
        names.append(realtime.endpoint_stream(seen_by.identity_id, seen_by.channel))
    realtime.hint(*names)


def of_conversation(conversation_id: int, *, after: int, limit: int = 200) -> list[ConversationEvent]:
    """The agents' stream past a cursor."""
    rows = ConversationEvent.objects.filter(conversation_id=conversation_id, seq__gt=after)
    return list(rows.select_related("message__session").order_by("seq")[:limit])


def of_endpoint(identity_id: int, channel: str, *, after: int, limit: int = 200) -> list[ConversationEvent]:
    """The endpoint's own stream past a cursor: only what this endpoint was meant to see."""
    rows = ConversationEvent.objects.filter(
        session__identity_id=identity_id, session__channel=channel, session_seq__gt=after
    )
    return list(rows.select_related("message").order_by("session_seq")[:limit])

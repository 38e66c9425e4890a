"""What happened? Facts appended in the action's own transaction, numbered per conversation and per endpoint."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from common import clock
from conversations import realtime
from conversations.models import Conversation, ConversationEvent, Message, Session

# What one more word changes in its conversation; the conversation's row is touched once for it and its event.
SPOKEN = {
    "": "",
    "customer": """, last_message_at = greatest(last_message_at, %(occurred_at)s::timestamptz), waiting_on = 'us',
        last_customer_at = greatest(last_customer_at, %(occurred_at)s::timestamptz),
        expires_at = %(expires_at)s::timestamptz""",
    "bot": ", last_message_at = %(recorded_at)s::timestamptz, expires_at = %(expires_at)s::timestamptz",
    "agent": """, last_message_at = %(recorded_at)s::timestamptz, waiting_on = 'customer',
        last_agent_at = %(recorded_at)s::timestamptz, expires_at = %(expires_at)s::timestamptz""",
}
SPOKEN["system"] = SPOKEN["bot"]
HEARD = """, last_inbound_at = %(last_inbound_at)s::timestamptz, proven = %(proven)s::bigint[],
    window_expires_at = %(window_expires_at)s::timestamptz, assurance = %(assurance)s"""
NUMBERED = "UPDATE conversations_session SET seq = seq + 1 {heard} WHERE id = %(session)s RETURNING seq"

# One statement: number the event, insert it. The caller holds the conversation's row lock, so the numbers have no gaps.
APPEND = """
WITH c AS (
    UPDATE conversations_conversation SET head_seq = head_seq + 1 {spoken}
    WHERE id = %(conversation)s RETURNING head_seq
), s AS ({numbered})
INSERT INTO conversations_conversationevent
    (conversation_id, customer_id, seq, session_id, session_seq, kind, message_id, epoch, actor_kind, actor_id, data,
     source, source_event_id, occurred_at, recorded_at)
SELECT %(conversation)s::bigint, %(customer)s::bigint, c.head_seq, %(session)s::bigint, (SELECT seq FROM s), %(kind)s,
       %(message)s::bigint, %(epoch)s::bigint, %(actor_kind)s, %(actor_id)s::bigint, %(data)s::jsonb, %(source)s,
       %(source_event_id)s, %(occurred_at)s::timestamptz, %(recorded_at)s::timestamptz
FROM c
RETURNING seq, session_seq
"""
UNNUMBERED = "SELECT NULL::bigint AS seq"
STATEMENTS = {
    (who, is_numbered): APPEND.format(
        spoken=change,
        numbered=NUMBERED.format(heard=HEARD if who == "customer" else "") if is_numbered else UNNUMBERED,
    )
    for who, change in SPOKEN.items()
    for is_numbered in (True, False)
}
TTL = timedelta(hours=24)  # a conversation without a word from either side expires


def append(
    *,
    conversation: Conversation,
    kind: str,
    session: Session | None = None,
    is_for_endpoint: bool = False,
    message: Message | None = None,
    epoch: int | None = None,
    actor_kind: str = "",
    actor_id: int | None = None,
    data: dict[str, Any] | None = None,
    source: str = "",
    source_event_id: str = "",
    occurred_at: datetime | None = None,
) -> int:
    """Appends one fact and returns its seq; needs the conversation's row lock.

    `is_for_endpoint` numbers it in the session's stream too. A message renews the conversation's life, and a customer's
    one its session. `data` holds ids and enumerations only. Screens are hinted on commit.
    """
    now = clock.now()
    values = {
        "conversation": conversation.pk,
        "customer": session.customer_id if session else conversation.customer_id,
        "session": session.pk if session else None,
        "kind": kind,
        "message": message.pk if message else None,
        "epoch": epoch,
        "actor_kind": actor_kind,
        "actor_id": actor_id,
        "data": json.dumps(data or {}),
        "source": source,
        "source_event_id": source_event_id,
        "occurred_at": occurred_at or now,
        "recorded_at": now,
    }
    seq, session_seq = _insert(values, message, session if is_for_endpoint else None, now)
    if message is not None:
        conversation.expires_at, conversation.last_message_at = now + TTL, now
    conversation.head_seq = seq
    _hint(conversation, session, session_seq)
    return seq


def _hint(conversation: Conversation, session: Session | None, session_seq: int | None) -> None:
    names = [realtime.conversation_stream(conversation.pk), f"desk:{conversation.pk}"]
    if session and session_seq is not None:
        session.seq = session_seq
        names.append(realtime.endpoint_stream(session.identity_id, session.channel))
    realtime.hint(*names)


def _insert(
    values: dict[str, Any], message: Message | None, numbered: Session | None, now: datetime
) -> tuple[int, int | None]:
    who = message.author if message else ""
    if who:
        values["expires_at"] = now + TTL
    if who == Message.Author.CUSTOMER and numbered is not None:
        for name in ("last_inbound_at", "proven", "window_expires_at", "assurance"):
            values[name] = getattr(numbered, name)
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[who, numbered is not None], values)
        seq, session_seq = cursor.fetchone()
    return seq, session_seq


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

"""What happened? Facts appended in the action's own transaction, numbered per conversation and per endpoint."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection

from common import clock
from conversations import realtime
from conversations.models import Conversation, ConversationEvent, Message, Session

# One statement: number the event, insert it. The caller holds the conversation's row lock, so the numbers have no gaps.
APPEND = """
WITH c AS (
    UPDATE conversations_conversation SET head_seq = head_seq + 1 WHERE id = %(conversation)s RETURNING head_seq
), s AS (
    UPDATE conversations_session SET seq = seq + 1 WHERE id = %(numbered)s RETURNING seq
)
INSERT INTO conversations_conversationevent
    (conversation_id, customer_id, seq, session_id, session_seq, kind, message_id, epoch, actor_kind, actor_id, data,
     source, source_event_id, occurred_at, recorded_at)
SELECT %(conversation)s::bigint, %(customer)s::bigint, c.head_seq, %(session)s::bigint, (SELECT seq FROM s), %(kind)s,
       %(message)s::bigint, %(epoch)s::bigint, %(actor_kind)s, %(actor_id)s::bigint, %(data)s::jsonb, %(source)s,
       %(source_event_id)s, %(occurred_at)s::timestamptz, %(recorded_at)s::timestamptz
FROM c
RETURNING seq, session_seq
"""


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

    `is_for_endpoint` numbers it in the session's stream too.
    `data` holds ids and enumerations only. Screens are hinted on commit.
    """
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            APPEND,
            {
                "conversation": conversation.pk,
                "numbered": session.pk if session and is_for_endpoint else None,
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
            },
        )
        seq, session_seq = cursor.fetchone()
    conversation.head_seq = seq
    names = [realtime.conversation_stream(conversation.pk), f"desk:{conversation.pk}"]
    if session and session_seq is not None:
        session.seq = session_seq
        names.append(realtime.endpoint_stream(session.identity_id, session.channel))
    realtime.hint(*names)
    return int(seq)


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

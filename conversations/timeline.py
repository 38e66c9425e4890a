"""What was said with a person, on every channel, newest first? One timeline over all their origins, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common import rows
from conversations.models import Message, Session
from customers.models import Customer

PAGE = 50

# Of each member the newest, by the index alone, then the newest of those; only what is shown is read. With `IN` all
# rows of all members would be read and sorted.
LATEST = f"""
WITH newest AS MATERIALIZED (
    SELECT n.id, n.occurred_at FROM customers_customer c CROSS JOIN LATERAL (
        SELECT f.id, f.occurred_at FROM conversations_message f
        WHERE f.customer_id = c.id AND (f.occurred_at, f.id) < (%(at)s::timestamptz, %(id)s::bigint)
        ORDER BY f.occurred_at DESC, f.id DESC LIMIT %(limit)s
    ) n
    WHERE c.root_id = %(root)s ORDER BY n.occurred_at DESC, n.id DESC LIMIT %(limit)s
)
SELECT {rows.columns(Message, "m")}, {rows.columns(Session, "s")}
FROM newest JOIN conversations_message m ON m.id = newest.id JOIN conversations_session s ON s.id = m.session_id
ORDER BY m.occurred_at DESC, m.id DESC
"""
END_OF_TIME = "infinity"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the next one begins before it."""

    occurred_at: datetime
    message_id: int


@dataclass(frozen=True, slots=True)
class Page:
    """Messages with their sessions (channel and address), newest first, and where to go on; None at the end."""

    messages: Sequence[Message]
    following: Cursor | None


def page(person: Customer, *, before: Cursor | None = None, limit: int = PAGE) -> Page:
    """A page of everything said with the person, whichever member it was said to. One query, whatever the history."""
    values = {
        "root": person.root_id,
        "at": before.occurred_at if before else END_OF_TIME,
        "id": before.message_id if before else 0,
        "limit": limit + 1,
    }
    width = len(rows.shape(Message).fields)
    found = []
    for row in rows.fetch(LATEST, values):
        message = rows.made(Message, row[:width])
        message.session = rows.made(Session, row[width:])
        found.append(message)
    shown = found[:limit]
    more = len(found) > limit
    return Page(shown, Cursor(shown[-1].occurred_at, shown[-1].pk) if more else None)

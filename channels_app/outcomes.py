"""What became of a delivery? The one place that writes its state, its attempt and the event, in sets."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from channels_app.registry import Handles
from common import clock
from conversations import realtime

# Further than this a delivery does not fall back: a receipt that overtook the answer of its own send wins.
RANK = {"queued": 0, "sending": 1, "unknown": 1, "sent": 2, "delivered": 3, "read": 4, "played": 5}
SECRETS = re.compile(
    r"(?i)((bearer|basic|bot)\s+|(token|secret|password|api_?key|auth)[\"']?\s*[=:]\s*)\S+"
    r"|EAA[A-Za-z0-9]{20,}|\d{6,}:[A-Za-z0-9_-]{25,}|\b(SK|AC)[0-9a-f]{32}\b"
)
NUMBERS = re.compile(r"\+?\d[\d ()-]{5,}\d")

LOCK = "SELECT id FROM conversations_conversation WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

# `from` names the states in which the change is still right; 0 rows: somebody knew better.
WRITE = """
UPDATE conversations_delivery d SET
    state = g.state, reason = g.reason, provider_text = g.provider_text, lease_until = NULL,
    external_id = CASE WHEN g.external_id <> '' OR g.state = 'queued' THEN g.external_id ELSE d.external_id END,
    next_attempt_at = coalesce(g.next_attempt_at, d.next_attempt_at),
    attempts = CASE WHEN g.is_free THEN greatest(d.attempts - 1, 0) ELSE d.attempts END,
    sent_at = coalesce(d.sent_at, CASE WHEN g.rank >= 2 THEN g.at END),
    delivered_at = coalesce(d.delivered_at, CASE WHEN g.rank >= 3 THEN g.at END),
    read_at = coalesce(d.read_at, CASE WHEN g.rank >= 4 THEN g.at END),
    failed_at = CASE WHEN g.state = 'failed' THEN g.at END
FROM unnest(%(id)s::bigint[], %(state)s::text[], %(reason)s::text[], %(provider_text)s::text[], %(external_id)s::text[],
            %(next_attempt_at)s::timestamptz[], %(is_free)s::bool[], %(rank)s::int[], %(at)s::timestamptz[],
            %(allowed)s::text[])
     AS g(id, state, reason, provider_text, external_id, next_attempt_at, is_free, rank, at, allowed)
WHERE d.id = g.id AND d.state = ANY(string_to_array(g.allowed, ' '))
RETURNING d.id
"""

# The provider's id is worth keeping even when a receipt was faster than the answer that names it.
NAME = """
UPDATE conversations_delivery d SET external_id = g.external_id
FROM unnest(%s::bigint[], %s::text[]) AS g(id, external_id) WHERE d.id = g.id AND d.external_id = ''
"""

TRIED = """
INSERT INTO channels_app_attempt
    (delivery_id, number, started_at, ended_at, outcome, reason, provider_code, provider_text, http_status)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
                     %s::text[], %s::int[])
ON CONFLICT (delivery_id, number) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome,
    reason = excluded.reason, provider_code = excluded.provider_code, provider_text = excluded.provider_text,
    http_status = excluded.http_status
"""

# Numbered like `conversations.events.append`, for many conversations at once; their row locks are held.
TOLD = """
WITH given AS (
    SELECT * FROM unnest(%(conversation)s::bigint[], %(customer)s::bigint[], %(data)s::text[], %(at)s::timestamptz[])
    WITH ORDINALITY AS g(conversation_id, customer_id, data, at, n)
), bumped AS (
    UPDATE conversations_conversation c SET head_seq = c.head_seq + k.count
    FROM (SELECT conversation_id, count(*) AS count FROM given GROUP BY 1) k WHERE c.id = k.conversation_id
    RETURNING c.id, c.head_seq - k.count AS base
)
INSERT INTO conversations_conversationevent
    (conversation_id, customer_id, seq, kind, actor_kind, data, source, source_event_id, occurred_at, recorded_at)
SELECT g.conversation_id, g.customer_id, b.base + row_number() OVER (PARTITION BY g.conversation_id ORDER BY g.n),
       'delivery', '', g.data::jsonb, '', '', g.at, %(now)s
FROM given g JOIN bumped b ON b.id = g.conversation_id
"""


@dataclass(frozen=True, slots=True)
class Try:
    """One call to a provider, in its own words (redacted when written)."""

    number: int
    started_at: datetime
    ended_at: datetime
    outcome: str
    reason: str = ""
    provider_code: str = ""
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A delivery's new state; `allowed` are the states from which it may come. `is_free`: the try does not count.
    `is_quiet`: nothing that the timeline should tell."""

    delivery_id: int
    conversation_id: int
    customer_id: int
    message_id: int
    state: str
    at: datetime
    allowed: tuple[str, ...]
    reason: str = ""
    provider_text: str = ""
    external_id: str = ""
    next_attempt_at: datetime | None = None
    is_free: bool = False
    is_quiet: bool = False
    tried: Try | None = None
    handles: Handles = ()  # further names of the recipient that the answer revealed

    @property
    def rank(self) -> int:
        """How far along the way to the reader; -1 for what is not on it."""
        return RANK.get(self.state, -1)


def write(changes: Sequence[Change]) -> set[int]:
    """Writes what still holds, tells the conversations, and returns the ids that changed. Needs a transaction.

    Locks the conversations in ascending order, then the deliveries. One change per delivery.
    """
    if not changes:
        return set()
    conversations = sorted({change.conversation_id for change in changes})
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [conversations])
        cursor.execute(WRITE, _columns(changes))
        changed = {pk for (pk,) in cursor.fetchall()}
        named = [change for change in changes if change.external_id and change.delivery_id not in changed]
        if named:
            cursor.execute(NAME, [[one.delivery_id for one in named], [one.external_id for one in named]])
        if tried := [(change, change.tried) for change in changes if change.tried]:
            cursor.execute(TRIED, _tries(tried))
        told = [change for change in changes if change.delivery_id in changed and not change.is_quiet]
        if told:
            cursor.execute(TOLD, _events(told))
    for pk in {change.conversation_id for change in told}:
        realtime.hint(realtime.conversation_stream(pk), f"desk:{pk}")
    return changed


def redact(said: str) -> str:
    """A provider's words without tokens and numbers that may be a person's, short enough to keep."""
    return NUMBERS.sub("…", SECRETS.sub("…", said.replace("\0", "")))[:300]


def _columns(changes: Sequence[Change]) -> dict[str, list[Any]]:
    names = ("state", "reason", "external_id", "next_attempt_at", "is_free", "rank", "at")
    columns: dict[str, list[Any]] = {name: [getattr(change, name) for change in changes] for name in names}
    columns["id"] = [change.delivery_id for change in changes]
    columns["provider_text"] = [redact(change.provider_text) for change in changes]
    columns["allowed"] = [" ".join(change.allowed) for change in changes]
    return columns


def _tries(tried: Sequence[tuple[Change, Try]]) -> list[list[Any]]:
    rows = [
        (
            change.delivery_id,
            one.number,
            one.started_at,
            one.ended_at,
            one.outcome,
            one.reason,
            one.provider_code[:40],
            redact(change.provider_text),
            one.http_status,
        )
        for change, one in tried
    ]
    return [list(column) for column in zip(*rows, strict=True)]


def _events(told: Sequence[Change]) -> dict[str, Any]:
    return {
        "conversation": [change.conversation_id for change in told],
        "customer": [change.customer_id for change in told],
        "data": [
            json.dumps({"message": change.message_id, "state": change.state, "reason": change.reason})
            for change in told
        ],
        "at": [change.at for change in told],
        "now": clock.now(),
    }

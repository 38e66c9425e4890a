"""Which stored events wait, in which order, and what becomes of one that fails? The rows behind both drains."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from channels_app import registry
from channels_app.registry import Account, Parsed
from common import crypto

ATTEMPTS = 5  # then the event goes to quarantine and its handle goes on
BACKOFF = 2.0  # seconds, doubled each time

COLUMNS = """
e.id, e.public_id, e.key, e.handle, e.kind, e.body, e.occurred_at, e.received_at, e.attempts,
ch.id, ch.kind, ch.key, ch.account, ch.config::text, ch.credentials, ch.public_id
"""

DUE = """
SELECT channel_id, handle, count(*) FROM (
    SELECT channel_id, handle FROM channels_app_inboundevent
    WHERE state = 'pending' AND kind <> 'status' AND next_attempt_at <= now() ORDER BY next_attempt_at, id LIMIT %s
) waiting GROUP BY 1, 2
"""

# The lock keeps others from this handle; locking the row reads it again, should somebody have been there just before.
# The row is marked done where it is taken: its effects commit with that, or the roll-back makes it pending again.
TAKE = f"""
WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended(%(handle)s, %(channel)s)) AS ok),
head AS (
    SELECT h.id FROM mine JOIN channels_app_inboundevent h ON mine.ok
    WHERE h.state = 'pending' AND h.kind <> 'status' AND h.channel_id = %(channel)s AND h.handle = %(handle)s
    ORDER BY h.occurred_at, h.id LIMIT 1 FOR NO KEY UPDATE OF h
), e AS (
    UPDATE channels_app_inboundevent e SET state = 'done', processed_at = now(), outcome = %(outcome)s, error = ''
    FROM head WHERE e.id = head.id AND e.next_attempt_at <= now() RETURNING e.*
)
SELECT {COLUMNS} FROM e JOIN channels_app_channel ch ON ch.id = e.channel_id
"""

NAMED = "UPDATE channels_app_inboundevent SET outcome = %s WHERE id = %s"

RECEIPTS = f"""
SELECT {COLUMNS} FROM channels_app_inboundevent e JOIN channels_app_channel ch ON ch.id = e.channel_id
WHERE e.state = 'pending' AND e.kind = 'status' AND e.next_attempt_at <= now()
ORDER BY e.next_attempt_at, e.id LIMIT %s FOR NO KEY UPDATE OF e SKIP LOCKED
"""

# What is about nothing we know may be about somebody whom we must not know any more: it goes without its words.
DONE = """
UPDATE channels_app_inboundevent e SET state = 'done', processed_at = now(), outcome = g.outcome, error = '',
    body = CASE WHEN g.outcome <> 'unmatched' THEN body END
FROM (SELECT %s::text AS outcome) g WHERE id = ANY(%s) AND state = 'pending'
"""

WAIT = """
UPDATE channels_app_inboundevent
SET attempts = attempts + 1, next_attempt_at = now() + power(2, attempts) * interval '1 second' WHERE id = ANY(%s)
"""

PASS_ON = "UPDATE channels_app_inboundevent SET kind = 'message' WHERE id = ANY(%s)"

FAILED = """
UPDATE channels_app_inboundevent SET attempts = attempts + 1, error = %(error)s,
    state = CASE WHEN attempts + 1 >= %(most)s THEN 'quarantined' ELSE state END,
    next_attempt_at = now() + %(backoff)s * power(2, attempts) * interval '1 second'
WHERE id = %(id)s AND state = 'pending' RETURNING state, next_attempt_at
"""

# Whoever said it was erased since: that it came is kept, what it said is not.
BURIED = """
UPDATE channels_app_inboundevent
SET state = 'done', processed_at = now(), outcome = 'erased', error = '', body = NULL WHERE id = %s
"""

# Those behind it wait as long: else they would be looked at, in vain, before everybody else's.
HOLD = """
UPDATE channels_app_inboundevent SET next_attempt_at = %(until)s
WHERE state = 'pending' AND kind <> 'status' AND channel_id = %(channel)s AND handle = %(handle)s
  AND next_attempt_at < %(until)s
"""

REPLAY = """
UPDATE channels_app_inboundevent SET state = 'pending', attempts = 0, error = '', next_attempt_at = now()
WHERE id = ANY(%s) AND state = 'quarantined' AND body IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Pending:
    """One stored event with its Channel; sealed values are opened when asked for."""

    pk: int
    public_id: UUID
    key: str
    handle: str
    kind: str
    body: str | None
    occurred_at: datetime
    received_at: datetime
    attempts: int
    channel_id: int
    channel_kind: str
    channel: str
    account: str
    config: str
    credentials: str | None
    channel_row: UUID

    def setting(self, name: str, default: object) -> object:
        """A value of the Channel's config, or what holds without it."""
        return json.loads(self.config).get(name, default)

    @property
    def raw(self) -> str:
        """What the adapter made of it, '' once that is forgotten."""
        if self.body is None:
            return ""
        return crypto.unseal(self.body, table="channels_app_inboundevent", column="body", row=self.public_id)

    def parse(self) -> Sequence[Parsed]:
        """The event in our words, by the Channel's adapter."""
        account = account_of(self.channel, self.account, self.config, self.credentials, self.channel_row)
        return registry.adapter(self.channel_kind).parse(self.raw, account)


def due_handles(limit: int) -> list[tuple[int, str, int]]:
    """(channel id, handle, events that are due) of the longest waiting."""
    return [(channel, handle, count) for channel, handle, count in _rows(DUE, [limit])]


def take(channel_id: int, handle: str, outcome: str) -> Pending | None:
    """The next event of a handle, marked done with this outcome, under the handle's lock until the transaction ends.

    None: there is none, it waits for its next try, or somebody else is at this handle.
    """
    rows = _rows(TAKE, {"channel": channel_id, "handle": handle, "outcome": outcome})
    return Pending(*rows[0]) if rows else None


def name(event: Pending, outcome: str) -> None:
    """Notes that the outcome of an event that was taken is another one."""
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [outcome[:40], event.pk])


def claim_receipts(limit: int) -> list[Pending]:
    """Receipts that wait, under row locks; they need no order."""
    return [Pending(*row) for row in _rows(RECEIPTS, [limit])]


def done(events: Sequence[Pending], outcome: str) -> None:
    """Marks them processed; in the transaction of their effects."""
    if events:
        with connection.cursor() as cursor:
            cursor.execute(DONE, [outcome[:40], [event.pk for event in events]])


def pass_on(events: Sequence[Pending]) -> None:
    """Somebody's wish among the receipts waits its turn with their messages, where all that it says is applied."""
    if events:
        with connection.cursor() as cursor:
            cursor.execute(PASS_ON, [[event.pk for event in events]])


def bury(event: Pending) -> None:
    """Marks an event of somebody who was erased since: processed, without its words."""
    with connection.cursor() as cursor:
        cursor.execute(BURIED, [event.pk])


def wait(events: Sequence[Pending]) -> None:
    """Puts them off for 1, 2, 4 ... seconds."""
    if events:
        with connection.cursor() as cursor:
            cursor.execute(WAIT, [[event.pk for event in events]])


def failed(event: Pending, error: Exception) -> None:
    """Counts the failure; the handle waits for the next try, or goes on without this event after the last one."""
    values = {"id": event.pk, "error": where(error), "most": ATTEMPTS, "backoff": BACKOFF}
    rows = _rows(FAILED, values)
    if rows and rows[0][0] == "pending":
        held = {"until": rows[0][1], "channel": event.channel_id, "handle": event.handle}
        with connection.cursor() as cursor:
            cursor.execute(HOLD, held)


def replay(event_ids: Sequence[int]) -> int:
    """Takes events out of quarantine, to be processed anew; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(REPLAY, [list(event_ids)])
        return int(cursor.rowcount)


@lru_cache(maxsize=256)
def account_of(key: str, account: str, config: str, sealed: str | None, row: UUID) -> Account:
    """Opened once per stored value: whatever changes in the row is another call."""
    opened: Mapping[str, Any] = {}
    if sealed:
        opened = json.loads(crypto.unseal(sealed, table="channels_app_channel", column="credentials", row=row)) or {}
    return Account(key=key, account=account, config=json.loads(config), credentials=opened)


def _rows(query: str, values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def where(error: Exception) -> str:
    """Kind and place of an error; never its text, which may hold what a customer wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    place = f" at {last.filename.rsplit('/', 2)[-2]}/{last.filename.rsplit('/', 1)[-1]}:{last.lineno}" if last else ""
    return f"{type(error).__name__}{place}"[:300]

"""Which queued deliveries may leave now? The heads of their recipients' queues, of channels that run, at their pace.

Everything that holds for several worker processes is decided in this one statement: who is first, how fast a channel
and a recipient may be written to (virtual scheduling: a moment up to which sends are spoken for), and that a channel
whose circuit is half open is tried with one message only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from channels_app import letters, permission
from channels_app.permission import SILENT, Wishes
from common import clock
from conversations import capabilities
from conversations.content import Content

LEASE = 30.0  # seconds; longer than the slowest call

# Channels that pace themselves or recover are locked for the claim, and left out if somebody else claims of them just
# now. `room` is how many may leave at once: what a second of the pace allows, less what was spoken for already.
# A pace that somebody wrote by hand and that is none (text, below nothing, huge) counts as not written.
# Who is first is asked of the index for each row, and not joined, and `valid_to` is worded so that no index of live
# identities is walked: queues and tables fill faster than statistics are renewed.
# The address: what is live behind the session's endpoint, this kind of channel's own first (a contact card may have
# added a phone to a Telegram account), then a phone.
CLAIM = """
WITH pace AS MATERIALIZED (
    SELECT ch.id, ch.key,
           coalesce(CASE WHEN jsonb_typeof(ch.config->'rate_per_second') = 'number' THEN
               CASE WHEN (ch.config->>'rate_per_second')::numeric = 0
                   OR (ch.config->>'rate_per_second')::numeric BETWEEN 0.001 AND 10000
               THEN (ch.config->>'rate_per_second')::numeric::float END END,
               (%(paces)s::jsonb->ch.kind->>0)::float, 0) AS rate,
           coalesce(CASE WHEN jsonb_typeof(ch.config->'pair_seconds') = 'number' THEN
               CASE WHEN (ch.config->>'pair_seconds')::numeric BETWEEN 0 AND 86400
               THEN round((ch.config->>'pair_seconds')::numeric, 6)::float END END,
               (%(paces)s::jsonb->ch.kind->>1)::float, 0) AS pair,
           greatest(1, coalesce((%(paces)s::jsonb->ch.kind->>2)::float, 1)) AS burst
    FROM channels_app_channel ch WHERE ch.is_enabled AND ch.stopped_reason = '' AND ch.key <> ALL(%(busy)s)
), held AS MATERIALIZED (
    SELECT p.*, (st.failures + st.opens + st.rechecks > 0) AS is_suspect, st.open_until IS NOT NULL AS is_probe, CASE
        WHEN st.open_until > now() THEN 0
        WHEN st.open_until IS NOT NULL THEN 1
        ELSE least(%(limit)s, floor(1e-6 + p.rate * extract(epoch FROM
             now() - greatest(st.paced_until, now() - greatest(1, 1 / p.rate) * interval '1 second')))) END AS room
    FROM pace p JOIN channels_app_channelstate st ON st.channel_id = p.id
    WHERE p.rate > 0 OR st.open_until IS NOT NULL ORDER BY p.id FOR NO KEY UPDATE OF st SKIP LOCKED
), running AS (
    SELECT * FROM held WHERE room > 0
    UNION ALL
    SELECT p.*, (st.failures + st.opens + st.rechecks > 0), false, %(limit)s
    FROM pace p JOIN channels_app_channelstate st ON st.channel_id = p.id WHERE p.rate = 0 AND st.open_until IS NULL
), due AS (
    SELECT found.id, r.pair, r.is_suspect, r.is_probe FROM running r CROSS JOIN LATERAL (
        SELECT d.id FROM conversations_delivery d
        WHERE d.channel = r.key AND d.state = 'queued'
          AND d.next_attempt_at <= now() + %(shift)s * interval '1 second'
          AND d.id = (
            SELECT min(e.id) FROM conversations_delivery e
            WHERE e.identity_id = d.identity_id AND e.channel = d.channel AND e.state IN ('queued', 'sending')
          )
          AND (r.pair = 0 OR NOT EXISTS (
            SELECT 1 FROM channels_app_recipientpace p
            WHERE p.identity_id = d.identity_id AND p.channel = d.channel
              AND p.until > now() + (r.burst - 1) * r.pair * interval '1 second'
          ))
        ORDER BY d.next_attempt_at, d.id LIMIT r.room FOR NO KEY UPDATE OF d SKIP LOCKED
    ) found LIMIT %(limit)s
), claimed AS (
    UPDATE conversations_delivery d SET state = 'sending', attempts = d.attempts + 1,
        lease_until = now() + %(lease)s * interval '1 second'
    FROM due WHERE d.id = due.id RETURNING d.*, due.is_suspect, due.is_probe, due.pair
), paced AS (
    UPDATE channels_app_channelstate st SET
        paced_until = CASE WHEN h.rate > 0 THEN
            greatest(st.paced_until, now() - greatest(1, 1 / h.rate) * interval '1 second')
            + c.n / h.rate * interval '1 second' END,
        open_until = CASE WHEN st.open_until IS NOT NULL THEN now() + %(lease)s * interval '1 second' END
    FROM (SELECT channel, count(*) AS n FROM claimed GROUP BY 1) c JOIN held h ON h.key = c.channel
    WHERE st.channel_id = h.id
), spaced AS (
    INSERT INTO channels_app_recipientpace AS p (identity_id, channel, until)
    SELECT identity_id, channel, now() + pair * interval '1 second' FROM claimed WHERE pair > 0
    ON CONFLICT (identity_id, channel) DO UPDATE
    SET until = greatest(p.until, now()) + (excluded.until - now())
)
SELECT d.id, d.public_id, d.conversation_id, d.customer_id, d.message_id, d.identity_id, d.part, d.attempts,
       d.fence_epoch, d.queued_at, d.reason, d.is_suspect, d.is_probe,
       m.public_id, m.content, m.author, m.agent_name, m.step_id, m.reply_to,
       s.id, s.public_id, s.thread, s.window_expires_at, c.public_id, c.owner_epoch,
       i.namespace, i.public_id, i.raw,
       ch.kind, ch.key, ch.account, ch.config::text, ch.credentials, ch.public_id, d.challenge_id
FROM claimed d
JOIN conversations_message m ON m.id = d.message_id
JOIN conversations_session s ON s.id = m.session_id
JOIN conversations_conversation c ON c.id = d.conversation_id
JOIN channels_app_channel ch ON ch.key = d.channel
LEFT JOIN LATERAL (
    SELECT namespace, public_id, raw FROM (
        SELECT * FROM customers_identity WHERE id = d.identity_id
        UNION ALL SELECT * FROM customers_identity WHERE endpoint_id = d.identity_id
    ) i WHERE (i.routable OR d.challenge_id IS NOT NULL) AND coalesce(i.valid_to, 'infinity') = 'infinity'
    ORDER BY starts_with(i.namespace, ch.kind) DESC, i.namespace = 'phone' DESC, i.proof = 'provider' DESC, i.id LIMIT 1
) i ON true
ORDER BY d.id
"""

# A channel without a state is not claimed of: it gets one when nothing else is due, and with every sweep.
KNOW = """
INSERT INTO channels_app_channelstate (channel_id, failures, opens, rechecks, findings)
SELECT id, 0, 0, 0, '[]' FROM channels_app_channel ch
WHERE NOT EXISTS (SELECT 1 FROM channels_app_channelstate st WHERE st.channel_id = ch.id) ON CONFLICT DO NOTHING
"""
FORGET = "DELETE FROM channels_app_recipientpace WHERE until < now() - interval '1 minute'"


@dataclass(frozen=True, slots=True)
class Task:
    """One claimed delivery with all that sending it needs; sealed values are opened when it is sent."""

    pk: int
    public_id: UUID
    conversation_id: int
    customer_id: int
    message_id: int
    identity_id: int
    part: int
    number: int
    fence_epoch: int | None
    queued_at: datetime
    reason: str  # what the last try met
    is_suspect: bool  # the channel has failed lately: a success is news
    is_probe: bool  # the circuit is half open: this one tries whether the provider is back
    message_row: UUID
    message: str
    author: str
    agent_name: str
    step_id: str  # of the journey, or which notice of the desk's it is
    reply_to: str
    session_id: int
    session_row: UUID
    thread: str | None
    window_expires_at: datetime | None
    conversation_row: UUID
    owner_epoch: int
    namespace: str | None
    identity_row: UUID | None
    address: str | None
    kind: str
    channel: str
    account: str
    config: str
    credentials: str | None
    channel_row: UUID
    challenge_id: int | None  # it carries this one-time code
    letter: Content | None = None  # the words of the code, None when it is dead
    wishes: Wishes = SILENT  # what the person at the address said of being written to


def claim(limit: int, busy: Collection[str] = ()) -> list[Task]:
    """Takes the heads that are due; their leases are committed when this returns (never inside a transaction).

    `busy` are the keys of channels that have enough on their way already.
    """
    paces = {one.kind: [one.rate, one.pair_seconds, one.pair_burst] for one in capabilities.all_registered()}
    values: dict[str, Any] = {"limit": limit, "shift": clock.offset().total_seconds(), "lease": LEASE}
    values |= {"busy": list(busy), "paces": json.dumps(paces)}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        found = cursor.fetchall()
        if not found and know_channels():
            cursor.execute(CLAIM, values)
            found = cursor.fetchall()
        tasks = [Task(*row) for row in found]
    wishes = permission.of({(task.identity_id, task.session_id) for task in tasks}) if tasks else {}
    coded = letters.written(tasks)
    tasks = [replace(task, letter=coded.get(task.pk)) if task.challenge_id else task for task in tasks]
    return [replace(task, wishes=said) if (said := _wishes(wishes, task)) else task for task in tasks]


def _wishes(known: Mapping[tuple[int, int], Wishes], task: Task) -> Wishes | None:
    return known.get((task.identity_id, task.session_id))


def know_channels() -> int:
    """Gives new channels their state; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(KNOW)
        return int(cursor.rowcount)


def forget_recipients() -> None:
    """Drops the paces that are long over."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)

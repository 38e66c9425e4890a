"""How many sends of a channel went well and how many did not? One row an hour, written in batches beside the outcomes.

Not worth waiting for the disk: what a crash loses is a number in a chart.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction

from channels_app.circuits import Tally

COUNT = """
WITH given AS (
    SELECT ch.id, g.sent, g.failed FROM unnest(%s::text[], %s::int[], %s::int[]) AS g(key, sent, failed)
    JOIN channels_app_channel ch ON ch.key = g.key ORDER BY ch.id
), hour AS (
    INSERT INTO channels_app_channelhour AS h (channel_id, hour, sent, failed)
    SELECT id, date_trunc('hour', now()), sent, failed FROM given
    ON CONFLICT (channel_id, hour) DO UPDATE SET sent = h.sent + excluded.sent, failed = h.failed + excluded.failed
)
UPDATE channels_app_channelstate st SET last_sent_at = now() FROM given
WHERE st.channel_id = given.id AND given.sent > 0
"""
FORGET = "DELETE FROM channels_app_channelhour WHERE hour < now() - interval '8 days'"


def add(counts: Mapping[str, Tally]) -> None:
    """Adds a batch to the present hour; after its outcomes are committed."""
    if not counts:
        return
    sent, missed = [one.sent for one in counts.values()], [one.missed for one in counts.values()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(COUNT, (list(counts), sent, missed))


def forget() -> None:
    """Drops hours that no page shows any more."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)

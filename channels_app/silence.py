"""Has a channel fallen silent that should not be? A webhook that nobody calls any more raises no error anywhere.

`config.silent_after_minutes` says how long silence may last (0: never mind). Without it the channel's own habit counts:
nothing came in for an hour, although in that very hour something came yesterday and a week ago.
"""

from __future__ import annotations

from django.db import connection

from channels_app import alarms, claims
from channels_app.models import ChannelState
from common import clock
from common.numbers import YEAR_MINUTES

USUAL = 5  # events in that hour, on both days, that make a habit

SILENT = f"""
SELECT ch.id, ch.key, ch.created_at, last.at, CASE
    WHEN jsonb_typeof(ch.config->'silent_after_minutes') = 'number' THEN
        (ch.config->>'silent_after_minutes')::numeric > 0 AND coalesce(last.at, ch.created_at)
            < now() - least((ch.config->>'silent_after_minutes')::numeric, {YEAR_MINUTES})::float * interval '1 minute'
    ELSE last.at < now() - interval '1 hour' AND least(yesterday.n, last_week.n) >= {USUAL} END
FROM channels_app_channel ch
CROSS JOIN LATERAL (SELECT max(received_at) AS at FROM channels_app_inboundevent WHERE channel_id = ch.id) last
CROSS JOIN LATERAL (SELECT count(*) AS n FROM channels_app_inboundevent WHERE channel_id = ch.id
    AND received_at BETWEEN now() - interval '25 hours' AND now() - interval '24 hours') yesterday
CROSS JOIN LATERAL (SELECT count(*) AS n FROM channels_app_inboundevent WHERE channel_id = ch.id
    AND received_at BETWEEN now() - interval '169 hours' AND now() - interval '168 hours') last_week
WHERE ch.is_enabled
"""


def listen() -> int:
    """Rings for channels that have just fallen silent, and takes it back for those that spoke; returns how many."""
    claims.know_channels()
    with connection.cursor() as cursor:
        cursor.execute(SILENT)
        found = cursor.fetchall()
    return sum(_note(pk, key, last or created, bool(silent)) for pk, key, created, last, silent in found)


def _note(pk: int, key: str, since: object, is_silent: bool) -> bool:
    states = ChannelState.objects.filter(channel_id=pk)
    if not is_silent:
        if states.filter(silent_at__isnull=False).update(silent_at=None):
            alarms.ring("well_again", key, "events come in again")
        return False
    if states.filter(silent_at__isnull=True).update(silent_at=clock.now()):
        alarms.ring("silent", key, f"nothing has come in since {since:%Y-%m-%d %H:%M} UTC")
    return True

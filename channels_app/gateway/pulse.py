"""Does the gateway listen? The age of each bot's last sign of life, for `doctor` and the channel's own check."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from channels_app import checks
from channels_app.gateway.frames import KIND
from channels_app.models import Channel
from channels_app.registry import Finding
from common import checkups

SILENT = 120.0  # seconds; heartbeats are answered every 40 or so
REMEDY = "Is the gateway running? `manage.py up` starts it; alone it is `manage.py run_discord_gateway`."
# Ages by the database's clock, which wrote the times.
AGES = """
SELECT ch.id, ch.title, extract(epoch FROM now() - s.beat_at)::float, coalesce(s.state, ''), coalesce(s.note, '')
FROM channels_app_channel ch LEFT JOIN channels_app_gatewaysession s ON s.channel_id = ch.id
WHERE ch.kind = %s AND ch.is_enabled AND ch.stopped_reason = '' ORDER BY ch.title, ch.id
"""


def register() -> None:
    """Joins `doctor` and the checks of Discord channels; called when Django is ready."""
    checkups.register("gateway", _checkup)
    checks.look_also(KIND, findings)


def findings(channel: Channel) -> Sequence[Finding]:
    """What the gateway knows of this channel; nothing while the channel is stopped, for then it does not listen."""
    return [finding for pk, _, finding in _all() if pk == channel.pk]


def _checkup() -> checkups.Finding:
    found = _all()
    silent = [f"{title}: {finding.text}" for _, title, finding in found if not finding.is_well]
    if silent:
        return checkups.Finding("FAIL", "; ".join(silent), REMEDY)
    return checkups.Finding("OK", f"connected for {len(found)} Discord channels" if found else "no Discord channels")


def _all() -> list[tuple[int, str, Finding]]:
    with connection.cursor() as cursor:
        cursor.execute(AGES, [KIND])
        return [(pk, title, _finding(age, state, note)) for pk, title, age, state, note in cursor.fetchall()]


def _finding(age: float | None, state: str, note: str) -> Finding:
    if age is None:
        return Finding(False, note or "the gateway has never been connected for this bot")
    if age > SILENT:
        return Finding(False, f"the gateway has not been heard for {age:.0f} s{f': {note}' if note else ''}")
    return Finding(True, f"the gateway was heard {age:.0f} s ago ({state})")

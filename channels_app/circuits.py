"""Does a provider fail so often that we should leave it in peace? The circuit of each channel, in its state row.

Closed: sends leave. Open, after `FAILURES` failures in a row within `WINDOW`: nothing leaves for a while, longer each
time. Half open: when that time is over, one message is tried (`claims`); it closes the circuit, or opens it again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models.functions import Now

from channels_app import alarms
from channels_app.models import ChannelState
from channels_app.outcomes import redact
from conversations import realtime

FAILURES = 5
WINDOW = timedelta(minutes=2)
FIRST, LONGEST = 10.0, 300.0  # seconds that an open circuit stays open; doubled each time
BLAMED = frozenset({"provider_down", "lost"})  # what tells of the provider, not of one message

CLOSE = """
UPDATE channels_app_channelstate SET failures = 0, opens = 0, rechecks = 0, failed_at = NULL, open_until = NULL
WHERE channel_id = (SELECT id FROM channels_app_channel WHERE key = %s) AND failures + opens + rechecks > 0
RETURNING opens
"""


@dataclass(slots=True)
class Tally:
    """What came of the sends of one channel in a batch."""

    sent: int = 0
    failed: int = 0
    is_suspect: bool = False  # it had failed before the batch was claimed
    text: str = ""


def note(tallies: Mapping[str, Tally]) -> None:
    """Counts a batch; in the transaction that writes its outcomes. A channel that only succeeds costs nothing."""
    for channel, tally in tallies.items():
        if tally.failed and not tally.sent:
            _failed(channel, tally)
        elif tally.sent and tally.is_suspect:
            _close(channel)


def _failed(channel: str, tally: Tally) -> None:
    state = (
        ChannelState.objects.select_for_update(no_key=True).filter(channel__key=channel).annotate(moment=Now()).first()
    )
    if state is None:
        return
    now = state.moment
    is_fresh = state.failed_at is not None and state.failed_at > now - WINDOW
    state.failures = (state.failures if is_fresh or state.opens else 0) + tally.failed
    state.failed_at = now
    is_probe = state.open_until is not None and state.opens > 0
    if state.failures >= FAILURES and (state.open_until is None or is_probe):
        _open(channel, state, tally)
    state.save(update_fields=["failures", "failed_at", "opens", "open_until"])


def _open(channel: str, state: ChannelState, tally: Tally) -> None:
    seconds = min(FIRST * 2.0**state.opens, LONGEST) * random.uniform(0.75, 1.25)
    state.opens, state.open_until = min(state.opens + 1, 20), state.failed_at + timedelta(seconds=seconds)
    if state.opens == 1:
        said = redact(tally.text) or "no answer"
        transaction.on_commit(lambda: alarms.ring("circuit_open", channel, f"{state.failures} failures: {said}"))


def _close(channel: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [channel])
        is_changed = bool(cursor.rowcount)
    if is_changed:
        realtime.hint("wake:outbox")
        transaction.on_commit(lambda: alarms.ring("well_again", channel, "a message was accepted"))

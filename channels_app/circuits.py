"""Does a provider fail so often that we should leave it in peace? The circuit of each channel, in its state row.

Closed: sends leave. Open, after `FAILURES` failures in a row within `WINDOW`: nothing leaves for a while, longer each
time. Half open: when that time is over, one message is tried (`claims`); it closes the circuit, or opens it again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from channels_app import alarms
from channels_app.models import ChannelState
from channels_app.outcomes import redact
from conversations import realtime

FAILURES = 5
WINDOW = timedelta(minutes=2)
FIRST, LONGEST = 10.0, 300.0  # seconds that an open circuit stays open; doubled each time
BLAMED = frozenset({"provider_down", "lost"})  # what tells of the provider, not of one message


@dataclass(slots=True)
class Tally:
    """What came of the sends of one channel in a batch."""

    sent: int = 0
    missed: int = 0  # in whatever way
    answered: int = 0  # taken or refused: somebody is there
    failed: int = 0  # as a provider fails
    is_suspect: bool = False  # it had failed before the batch was claimed
    is_probe: bool = False  # it was the one message that tries whether the provider is back
    text: str = ""


def note(tallies: Mapping[str, Tally]) -> None:
    """Counts a batch; in the transaction that writes its outcomes. A channel that only succeeds costs nothing."""
    for channel, tally in tallies.items():
        if tally.failed and not tally.answered:
            _failed(channel, tally)
        elif tally.answered and tally.is_suspect:
            _close(channel)


def _failed(channel: str, tally: Tally) -> None:
    state, now = _locked(channel)
    if state is None or (state.open_until is not None and not tally.is_probe):
        return  # what was on its way when the circuit opened tells nothing new
    is_fresh = state.failed_at is not None and state.failed_at > now - WINDOW
    state.failures = (state.failures if is_fresh or tally.is_probe else 0) + tally.failed
    state.failed_at = now
    if state.failures >= FAILURES or tally.is_probe:
        _open(channel, state, now, tally)
    state.save(update_fields=["failures", "failed_at", "opens", "open_until"])


def _open(channel: str, state: ChannelState, now: datetime, tally: Tally) -> None:
    seconds = min(FIRST * 2.0**state.opens, LONGEST) * random.uniform(0.75, 1.25)
    state.opens, state.open_until = min(state.opens + 1, 20), now + timedelta(seconds=seconds)
    if state.opens == 1:
        text = f"{state.failures} failures in a row: {redact(tally.text) or 'no answer'}"
        transaction.on_commit(lambda: alarms.ring("circuit_open", channel, text))


def _close(channel: str) -> None:
    """Somebody is there again: what was counted is forgotten, how often the channel was stopped too."""
    state, _ = _locked(channel)
    if state is None or not state.failures + state.opens + state.rechecks:
        return
    if state.opens:
        realtime.hint("wake:outbox")
        transaction.on_commit(lambda: alarms.ring("well_again", channel, "the provider answers"))
    state.failures = state.opens = state.rechecks = 0
    state.failed_at = state.open_until = None
    state.save(update_fields=["failures", "opens", "rechecks", "failed_at", "open_until"])


def _locked(channel: str) -> tuple[ChannelState | None, datetime]:
    """The state under its lock, and the database's moment: several workers have several clocks."""
    states = ChannelState.objects.select_for_update(no_key=True).filter(channel__key=channel)
    state = states.annotate(moment=Now()).first()
    return state, state.moment if state else datetime.now(UTC)

"""May this system be asked now? Its breaker and its pace, in one row that every worker locks for a moment.

Closed: calls go. Open, after `FAILURES` failures in a row within `WINDOW`: nothing goes for `REST`, and who asks is
told at once. Half open, when that time is over: one call probes; it closes the breaker, or opens it again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from conversations.models import Connection, ConnectionState

log = logging.getLogger(__name__)

FAILURES = settings.BREAKER_FAILURES
WINDOW = REST = timedelta(seconds=settings.BREAKER_SECONDS)
PROBE = timedelta(seconds=30)  # how long a probe may take before another one may try; longer than the slowest call
MINUTE = timedelta(seconds=60)

Place = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class Leave:
    """Whether a call may go: now, as a probe, not at all (`is_open`), or not before `wait` is over (the pace)."""

    is_open: bool = False
    is_probe: bool = False
    wait: timedelta | None = None

    @property
    def may_go(self) -> bool:
        return not self.is_open and self.wait is None


@transaction.atomic
def ask(connection: Connection) -> Leave:
    """Takes one call's leave; whoever may go must tell `note` what came of it. A short transaction of its own."""
    state, now = _locked(connection.pk)
    if state.open_until is not None and state.open_until > now:
        return Leave(is_open=True)
    if connection.per_minute:
        if state.minute_at is None or state.minute_at <= now - MINUTE:
            state.minute_at, state.minute_calls = now, 0
        if state.minute_calls >= connection.per_minute:
            return Leave(wait=state.minute_at + MINUTE - now)
        state.minute_calls += 1
    is_probe = state.open_until is not None
    if is_probe:
        state.open_until = now + PROBE
    state.save(update_fields=["open_until", "minute_at", "minute_calls"])
    return Leave(is_probe=is_probe)


@transaction.atomic
def note(connection_id: int, *, is_failure: bool, is_probe: bool) -> None:
    """Counts what came of a call that had leave; nothing if the connection is gone by now."""
    if not Connection.objects.filter(pk=connection_id).exists():
        return
    state, now = _locked(connection_id)
    if state.open_until is not None and not is_probe:
        return  # what was on its way when the breaker opened tells nothing new
    if is_failure:
        state.failed_at = [*(at for at in state.failed_at if at > now - WINDOW), now][-FAILURES:]
        if is_probe or len(state.failed_at) >= FAILURES:
            state.open_until = now + REST
            log.warning("breaker open: connection %s", connection_id)
    elif state.failed_at or state.open_until is not None:
        state.failed_at, state.open_until = [], None
    else:
        return
    state.save(update_fields=["failed_at", "open_until"])


@transaction.atomic
def reset(*, connection: Connection) -> None:
    """Closes the breaker by hand: the next call goes."""
    state, _ = _locked(connection.pk)
    state.failed_at, state.open_until = [], None
    state.save(update_fields=["failed_at", "open_until"])


def place(connection: Connection) -> Place:
    """Where the breaker stands now, by the database's clock."""
    state = ConnectionState.objects.annotate(moment=Now()).filter(connection_id=connection.pk).first()
    return "closed" if state is None else stands(state, state.moment)


def stands(state: ConnectionState | None, now: datetime) -> Place:
    """The same for a state at hand."""
    if state is None or state.open_until is None:
        return "closed"
    return "open" if state.open_until > now else "half_open"


def _locked(connection_id: int) -> tuple[ConnectionState, datetime]:
    """The state under its lock, and the database's moment: several workers have several clocks."""
    states = ConnectionState.objects.select_for_update(no_key=True).filter(connection_id=connection_id)
    state = states.annotate(moment=Now()).first()
    if state is None:
        ConnectionState.objects.get_or_create(connection_id=connection_id)
        state = states.annotate(moment=Now()).get()
    return state, state.moment.astimezone(UTC)

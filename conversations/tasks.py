"""Which sweeps does the clock call? The worker runs them all the time; beat calls them too, should it be gone."""

from __future__ import annotations

from celery import shared_task

from conversations import expiry, timers


@shared_task
def expire_sessions() -> int:
    """Closes conversations in which nobody has spoken for a day."""
    return expiry.sweep()


@shared_task
def sweep_timers() -> int:
    """Fires the deadlines that are due."""
    return timers.sweep()

"""Which sweep does the clock call? A conversation that expires unnoticed is closed by its next message anyway."""

from __future__ import annotations

from celery import shared_task

from conversations import expiry


@shared_task
def expire_sessions() -> None:
    """Closes conversations in which nobody has spoken for a day."""
    expiry.sweep()

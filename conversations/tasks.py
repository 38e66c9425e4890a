"""Which sweeps does the clock call? What a dead worker left, and what is old enough to be closed or forgotten."""

from __future__ import annotations

from celery import shared_task

from conversations import expiry, words
from conversations.answers import forgetting
from conversations.journeys import callers, inflight, requests, trials


@shared_task
def expire_sessions() -> None:
    """Closes conversations in which nobody has spoken for a day."""
    expiry.sweep()


@shared_task
def gather_words() -> None:
    """Makes what was written findable, and everything again after the search was lost."""
    words.gather()


@shared_task
def sweep_requests() -> None:
    """Asks, and puts to the runs, what no worker has."""
    callers.sweep()


@shared_task
def forget_requests() -> None:
    """Drops the words of requests that are settled for a week."""
    while requests.forget():
        pass


@shared_task
def forget_misses() -> None:
    """Forgets what nobody could answer when it is as old as the policy allows."""
    forgetting.sweep()


@shared_task
def change_runs() -> None:
    """Goes on with what publications decided about the runs that had begun."""
    inflight.sweep()


@shared_task
def forget_trials() -> None:
    """Ends drafts that were tried out a day ago."""
    trials.sweep()

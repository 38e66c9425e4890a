"""Which sweeps of the human side does the clock call?"""

from __future__ import annotations

from celery import shared_task

from handover import bulk
from handover.timing import leaving


@shared_task
def take_back() -> None:
    """What agents hold who are gone goes back to its queue."""
    leaving.sweep()


@shared_task
def do_bulk() -> None:
    """What agents have asked to be done to many conversations."""
    bulk.sweep()

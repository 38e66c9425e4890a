"""Which sweeps of the human side does the clock call?"""

from __future__ import annotations

import logging

from celery import shared_task

from handover import checking
from handover.timing import leaving

log = logging.getLogger(__name__)


@shared_task
def take_back() -> None:
    """What agents hold who are gone goes back to its queue."""
    leaving.sweep()


@shared_task
def check_affinities() -> None:
    """What is derived still follows from the events; what does not is put right, and said."""
    if drifted := checking.check(repair=True):
        log.warning("the last agent of %s customers had to be put right", len(drifted))

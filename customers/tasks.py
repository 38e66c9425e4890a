"""What does the clock ask of the customers? New faces are compared every minute, everybody several times a day."""

from __future__ import annotations

import logging

from celery import shared_task

from customers import (
    attribute_upkeep,
    mapping,
    mapping_report,
    merging,
    privacy_erasing,
    retention,
    suggestions,
    tallies,
)
from customers.models import MappingImport

log = logging.getLogger(__name__)


@shared_task
def suggest_recent() -> None:
    """Looks for others like those who were new within the last minutes."""
    suggestions.refresh_recent()


@shared_task
def apply_definitions() -> None:
    """Shows everybody what follows from definitions that were changed; stops in time, and goes on at the next run."""
    attribute_upkeep.apply_changes()


@shared_task
def look_at_everybody() -> None:
    """Compares all customers, and every root with the links in the ledger."""
    suggestions.refresh_all()
    drifted = merging.check()
    tallies.put(tallies.DRIFTED, len(drifted))
    tallies.forget()
    if drifted:
        log.error("%d customers are not where their links put them: manage.py identity_check --repair", len(drifted))


@shared_task
def forget_left_out() -> None:
    """Deletes the cells of rows that imports left out a week ago."""
    mapping_report.purge()


@shared_task(soft_time_limit=6 * 3600, time_limit=6 * 3600 + 60)
def work_on_import(import_id: int) -> None:
    """Checks the file, or runs what was confirmed; after a crash the message comes again and it goes on."""
    work = MappingImport.objects.get(pk=import_id)
    if work.state == MappingImport.State.UPLOADED:
        mapping.check_or_fail(work)
    elif work.state in (MappingImport.State.CONFIRMED, MappingImport.State.RUNNING):
        mapping.apply(work)


@shared_task
def erase(erasure_id: int) -> None:
    """Goes on with one erasure that was asked for just now."""
    privacy_erasing.go_on(erasure_id)


@shared_task
def sweep_erasures() -> None:
    """Goes on with every erasure that a worker has left."""
    privacy_erasing.sweep()


@shared_task
def forget_visitors() -> None:
    """Erases browsers that nobody has been behind for long."""
    retention.sweep()

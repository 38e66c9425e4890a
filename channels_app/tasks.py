"""What does Celery do for the channels? Sweeps, so that a dead worker costs seconds."""

from __future__ import annotations

from celery import shared_task

from channels_app import absence, checks, delivery, fetching, ingest, jwks, mailboxes, silence, tallies, templates
from conversations import attachments, timers
from handover import answered


@shared_task
def sweep_inbox() -> None:
    """Drains what no worker has taken."""
    ingest.drain()


@shared_task
def sweep_outbox() -> None:
    """Ends leases that ran out, sends what no worker has taken."""
    delivery.sweep()
    delivery.send_due()


@shared_task
def sweep_timers() -> None:
    """Fires deadlines that no worker has seen."""
    timers.sweep()


@shared_task
def sync_templates() -> None:
    """Reads every channel's templates anew: webhooks may be missed, and parts of a template change without one."""
    templates.sync_all()


@shared_task
def fetch_files() -> None:
    """Downloads what no worker has fetched."""
    fetching.fetch_due()


@shared_task
def sweep_uploads() -> None:
    """Removes files that were uploaded and never sent."""
    attachments.sweep_unused()


@shared_task
def poll_mailboxes() -> None:
    """Reads the mailboxes that nobody posts to us, and fetches the mails that events only point to."""
    mailboxes.poll_all()


@shared_task
def look_after_channels() -> None:
    """Looks again at stopped channels, reads sites' keys anew, listens for the silent, tells who has left the page."""
    checks.recheck()
    absence.tell()
    jwks.refresh_due()
    silence.listen()
    tallies.forget()


@shared_task
def ask_model() -> None:
    """Puts a few questions to the language model that no worker has taken, or ends them if it was switched off."""
    for _ in range(3):
        if not answered.serve():
            break

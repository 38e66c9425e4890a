"""How does a file that a message only names come to us? Claimed, downloaded outside any lock, tried again, or given up.

The message is there all the time; its bubble says what became of the file.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from channels_app import inbox, registry
from channels_app.registry import DeliveryError, UnknownKind
from common import clock, crypto, outages
from common.safe_http import FetchError
from conversations import attachments
from conversations.models import Attachment

log = logging.getLogger(__name__)

State = Attachment.State
THREADS = 4
LEASE = 180.0  # seconds; longer than the slowest download
ATTEMPTS = 8
BACKOFF = (10, 30, 120, 600, 1800, 3600, 7200)  # seconds after each failure; providers keep files for days
TEXT_MAX = 100
BROKEN = (ValueError, TypeError, LookupError, AttributeError, OSError, RuntimeError)

# What is due, and what somebody claimed and never finished; committed at once, so that no lock is held meanwhile.
CLAIM = """
WITH due AS (
    SELECT id FROM conversations_attachment
    WHERE state IN ('referenced', 'fetching') AND next_attempt_at <= now() + %(shift)s * interval '1 second'
      AND message_id IS NOT NULL
    ORDER BY next_attempt_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
), claimed AS (
    UPDATE conversations_attachment a SET state = 'fetching', attempts = a.attempts + 1,
        next_attempt_at = now() + (%(shift)s + %(lease)s) * interval '1 second'
    FROM due WHERE a.id = due.id RETURNING a.id, a.public_id, a.reference, a.attempts, a.message_id
)
SELECT c.id, c.public_id, c.reference, c.attempts, ch.kind, ch.key, ch.account, ch.config::text, ch.credentials,
       ch.public_id
FROM claimed c
JOIN conversations_message m ON m.id = c.message_id
JOIN conversations_session s ON s.id = m.session_id
LEFT JOIN channels_app_channel ch ON ch.key = s.channel
ORDER BY c.id
"""


class NotFetched(Exception):
    """A download that failed, in words for people; `is_permanent` means that trying again is in vain."""

    def __init__(self, words: str, *, is_permanent: bool, after: float = 0.0) -> None:
        super().__init__(words)
        self.words, self.is_permanent, self.after = words[:TEXT_MAX], is_permanent, after


@dataclass(frozen=True, slots=True)
class Task:
    """One claimed file with what its adapter needs; sealed values are opened in the thread that fetches."""

    pk: int
    public_id: UUID
    reference: str
    number: int
    kind: str | None
    channel: str
    account: str
    config: str
    credentials: str | None
    channel_row: UUID


def fetch_due(limit: int = 20) -> int:
    """Fetches what is due, a few at a time; returns how many were tried."""
    tasks = _claim(limit)
    if len(tasks) < 2:
        for task in tasks:
            _fetch(task)
        return len(tasks)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="fetch") as pool:
        for done in [pool.submit(_in_thread, task) for task in tasks]:
            done.result()
    return len(tasks)


def _claim(limit: int) -> list[Task]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"limit": limit, "shift": clock.offset().total_seconds(), "lease": LEASE})
        return [Task(*row) for row in cursor.fetchall()]


def _in_thread(task: Task) -> None:
    try:
        _fetch(task)
    finally:
        connection.close()


def _fetch(task: Task) -> None:
    attachment = Attachment.objects.select_related("message__session").filter(pk=task.pk).first()
    if attachment is None:
        return
    try:
        _keep(attachment, task)
    except NotFetched as failure:
        _note(attachment, task, failure)


def _keep(attachment: Attachment, task: Task) -> None:
    """Downloads and stores it, or `NotFetched`: no file, and no storage that fails, may end the whole worker."""
    if task.number > ATTEMPTS:
        raise NotFetched("it could not be kept: no try came to an end", is_permanent=True)
    try:
        attachments.store(attachment, _download(task))
    except NotFetched:
        raise
    except Exception as error:
        # The quarantine of a file: a full disk, an absent store, bytes that trip a library, a seal that does not open.
        outages.raise_if_away(error)
        log.error("attachment %s: %s while it was stored", task.public_id, type(error).__name__)
        raise NotFetched("it could not be kept", is_permanent=False) from error


def _download(task: Task) -> registry.File:
    """The provider's file, or `NotFetched`: every way it may fail in a sentence that an agent understands."""
    if task.kind is None:
        raise NotFetched("this channel is no longer connected", is_permanent=True)
    if not task.reference:
        raise NotFetched("the channel did not say where it is", is_permanent=True)
    reference = crypto.unseal(task.reference, table="conversations_attachment", column="reference", row=task.public_id)
    account = inbox.account_of(task.channel, task.account, task.config, task.credentials, task.channel_row)
    try:
        file = registry.adapter(task.kind).fetch(account, reference)
    except DeliveryError as error:
        words = error.provider_text or WORDS.get(error.reason, "the channel does not give it")
        raise NotFetched(words, is_permanent=error.is_permanent, after=error.retry_after or 0.0) from error
    except FetchError as error:
        raise NotFetched(str(error), is_permanent=error.is_permanent) from error
    except BROKEN as error:
        # A reference that trips its adapter must not stop the files of everybody else.
        log.error("attachment %s: %s while fetching", task.public_id, type(error).__name__)
        raise NotFetched("it could not be read", is_permanent=True) from error
    except UnknownKind as error:
        raise NotFetched("this kind of channel is not installed", is_permanent=True) from error
    if not file.content:
        raise NotFetched("the file is empty", is_permanent=True)
    if len(file.content) > attachments.STORE_MAX:
        raise NotFetched(f"larger than {attachments.STORE_MAX // attachments.MEGABYTE} MB", is_permanent=True)
    return file


WORDS = {
    "provider_down": "the channel does not answer",
    "rate_limited": "the channel is busy",
    "lost": "the connection broke",
    "channel_down": "the channel refuses our access",
    "rejected": "the channel no longer has it",
}


def _note(attachment: Attachment, task: Task, failure: NotFetched) -> None:
    """The next try, or the end; the timeline is told when the answer is final, and the first time."""
    is_over = failure.is_permanent or task.number >= ATTEMPTS
    wait = max(BACKOFF[min(task.number, len(BACKOFF)) - 1], failure.after)
    log.info("attachment %s not fetched, try %s", task.public_id, task.number)
    with transaction.atomic():
        rows = Attachment.objects.filter(pk=task.pk, state=State.FETCHING, attempts=task.number)
        attachment.state = State.FAILED if is_over else State.REFERENCED
        changed = rows.update(
            state=attachment.state,
            reason=failure.words,
            next_attempt_at=clock.now() + timedelta(seconds=wait),
        )
        if changed and (is_over or task.number == 1):
            attachments.tell(attachment)

"""How does a queued word leave? Claim the heads, commit the lease, ask policy, call the provider, write the outcome.

No provider is called inside a transaction. A claim whose process died ends as `unknown`, never as a second send.
"""

from __future__ import annotations

import json
import queue
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from channels_app import inbox, outcomes, policy, registry, stops
from channels_app.confirmations import confirm, later
from channels_app.outcomes import Change, Try
from channels_app.registry import DeliveryError, Outgoing, Sent
from common import clock, crypto
from conversations import capabilities, content, realtime
from conversations.journeys import render
from conversations.models import Delivery

__all__ = ["Dispatcher", "claim", "confirm", "retry", "send_due", "sweep"]

THREADS = 16  # sends at the same time in one process
LEASE = 30.0  # seconds; longer than the slowest call

# The first unsent delivery of each recipient and channel, due, of channels that run; taken and committed at once.
# The address: what is live behind the session's endpoint, a phone first, for it works everywhere.
CLAIM = """
WITH due AS (
    SELECT d.id FROM conversations_delivery d
    JOIN channels_app_channel ch ON ch.key = d.channel AND ch.is_enabled AND ch.stopped_reason = ''
    WHERE d.state = 'queued' AND d.next_attempt_at <= now() + %(shift)s * interval '1 second'
      AND NOT EXISTS (
        SELECT 1 FROM conversations_delivery e
        WHERE e.identity_id = d.identity_id AND e.channel = d.channel AND e.id < d.id
          AND e.state IN ('queued', 'sending')
      )
    ORDER BY d.next_attempt_at, d.id LIMIT %(limit)s FOR NO KEY UPDATE OF d SKIP LOCKED
), claimed AS (
    UPDATE conversations_delivery d SET state = 'sending', attempts = d.attempts + 1,
        lease_until = now() + %(lease)s * interval '1 second'
    FROM due WHERE d.id = due.id RETURNING d.*
)
SELECT d.id, d.public_id, d.conversation_id, d.customer_id, d.message_id, d.part, d.attempts, d.fence_epoch,
       d.queued_at, m.public_id, m.content, s.window_expires_at, c.owner_kind, c.owner_epoch,
       i.namespace, i.public_id, i.raw, ch.kind, ch.key, ch.account, ch.config::text, ch.credentials, ch.public_id
FROM claimed d
JOIN conversations_message m ON m.id = d.message_id
JOIN conversations_session s ON s.id = m.session_id
JOIN conversations_conversation c ON c.id = d.conversation_id
JOIN channels_app_channel ch ON ch.key = d.channel
LEFT JOIN LATERAL (
    SELECT namespace, public_id, raw FROM customers_identity i
    WHERE (i.id = d.identity_id OR i.endpoint_id = d.identity_id) AND i.routable AND i.valid_to IS NULL
    ORDER BY i.namespace = 'phone' DESC, i.proof = 'provider' DESC, i.id LIMIT 1
) i ON true
ORDER BY d.id
"""

EXPIRED = """
SELECT id, conversation_id, customer_id, message_id FROM conversations_delivery
WHERE state = 'sending' AND lease_until < now() ORDER BY id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Task:
    """One claimed delivery with all that sending it needs; sealed values are opened in `wire`."""

    pk: int
    public_id: UUID
    conversation_id: int
    customer_id: int
    message_id: int
    part: int
    number: int
    fence_epoch: int | None
    queued_at: datetime
    message_row: UUID
    message: str
    window_expires_at: datetime | None
    owner_kind: str
    owner_epoch: int
    namespace: str | None
    identity_row: UUID | None
    address: str | None
    kind: str
    channel: str
    account: str
    config: str
    credentials: str | None
    channel_row: UUID


def send_due(limit: int = 100) -> int:
    """Sends what is due now and writes what became of it; returns how many deliveries were handled."""
    with Dispatcher() as dispatcher:
        handled = dispatcher.pump(limit)
        while dispatcher.in_flight:
            dispatcher.wait(1.0)
            dispatcher.record()
        return handled


class Dispatcher:
    """Sends on threads; claims and outcomes stay on the caller's thread, in batches."""

    def __init__(self, threads: int = THREADS) -> None:
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="send")
        self.room = threads * 2
        self.in_flight = 0
        self.finished: queue.SimpleQueue[tuple[Task, Change]] = queue.SimpleQueue()
        self.unwritten: list[tuple[Task, Change]] = []

    def pump(self, limit: int = 100) -> int:
        """Writes what is finished, claims what there is room for; returns how many were claimed or written."""
        written = self.record()
        tasks = claim(min(limit, self.room - self.in_flight)) if self.in_flight < self.room else []
        for task in tasks:
            self.in_flight += 1
            self.pool.submit(self._send, task)
        return written + len(tasks)

    def record(self) -> int:
        """Writes the outcomes that are there; what cannot be written now is kept for the next call."""
        while not self.finished.empty():
            self.unwritten.append(self.finished.get())
        if not self.unwritten:
            return 0
        count = len(self.unwritten)
        with transaction.atomic():
            _stop_channels(self.unwritten)
            outcomes.write([change for _, change in self.unwritten])
        self.unwritten = []
        self.in_flight -= count
        return count

    def wait(self, seconds: float) -> None:
        """Returns when a send has finished, or after so many seconds."""
        try:
            self.unwritten.append(self.finished.get(timeout=seconds))
        except queue.Empty:
            pass

    def close(self) -> None:
        """Lets running sends finish and writes their outcomes."""
        self.pool.shutdown(wait=True)
        self.record()

    def __enter__(self) -> Dispatcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, task: Task) -> None:
        change = _change(task, "unknown", reason="lost")  # what holds if sending ends in a defect of ours
        try:
            change = send(task)
        finally:
            self.finished.put((task, change))


def claim(limit: int) -> list[Task]:
    """Takes the heads that are due; their leases are committed when this returns (never inside a transaction)."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"limit": limit, "shift": clock.offset().total_seconds(), "lease": LEASE})
        return [Task(*row) for row in cursor.fetchall()]


def send(task: Task) -> Change:
    """Asks the policy, calls the provider and says what became of the delivery. Touches no database."""
    if policy.is_overtaken(fence_epoch=task.fence_epoch, owner_kind=task.owner_kind, owner_epoch=task.owner_epoch):
        return _change(task, "cancelled", reason="taken_over")
    started = clock.now()
    try:
        sent = _call(task)
    except DeliveryError as error:
        return _failed(task, error, started)
    except crypto.CryptoError as error:
        return _failed(
            task, DeliveryError("rejected", provider_text=f"cannot be opened: {type(error).__name__}"), started
        )
    tried = Try(task.number, started, clock.now(), "sent")
    return _change(task, "sent", external_id=sent.external_id, tried=tried)


def sweep(*, limit: int = 100) -> int:
    """Claims whose lease has run out: nobody knows whether the call was made, so they become `unknown`."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EXPIRED, [limit])
        now = clock.now()
        lost = [
            Change(pk, conversation, customer, message, "unknown", now, ("sending",), "lost")
            for pk, conversation, customer, message in cursor.fetchall()
        ]
        return len(outcomes.write(lost))


def retry(*, delivery_id: int) -> bool:
    """An agent asks for it again: a failed or unknown delivery is queued anew. False when it is neither any more."""
    with transaction.atomic():
        found = (
            Delivery.objects.filter(pk=delivery_id).values_list("conversation_id", "customer_id", "message_id").first()
        )
        if found is None:
            return False
        now = clock.now()
        asked = Change(delivery_id, *found, "queued", now, ("failed", "unknown"), next_attempt_at=now)
        if not outcomes.write([asked]):
            return False
        Delivery.objects.filter(pk=delivery_id).update(queued_at=now)  # its day to be sent in begins anew
        realtime.hint("wake:outbox")
        return True


def _call(task: Task) -> Sent:
    account = inbox.account_of(task.channel, task.account, task.config, task.credentials, task.channel_row)
    said = _said(task)
    reason = policy.refusal(
        content=said, window_expires_at=task.window_expires_at, queued_at=task.queued_at, now=clock.now()
    )
    if reason:
        raise Refusal(reason)
    if task.namespace is None or task.address is None or task.identity_row is None:
        raise DeliveryError("unreachable", provider_text="this address is no longer the customer's")
    address = crypto.unseal(task.address, table="customers_identity", column="raw", row=task.identity_row)
    outgoing = Outgoing(content=said, namespace=task.namespace, address=address, ref=str(task.public_id))
    return registry.adapter(task.kind).send(account, outgoing)


class Refusal(DeliveryError):
    """The policy said no before anything was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.is_permanent = True


def _said(task: Task) -> content.Content:
    """The wire message: the rendered content's part."""
    sealed = crypto.unseal(task.message, table="conversations_message", column="content", row=task.message_row)
    rendered = render.render(content.from_json(json.loads(sealed)), capabilities.of(task.kind))
    if task.part >= len(rendered.messages):
        raise DeliveryError("rejected", provider_text="the message has no such part")
    return rendered.messages[task.part]


def _failed(task: Task, error: DeliveryError, started: datetime) -> Change:
    """The outcome table of section 1 of the channels page."""
    words = {"reason": error.reason, "provider_text": error.provider_text}
    tried = None
    if not isinstance(error, Refusal):
        outcome = "lost" if error.reason == "lost" else "failed"
        tried = Try(task.number, started, clock.now(), outcome, error.reason, error.provider_code, error.http_status)
    if error.reason == "lost":
        return _change(task, "unknown", tried=tried, **words)
    if error.is_permanent:
        return _change(task, "failed", tried=tried, **words)
    is_free = error.reason == "channel_down"  # the account's fault, not this message's
    again = later(error, task.number)
    # The first failure tells the agent why it waits; the following ones would say the same.
    return _change(
        task, "queued", tried=tried, next_attempt_at=again, is_free=is_free, is_quiet=task.number > 1, **words
    )


def _change(task: Task, state: str, **more: Any) -> Change:
    """The truth about a call counts also when its lease had run out in the meantime."""
    ids = (task.pk, task.conversation_id, task.customer_id, task.message_id)
    return Change(*ids, state, clock.now(), ("sending", "unknown"), **more)


def _stop_channels(changes: Sequence[tuple[Task, Change]]) -> None:
    """A refusal of the whole account holds the account's other deliveries back."""
    for task, change in changes:
        if change.reason == "channel_down":
            stops.stop(task.channel, change.provider_text)

"""How does a queued word leave? Claim the heads, commit the lease, send on threads, write the outcomes.

No provider is called inside a transaction. A claim whose process died ends as `unknown`, never as a second send;
unless the provider shows the same send only once.
"""

from __future__ import annotations

import queue
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from channels_app import aftermath, circuits, claims, outcomes, sending, stops, tallies
from channels_app.aftermath import Lesson
from channels_app.circuits import Tally
from channels_app.claims import Task, claim
from channels_app.confirmations import confirm
from channels_app.outcomes import Change
from channels_app.sending import send
from common import clock
from conversations import capabilities, realtime
from conversations.models import Delivery

__all__ = ["Dispatcher", "claim", "confirm", "retry", "send", "send_due", "sweep"]

THREADS = 16  # sends at the same time in one process
AHEAD = 0.25  # seconds' worth of sends, at the present speed, that are claimed before a thread is free
DEEPEST = 8  # times the threads: no more is claimed, however quick it goes
CALM = 20.0  # sends a second; up to here there is time for courtesies
SHARE = 0.9  # of its room one channel may hold: a slow provider must not keep the others waiting

EXPIRED = """
SELECT d.id, d.conversation_id, d.customer_id, d.message_id, d.attempts, ch.kind
FROM conversations_delivery d LEFT JOIN channels_app_channel ch ON ch.key = d.channel
WHERE d.state = 'sending' AND d.lease_until < now() ORDER BY d.id LIMIT %s
"""


def send_due(limit: int = 100) -> int:
    """Sends what is due now and writes what became of it; returns how many deliveries were handled."""
    with Dispatcher() as dispatcher:
        handled = dispatcher.pump(limit)
        while dispatcher.in_flight:
            dispatcher.wait(1.0)
            dispatcher.record()
        return handled


class Dispatcher:
    """Sends on threads; claims and outcomes stay on the caller's thread, in batches.

    `on_sent` hears of each conversation that was answered, while there is little to send.
    """

    def __init__(self, threads: int = THREADS, on_sent: Callable[[int], None] | None = None) -> None:
        self.on_sent = on_sent
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="send")
        self.threads = threads
        self.speed = 0.0  # sends a second, lately
        self.recorded_at = time.monotonic()
        self.flying: Counter[str] = Counter()  # by channel
        self.finished: queue.SimpleQueue[tuple[Task, Change]] = queue.SimpleQueue()
        self.unwritten: list[tuple[Task, Change]] = []

    @property
    def in_flight(self) -> int:
        """Claimed, and the outcome is not written yet."""
        return self.flying.total()

    @property
    def room(self) -> int:
        """How many may be on their way: what waits for a thread waits shortly, for it is not fenced any more."""
        ahead = max(float(self.threads), self.speed * AHEAD)
        return self.threads + int(min(ahead, self.threads * (DEEPEST - 1)))

    def pump(self, limit: int = 100) -> int:
        """Writes what is finished, claims what there is room for; returns how many were claimed or written."""
        written = self.record()
        room = self.room - self.in_flight
        busy = [channel for channel, count in self.flying.items() if count >= self.room * SHARE]
        tasks = claim(min(limit, room), busy) if room > 0 else []
        for task in tasks:
            self.flying[task.channel] += 1
            self.pool.submit(self._send, task)
        return written + len(tasks)

    def record(self) -> int:
        """Writes the outcomes that are there; what cannot be written now is kept for the next call."""
        while not self.finished.empty():
            self.unwritten.append(self.finished.get())
        if not self.unwritten:
            return 0
        done = self.unwritten
        self._measure(len(done))
        counts = _tallies(done)
        with transaction.atomic():
            _stop_channels(done)
            circuits.note(counts)
            outcomes.write([change for _, change in done])
        self.unwritten = []
        self.flying -= Counter(task.channel for task, _ in done)
        if self.on_sent is not None and self.speed < CALM:
            for pk in {task.conversation_id for task, change in done if change.state == "sent"}:
                self.on_sent(pk)
        tallies.add(counts)
        aftermath.learn(_lessons(done))
        return len(done)

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

    def _measure(self, count: int) -> None:
        now = time.monotonic()
        self.speed = (self.speed + count / max(now - self.recorded_at, 0.001)) / 2
        self.recorded_at = now

    def _send(self, task: Task) -> None:
        change = sending.change(task, "unknown", reason="lost")  # what holds if sending ends in a defect of ours
        try:
            change = send(task)
        finally:
            self.finished.put((task, change))


def sweep(*, limit: int = 100) -> int:
    """Claims whose lease has run out: nobody knows whether the call was made, so they become `unknown`.

    Where the provider collapses a send that comes twice they are queued again. Also gives new channels their state.
    """
    claims.know_channels()
    claims.forget_recipients()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EXPIRED, [limit])
        return len(outcomes.write([_expired(*row) for row in cursor.fetchall()]))


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


def _expired(pk: int, conversation: int, customer: int, message: int, attempts: int, kind: str | None) -> Change:
    now = clock.now()
    ids = (pk, conversation, customer, message)
    if kind is not None and capabilities.of(kind).collapses and attempts < sending.TRIES:
        return Change(*ids, "queued", now, ("sending",), "lost", next_attempt_at=now, is_quiet=True)
    return Change(*ids, "unknown", now, ("sending",), "lost")


def _stop_channels(done: Sequence[tuple[Task, Change]]) -> None:
    """A refusal of the whole account holds the account's other deliveries back."""
    for task, change in done:
        if change.reason == "channel_down":
            stops.stop(task.channel, change.provider_text)


def _tallies(done: Iterable[tuple[Task, Change]]) -> dict[str, Tally]:
    """What the outcomes say about each channel; what never reached the provider says nothing."""
    counts: dict[str, Tally] = {}
    for task, change in done:
        if change.tried is not None:
            tally = counts.setdefault(task.channel, Tally())
            tally.sent += change.state == "sent"
            tally.missed += change.state != "sent"
            tally.is_suspect |= task.is_suspect
            tally.is_probe |= task.is_probe
            if change.reason in circuits.BLAMED:
                tally.failed, tally.text = tally.failed + 1, change.provider_text
            elif change.reason != "channel_down":
                tally.answered += 1
    return counts


def _lessons(done: Iterable[tuple[Task, Change]]) -> list[Lesson]:
    return [
        Lesson(
            task.identity_id,
            task.kind,
            task.channel,
            change.at,
            change.reason,
            change.handles,
            str(task.public_id),
            is_code=task.challenge_id is not None,
        )
        for task, change in done
        if change.tried is not None and task.address is not None and aftermath.is_news(change.reason, change.handles)
    ]

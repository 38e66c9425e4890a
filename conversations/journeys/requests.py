"""What has a run asked of another system, who calls it, and when does the run hear the answer?

`pending` -> `claimed` (a lease, committed before the call) -> `answered` (stored before anybody is told) -> `applied`,
or `discarded` when the run has gone on without it. Each arrow is a short transaction; the call is outside any. A worker
may die between any two: the lease runs out, and an answer that is stored is put to the run by whoever finds it, once.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now

from common import checkups, clock, outages
from conversations import realtime
from conversations.journeys import breaker, retries
from conversations.journeys.calls import Outcome
from conversations.journeys.effects import Call, Request
from conversations.journeys.given import RequestResult
from conversations.models import Connection, JourneyRun, WebRequest

log = logging.getLogger(__name__)

State = WebRequest.State
LEASE = timedelta(seconds=30)  # longer than the slowest call
FIRST_LOOK = timedelta(seconds=5)  # who stored an answer puts it to the run at once; after this, anybody may
REST = timedelta(minutes=1)  # for an answer that could not be put to its run
WORDS = timedelta(days=7)  # how long what was asked and answered is kept after it was settled
WAKE = "wake:requests"

CLAIM = """
UPDATE conversations_webrequest
SET state = 'claimed', attempts = attempts + 1, lease_until = statement_timestamp() + %s * interval '1 second'
WHERE id = (
    SELECT id FROM conversations_webrequest
    WHERE state = 'pending' AND next_attempt_at <= statement_timestamp() AND coalesce(connection_id, 0) <> ALL(%s)
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""

Hears = Callable[[JourneyRun, RequestResult], bool]

_hears: list[Hears] = []


def on_answer(hears: Hears) -> None:
    """Says who puts an answer to its run (it lies above); False if nobody waits for it. Called in `AppConfig.ready`."""
    _hears[:] = [hears]


def put(*, run: JourneyRun, call: Call) -> WebRequest:
    """Keeps what a run asks, in the run's own transaction; a worker is told after its commit."""
    request = call.request
    connection = Connection.objects.filter(key=request.connection).first()
    row = WebRequest.objects.create(
        run=run,
        customer_id=run.customer_id,
        seq=call.guard,
        step_id=call.step_id,
        connection=connection,
        request={"method": request.method, "path": request.path, "query": dict(request.query), "body": request.body},
        retry=dict(call.retry),
        is_idempotent=call.idempotent,
        next_attempt_at=Now(),
        created_at=clock.now(),
    )
    realtime.hint(WAKE)
    return row


def claim(busy: Collection[int] = ()) -> tuple[WebRequest, breaker.Leave] | None:
    """Takes one request that is due and may go now; None if there is none. `busy` are connections to leave out.

    One whose breaker is open is answered here, without a call; one that is too early by its pace is put off.
    """
    while True:
        with transaction.atomic():
            row = _take(busy)
            if row is None:
                return None
            leave = breaker.ask(row.connection) if row.connection and row.connection.is_enabled else breaker.Leave()
            if leave.wait is not None:
                _put_off(row, leave.wait, attempts=row.attempts - 1)  # nobody was called
            elif leave.is_open:
                _answer(row, Outcome(error="breaker"))
        if leave.may_go:
            return row, leave
        if leave.is_open:
            hand_on(row.pk)


def asked(row: WebRequest) -> Request:
    """What the row wants, as the client takes it."""
    stored: dict[str, Any] = row.request or {}
    key = row.connection.key if row.connection else ""
    return Request(key, stored["method"], stored["path"], stored.get("query") or {}, stored.get("body"))


def store(row: WebRequest, outcome: Outcome, *, is_probe: bool) -> bool:
    """Keeps what came of a call, or plans the next attempt; False if the lease ran out and somebody else has it."""
    with transaction.atomic():
        mine = WebRequest.objects.select_for_update(no_key=True).filter(pk=row.pk, attempts=row.attempts)
        found = mine.filter(state=State.CLAIMED).first()
        if found is None:
            return False
        if row.connection_id and outcome.error != "disabled":
            breaker.note(row.connection_id, is_failure=outcome.is_failure, is_probe=is_probe)
        wait = retries.wait(found.retry, _is_repeatable(found), found.attempts, outcome)
        if wait is not None:
            met = {"status": outcome.status, "error": outcome.error, "milliseconds": outcome.milliseconds}
            _put_off(found, wait * random.uniform(1.0, 1.25), **met)
        else:
            _answer(found, outcome)
    return True


def hand_on(pk: int) -> None:
    """Puts a stored answer to its run, and settles it in the same transaction; nothing if that was done already."""
    try:
        with transaction.atomic():
            row = (
                WebRequest.objects.select_related("run__session__identity").filter(pk=pk, state=State.ANSWERED).first()
            )
            if row is not None:
                _settle(row)
    except Exception as error:  # noqa: BLE001 -- the web-request edge: one that cannot be applied holds up no other
        outages.raise_if_away(error)
        log.error("answer %s could not be applied: %s", pk, type(error).__name__)
        WebRequest.objects.filter(pk=pk, state=State.ANSWERED).update(next_attempt_at=Now() + REST)


def sweep() -> int:
    """What a dead worker left: leases that ran out, answers that nobody has heard."""
    return free_lapsed() + hand_on_left()


def hand_on_left(*, limit: int = 50) -> int:
    """Puts the answers to their runs that a worker left behind; returns how many were looked at."""
    left = WebRequest.objects.filter(state=State.ANSWERED, next_attempt_at__lte=Now()).order_by("next_attempt_at")
    found = list(left.values_list("pk", flat=True)[:limit])
    for pk in found:
        hand_on(pk)
    return len(found)


def free_lapsed() -> int:
    """Whose caller has died: asked again where that is harmless, else answered as lost. Returns how many."""
    found = 0
    with transaction.atomic():
        lapsed = WebRequest.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        for row in lapsed.filter(state=State.CLAIMED, lease_until__lte=Now()).order_by("pk")[:100]:
            found += 1
            if _is_repeatable(row) and row.attempts < max(retries.attempts(row.retry), retries.FREE):
                _put_off(row, timedelta(0))
            else:
                _answer(row, Outcome(error="unanswered"))
    return found


def forget() -> int:
    """Drops the words of what was settled `WORDS` ago; state and times stay. At most 1,000 rows."""
    before = clock.now() - WORDS
    old = WebRequest.objects.filter(settled_at__lt=before, request__isnull=False).values_list("pk", flat=True)[:1000]
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE conversations_webrequest SET request = NULL, response = NULL WHERE id = ANY(%s)", [list(old)]
        )
        return int(cursor.rowcount)


def ready() -> None:
    """Called once, when Django is ready: `doctor` asks how long calls have waited."""
    checkups.register_backlog("requests", oldest_due, warn=30, fail=300)


def oldest_due() -> float | None:
    """Seconds since the oldest question or answer that nobody has taken, None if there is none."""
    waiting = WebRequest.objects.filter(state__in=[State.PENDING, State.ANSWERED], next_attempt_at__lte=Now())
    oldest = waiting.order_by("next_attempt_at").annotate(moment=Now()).first()
    return (oldest.moment - oldest.next_attempt_at).total_seconds() if oldest else None


def result(row: WebRequest) -> RequestResult:
    """A stored answer as the engine hears it."""
    return RequestResult(token=row.seq, status=row.status, data=row.response, error=row.error)


def _take(busy: Collection[int]) -> WebRequest | None:
    with database.cursor() as cursor:
        cursor.execute(CLAIM, [LEASE.total_seconds(), list(busy)])
        found = cursor.fetchone()
    return WebRequest.objects.select_related("connection", "run").get(pk=found[0]) if found else None


def _is_repeatable(row: WebRequest) -> bool:
    return row.is_idempotent or (row.request or {}).get("method") not in ("POST", "PATCH")


def _put_off(row: WebRequest, wait: timedelta, **met: Any) -> None:
    """Due again after `wait`; `met` is what the attempt has met."""
    due = ExpressionWrapper(Now() + wait, DateTimeField())
    WebRequest.objects.filter(pk=row.pk).update(state=State.PENDING, lease_until=None, next_attempt_at=due, **met)


def _answer(row: WebRequest, outcome: Outcome) -> None:
    row.state, row.lease_until, row.answered_at = State.ANSWERED, None, clock.now()
    row.status, row.error, row.response = outcome.status, outcome.error, outcome.data
    row.milliseconds = outcome.milliseconds
    row.next_attempt_at = Now() + FIRST_LOOK
    row.save(
        update_fields=[
            "state", "lease_until", "answered_at", "status", "error", "response", "milliseconds", "next_attempt_at",
        ]
    )  # fmt: skip


def _settle(row: WebRequest) -> None:
    """Under the locks that putting it to the run has taken; whoever comes second finds the row settled."""
    is_heard = any(hears(row.run, result(row)) for hears in _hears)
    state = State.APPLIED if is_heard else State.DISCARDED
    WebRequest.objects.filter(pk=row.pk, state=State.ANSWERED).update(state=state, settled_at=clock.now())

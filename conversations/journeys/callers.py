"""Who makes the calls? A few threads that touch no database, so that one slow system holds up no other journey."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType

from conversations.journeys import breaker, callbacks, calls, requests
from conversations.journeys.calls import Outcome
from conversations.models import WebRequest

PLACES = 8
SHARE = 4  # of the places, at most so many for one connection

Task = tuple[WebRequest, breaker.Leave]


class Callers:
    """Claims, calls and stores; the database is touched only by the thread that calls `pump`."""

    def __init__(self, places: int = PLACES) -> None:
        self.places = places
        self.pool = ThreadPoolExecutor(places, thread_name_prefix="ask")
        self.calling: dict[Future[Outcome], Task] = {}

    def __enter__(self) -> Callers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.pool.shutdown(wait=True)
        if kind is None:
            self._collect()

    @property
    def in_flight(self) -> int:
        return len(self.calling)

    def pump(self) -> int:
        """Stores what has come back, puts it to the runs, and begins what is due; returns how much there was."""
        handled = self._collect()
        while len(self.calling) < self.places and (task := requests.claim(self._busy())):
            row, _ = task
            asked, more = requests.asked(row), callbacks.headers(row)
            call = self.pool.submit(calls.make, row.connection, asked, key=row.idempotency_key, more=more)
            self.calling[call] = task
            handled += 1
        return handled

    def wait(self, seconds: float) -> None:
        """Until one call has come back, or so long."""
        wait(self.calling, timeout=seconds, return_when=FIRST_COMPLETED)

    def _collect(self) -> int:
        done = [call for call in self.calling if call.done()]
        for call in done:
            row, leave = self.calling[call]
            requests.store(row, call.result(), is_probe=leave.is_probe)
            requests.hand_on(row.pk)
            del self.calling[call]
        return len(done)

    def _busy(self) -> list[int]:
        counted = Counter(row.connection_id or 0 for row, _ in self.calling.values())
        return [pk for pk, calls_now in counted.items() if calls_now >= SHARE]


def call_due(*, limit: int = 20) -> int:
    """Calls what is due, one after the other, in this thread: for the sweep, and where no worker runs."""
    done = 0
    while done < limit and (task := requests.claim()):
        row, leave = task
        outcome = calls.make(row.connection, requests.asked(row), key=row.idempotency_key, more=callbacks.headers(row))
        requests.store(row, outcome, is_probe=leave.is_probe)
        requests.hand_on(row.pk)
        done += 1
    return done


def sweep() -> int:
    """What no worker has done: leases that ran out, answers nobody has heard, and questions nobody has asked."""
    return requests.sweep() + call_due()

"""How do several people do something in the same moment? Threads behind a barrier, each with its own connection.

Where chance must not decide, one of them holds a lock until the other waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Results in the order of the calls; what a call raised stands in its place."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            barrier.wait(timeout=40)
            return call()
        except Exception as error:  # noqa: BLE001  # what a thread raises is its result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def refusals(results: Sequence[object]) -> list[Exception]:
    """Those that were refused."""
    return [result for result in results if isinstance(result, Exception)]


def while_held(hold: Callable[[], object], call: Callable[[], T], meanwhile: Callable[[], object]) -> T:
    """`call` begins while we hold a lock; as soon as it waits for that, `meanwhile` is done and committed."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold()
            called = pool.submit(_and_leave, call)
            _until_it_waits(called)
            meanwhile()
        return called.result(timeout=30)


def _and_leave(call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        connection.close()


def _until_it_waits(called: Future[T]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and not called.done():
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError(f"nobody waits for what is held: {called.result(timeout=1)}")

"""How do several people do something in the same moment? Threads behind a barrier, each with its own connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Results in the order of the calls; what a call raised stands in its place."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            barrier.wait(timeout=10)
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

"""How do eight threads of a real installation work? As four in each of two processes: one interpreter uses one core."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from typing import Any

PROCESSES = 2

Work = Callable[[int, list[float]], object]


def crews(threads: int, work: Work) -> tuple[float, list[float], list[str]]:
    """Seconds until all were done, what `work(number, took)` took in ms, and what went wrong, by name."""
    from django.db import connections

    connections.close_all()  # a forked process must not share them
    here = multiprocessing.get_context("fork")
    processes = min(PROCESSES, threads)
    gate, found = here.Barrier(processes + 1), here.SimpleQueue()
    shares = [range(threads)[number::processes] for number in range(processes)]
    running = [here.Process(target=_crew, args=(share, work, gate, found)) for share in shares]
    for process in running:
        process.start()
    gate.wait()
    began = time.perf_counter()
    results = [found.get() for _ in running]
    elapsed = time.perf_counter() - began
    for process in running:
        process.join()
    took = [one for crew, _ in results for one in crew]
    return elapsed, took, [error for _, crew in results for error in crew]


def _crew(share: Sequence[int], work: Work, gate: Barrier, found: SimpleQueue[Any]) -> None:
    from django.db import connection

    took: list[float] = []

    def one(number: int) -> None:
        connection.ensure_connection()
        try:
            work(number, took)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(share)) as pool:
        gate.wait()
        running = [pool.submit(one, number) for number in share]
        errors = [f"{type(error).__name__}: {error}" for done in running if (error := done.exception())]
    found.put((took, errors))

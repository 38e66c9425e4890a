"""How long does it take to find a sender among the customers that `bench.people` has loaded? Prints JSON.

Every look-up is a transaction of its own, as in the drain; only `identity.resolve` is timed, not the commit.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import people
from bench.rig import percentile

WARM = 20
Lookup = Callable[[int], object]


def measure(rows: int, tries: int) -> dict[str, Any]:
    """Ours for a known phone, a known phone with its business-scoped id, a new sender; and one raw statement.

    All take turns, each with senders of its own: whatever else the machine does disturbs them alike.
    """
    known = random.Random(7).sample(range(1, rows + 1), min(4 * tries, rows))
    raw_phone, raw_both, phone, both = (known[n::4] for n in range(4))
    asked = {
        "raw_phone": Asked(_raw(raw_phone, 1), raw_phone),
        "known_phone": Asked(_ours(1), phone),
        "raw_phone_and_id": Asked(_raw(raw_both, 2), raw_both),
        "known_phone_and_id": Asked(_ours(2), both),
        "new_sender": Asked(_ours(2), range(rows + 1, rows + len(both) + 1)),
    }
    for one in asked.values():
        one.warm()
    for turn in range(WARM, len(both)):
        for one in asked.values():
            one.turn(turn)
    queries = {"known": _queries(_ours(2), known[0]), "new": _queries(_ours(2), 2 * rows + 1)}
    return {**{name: one.found() for name, one in asked.items()}, "queries": queries}


class Asked:
    """One kind of question: whom it is asked about, how long the answers took, and what they cost."""

    def __init__(self, ask: Lookup, numbers: Sequence[int]) -> None:
        from django.db import connection

        self.ask, self.numbers = ask, numbers
        self.pid = getattr(ask, "pid", None) or connection.connection.info.backend_pid
        self.took: list[float] = []
        self.python = self.postgres = 0.0

    def warm(self) -> None:
        """The first ones are not counted: statements are prepared, modules loaded."""
        for turn in range(WARM):
            self.turn(turn)
        self.took, self.python, self.postgres = [], 0.0, 0.0

    def turn(self, turn: int) -> None:
        from django.db import transaction

        with transaction.atomic():
            cpu, backend, began = time.thread_time(), on_cpu(self.pid), time.perf_counter()
            found = self.ask(self.numbers[turn])
            self.took.append((time.perf_counter() - began) * 1000)
            self.python += time.thread_time() - cpu
            self.postgres += on_cpu(self.pid) - backend
        if not found:
            raise RuntimeError(f"sender {self.numbers[turn]} was not found")

    def found(self) -> dict[str, float]:
        """Latencies in ms, and CPU in ms a look-up, here and in the backend."""
        return {
            "p50_ms": round(percentile(self.took, 0.5), 3),
            "p99_ms": round(percentile(self.took, 0.99), 3),
            "python_cpu_ms": round(self.python / len(self.took) * 1000, 3),
            "postgres_cpu_ms": round(self.postgres / len(self.took) * 1000, 3),
        }


def on_cpu(pid: int) -> float:
    """Seconds that a process has run so far, to the nanosecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _ours(count: int) -> Lookup:
    """The product's question, with the first `count` handles of the sender."""
    from common import clock
    from customers import identity

    def resolve(number: int) -> object:
        return identity.resolve(handles=people.handles(number)[:count], occurred_at=clock.now())

    return resolve


def _raw(numbers: Sequence[int], first: int) -> Lookup:
    """The same statement by bare psycopg, prepared, its digests made beforehand."""
    import psycopg
    from django.db import connection

    from customers import lookup, sql
    from customers.normalise import Key

    given = {}
    for number in numbers:
        keys = [key for handle in people.handles(number)[:first] if isinstance(key := handle.key(), Key)]
        rows = [(key.namespace.value, key.scope, digest) for key in keys for digest in _digests(lookup.Digests.of(key))]
        given[number] = [list(column) for column in zip(*rows, strict=True)]
    link = psycopg.Connection.connect(connection.connection.info.dsn, autocommit=True)

    def ask(number: int) -> object:
        return link.execute(sql.OWNERS, given[number], prepare=True).fetchall()

    ask.pid = link.info.backend_pid  # type: ignore[attr-defined]  # read by `Asked`
    return ask


def _digests(found: Any) -> list[str]:
    return [*found.exact, *found.others]


def _queries(ask: Lookup, number: int) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        ask(number)
    return len(captured)


if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

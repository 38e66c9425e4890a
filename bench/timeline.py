"""How long does a page of everything said with a person take, with a hundred members and a million messages?

Baseline: the newest rows of one member alone by the same index, by bare psycopg, in the same run.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

from bench.frame import say
from bench.rig import rig

PAGE, WARM = 50, 10
BARE = """
SELECT * FROM conversations_message WHERE customer_id = 1 AND (occurred_at, id) < (%s::timestamptz, %s::bigint)
ORDER BY occurred_at DESC, id DESC LIMIT 51
"""


def measure(
    rows: int = 100_000, messages: int = 1_000_000, members: int = 100, each: int = 1010, tries: int = 500
) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: `members` origins, one with `messages`, the others with `each`."""
    with rig() as running:
        say(f"loading {rows:,} customers and {messages + each * (members - 1):,} messages")
        running.run("bench.population", *map(str, (rows, messages, members, each, rows // 10)))
        say("reading pages")
        found = json.loads(running.run("bench.timeline", str(members), str(tries)).splitlines()[-1])
    ours, bare = max(found["first_page"], found["any_page"], key=lambda one: one["p99_ms"]), found["bare"]
    return {
        "figure": "a page of a person's timeline, the newest or anywhere in it, p99",
        "value": ours["p99_ms"],
        "unit": "ms",
        "baseline": bare["p99_ms"],
        "ratio": round(ours["p50_ms"] / bare["p50_ms"], 2),
        "cpu_ms": found["cpu_ms"],
        "detail": {"customers": rows, "aim_p99_ms": 20, **found},
    }


def read(members: int, tries: int) -> dict[str, Any]:
    """Joins the members, then reads the first page, a page anywhere, and the bare rows, in turns."""
    import psycopg
    from django.db import connection

    from bench.acts import join, spread, timed
    from bench.lookups import on_cpu
    from conversations import timeline
    from conversations.models import Message
    from customers.models import Customer

    people = Customer.objects.in_bulk(range(1, members + 1))
    for number in range(2, members + 1):
        join(people[1], people[number])
    bare = psycopg.Connection.connect(connection.connection.info.dsn, autocommit=True, prepare_threshold=0)
    said = Message.objects.filter(customer__root_id=1).count()
    cursors, pid = _cursors(said, tries + WARM), connection.connection.info.backend_pid
    took: dict[str, list[float]] = {"first_page": [], "any_page": [], "bare": []}
    python = postgres = 0.0
    for at in cursors:
        timed(took["first_page"], lambda: timeline.page(people[1], limit=PAGE))
        cpu, backend = time.thread_time(), on_cpu(pid)
        page = timed(took["any_page"], lambda at=at: timeline.page(people[1], before=at, limit=PAGE))  # type: ignore[misc]  # a lambda has no annotations
        python, postgres = python + time.thread_time() - cpu, postgres + on_cpu(pid) - backend
        assert page.messages
        timed(took["bare"], lambda at=at: bare.execute(BARE, [at.occurred_at, at.message_id]).fetchall())  # type: ignore[misc]  # as above
    cpu_ms = round((python + postgres) / len(cursors) * 1000, 3)
    return {"members": members, "messages": said, "cpu_ms": cpu_ms} | {
        name: spread(values[WARM:]) for name, values in took.items()
    }


def _cursors(said: int, many: int) -> list[Any]:
    """Places anywhere in the history."""
    from django.db.models import Max, Min

    from conversations.models import Message
    from conversations.timeline import Cursor

    span = Message.objects.filter(customer__root_id=1).aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    dice = random.Random(5)
    return [Cursor(span["last"] - (span["last"] - span["first"]) * dice.random() * 0.99, said) for _ in range(many)]


if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    print(json.dumps(read(*map(int, sys.argv[1:]))))

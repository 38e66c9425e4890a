"""How soon have a thousand journeys gone on whose pauses end in the same second, by two workers, and each only once?

Everybody waits at a step of a journey in a widget's conversation; the next step asks them something. Baseline: the
least that this can be by bare statements, a timer each, over two connections.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import psycopg

from bench.frame import say
from bench.rig import Rig, rig, rounded, spent
from config import processes

JOURNEY = """
journey: pause
title: A pause
languages: [en]
triggers: [{keyword: [pause]}]
steps:
  - {id: rest, type: wait, for: 7d}
  - {id: how, type: ask, text: "How was it?", resume: We were talking about it.}
  - {id: bye, type: end, text: Thank you.}
"""
WAIT, AIM = 60, 10  # seconds that are waited at most, and that it may take
BEGIN = 12  # seconds in which two workers have begun on a busy machine: that is not counted
RING = """
UPDATE conversations_timer SET due_at = date_trunc('second', clock_timestamp()) + interval '3 s' RETURNING due_at
"""
ASKED = "SELECT count(*), count(DISTINCT run_id), max(recorded_at) FROM conversations_message WHERE step_id = 'how'"
BARE = """
CREATE TABLE bare_timer (id bigserial PRIMARY KEY, due_at timestamptz NOT NULL);
CREATE TABLE bare_message (id bigserial PRIMARY KEY, timer_id bigint UNIQUE, body text);
CREATE INDEX ON bare_timer (due_at);
"""
CLAIM = "DELETE FROM bare_timer WHERE id = (SELECT id FROM bare_timer ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)"


def measure(runs: int = 1000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: so many runs wait."""
    load = os.getloadavg()[0]
    with rig() as running:
        say(f"{runs} people begin a journey and wait")
        running.run("bench.timers", str(runs))
        running.start("worker")
        second = processes.worker(running.environment)
        second.name = "worker-2"
        running.add(second)
        time.sleep(BEGIN)
        before = running.cpu()
        found = _ring(running, runs)
        taken = spent(before, running.cpu())
        bare = _bare(running.environment["DATABASE_URL"], runs)
    return {
        "figure": "journeys whose pauses end in the same second, all gone on, by two workers",
        "value": round(found["seconds"], 2),
        "unit": "s",
        "baseline": round(bare, 2),
        "ratio": round(found["seconds"] / bare, 2),
        "cpu_ms": round(sum(taken.values()) / runs * 1000, 2),
        "detail": {"runs": runs, "aim_s": AIM, "load": round(load, 2), "cpu_s": rounded(taken, 2), **found},
    }


def _ring(running: Rig, runs: int) -> dict[str, Any]:
    """Makes all pauses end, and waits until everybody was asked: the seconds, and who was asked never or twice."""
    with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as link:
        rung = link.execute(RING).fetchall()
        due: datetime = rung[0][0]
        deadline = time.monotonic() + WAIT
        asked, people, last = 0, 0, due
        while people < runs and time.monotonic() < deadline:
            time.sleep(0.25)
            asked, people, last = link.execute(ASKED).fetchone() or (0, 0, due)
        time.sleep(1)
        asked, people, last = link.execute(ASKED).fetchone() or (0, 0, due)
    return {"seconds": (last - due).total_seconds(), "never": runs - people, "twice": asked - people}


def _bare(url: str, runs: int) -> float:
    """Seconds that two connections take for as many timers and messages, a transaction each."""
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(BARE)
        link.execute("INSERT INTO bare_timer (due_at) SELECT clock_timestamp() FROM generate_series(1, %s)", [runs])
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_drain, [url, url]))
    return time.perf_counter() - began


def _drain(url: str) -> None:
    with psycopg.connect(url) as link:
        while True:
            with link.transaction():
                claimed = link.execute(CLAIM + " RETURNING id").fetchone()
                if claimed is None:
                    return
                link.execute("INSERT INTO bare_message (timer_id, body) VALUES (%s, 'How was it?')", list(claimed))


def people(runs: int) -> None:
    """So many visitors begin the journey, each in a conversation of their own."""
    from django.db import transaction

    from common import clock
    from conversations import threads
    from conversations.content import Text
    from conversations.journeys import publishing
    from conversations.sessions import Place
    from conversations.threads import Heard
    from customers.models import Customer, Identity
    from handover import turns

    publishing.publish(text=JOURNEY)
    for number in range(runs):
        origin = Customer.objects.create(kind=Customer.Kind.ANONYMOUS)
        visitor = Identity.objects.create(
            customer=origin, namespace="visitor", scope="bench", key=f"bench-{number}", raw=f"bench-{number}",
            proof="provider", routable=True, valid_from=clock.now(),
        )  # fmt: skip
        heard = Heard(content=Text("pause"), occurred_at=clock.now(), text="pause")
        with transaction.atomic():
            place = Place(visitor, "bench", "web", (visitor.pk,), "none")
            turns.take(received=threads.receive(place=place, heard=heard), heard=heard)


if __name__ == "__main__":
    import django

    django.setup()
    people(int(sys.argv[1]))
    print(json.dumps({}))

"""Does a burst of webhooks get through in time and in order, none lost or twice, while a worker is killed twice?

Paced evenly, every person writes numbered messages in turn. The worker is killed with SIGKILL and started again, twice,
while they come in. Afterwards the database must hold each message once, each person's in the order in which they were
sent, and the provider must have accepted no message more than once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import Any

import psycopg

from bench import bodies
from bench.frame import say
from bench.rig import Rig, percentile, rig, spent
from bench.turn import LEFT, accepted, provider

CONNECTIONS = 64
KILLED_AT = (0.3, 0.7)  # of the time that the burst takes
DRAIN_SECONDS = 600

# Written once each, and no later number before an earlier one.
STORED = "SELECT count(*), count(DISTINCT external_id) FROM conversations_message WHERE author = 'customer'"
SWAPPED = """
SELECT count(*) FROM (
    SELECT e.id, lag(e.id) OVER (PARTITION BY e.handle ORDER BY e.id) AS earlier_event,
           v.seq, lag(v.seq) OVER (PARTITION BY e.handle ORDER BY e.id) AS earlier_seq
    FROM channels_app_inboundevent e JOIN conversations_conversationevent v
      ON v.source_event_id = e.key AND v.kind = 'message'
) found WHERE earlier_seq > seq
"""
OUT = "SELECT state, count(*) FROM conversations_delivery GROUP BY 1 ORDER BY 1"
HELD = "SELECT count(*) FROM channels_app_inboundevent WHERE state = 'quarantined'"


def measure(webhooks: int = 5000, seconds: int = 10, people: int = 500) -> dict[str, Any]:
    """The figure as `bench.frame` prints it; `people` write `webhooks` messages within `seconds`."""
    with provider() as port, rig() as running:
        running.run("bench.channel", f"http://127.0.0.1:{port}")
        running.start("live", "worker")
        _shoot(running, _texts(people, 2 * people, "warm"), webhooks / seconds)
        _drain(running)
        before = running.cpu()
        shot = _burst(running, _texts(people, webhooks, "burst"), seconds)
        took = _drain(running)
        taken = spent(before, running.cpu())
        found = _found(running, webhooks + 2 * people)
        found["accepted_twice"] = max(accepted(port) - found.pop("left"), 0)
    p99 = percentile(shot["latencies"], 0.99)
    return {
        "figure": f"{webhooks} webhooks in {seconds} s, acknowledged (p99) while a worker is killed twice",
        "value": round(p99, 1),
        "unit": "ms",
        "baseline": round(1000 * seconds / webhooks, 2),
        "ratio": round(shot["seconds"] / seconds, 2),
        "cpu_ms": round(sum(taken.values()) / webhooks * 1000, 2),
        "detail": {
            **found,
            "p50_ms": round(percentile(shot["latencies"], 0.5), 1),
            "acknowledged_in_s": round(shot["seconds"], 1),
            "drained_s_after": round(took, 1),
            "statuses": shot["statuses"],
            "baseline_is": "ms between two webhooks; ratio = time that the burst took to that which it was given",
        },
    }


def _texts(people: int, count: int, word: str) -> list[str]:
    return [bodies.message(f"4670{n % people:07}", f"{word} {n // people}") for n in range(count)]


def _burst(running: Rig, texts: list[str], seconds: int) -> dict[str, Any]:
    """Shoots, and meanwhile kills the worker at its moments; each time it is started again at once."""
    shots: list[dict[str, Any]] = []
    shooting = threading.Thread(target=lambda: shots.append(_shoot(running, texts, len(texts) / seconds)))
    began = time.monotonic()
    shooting.start()
    for share in KILLED_AT:
        time.sleep(max(0.0, began + share * seconds - time.monotonic()))
        worker = running.started["worker"]
        say(f"kills worker {worker.pid}")
        os.kill(worker.pid, signal.SIGKILL)
        worker.stop()
        worker.start()
    shooting.join()
    if not shots:
        raise RuntimeError("the shooter failed")
    return shots[0]


def _shoot(running: Rig, texts: list[str], rate: float) -> dict[str, Any]:
    given = {"path": bodies.PATH, "connections": CONNECTIONS, "rate": rate, "secret": bodies.SECRET, "bodies": texts}
    given["port"] = int(running.stack.url.rsplit(":", 1)[1])
    shot: dict[str, Any] = json.loads(running.run("bench.shooter", given=json.dumps(given)))
    if set(shot["statuses"]) != {"200"}:
        raise RuntimeError(f"not all were acknowledged: {shot['statuses']}")
    return shot


def _drain(running: Rig) -> float:
    """Seconds until nothing waits and nothing is being sent."""
    began = time.monotonic()
    with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as link:
        while _rows(link, LEFT)[0][0]:
            if time.monotonic() > began + DRAIN_SECONDS:
                raise RuntimeError("the worker does not finish")
            time.sleep(0.1)
    return time.monotonic() - began


def _found(running: Rig, expected: int) -> dict[str, Any]:
    with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as link:
        stored, distinct = _rows(link, STORED)[0]
        states = dict(_rows(link, OUT))
        return {
            "lost": expected - distinct,
            "stored_twice": stored - distinct,
            "out_of_order": _rows(link, SWAPPED)[0][0],
            "quarantined": _rows(link, HELD)[0][0],
            "deliveries": states,
            # Whatever was accepted is one of these; those before the burst are all sent.
            "left": sum(states.get(state, 0) for state in ("sent", "unknown")),
        }


def _rows(link: psycopg.Connection[Any], query: str) -> list[Any]:
    return list(link.execute(query).fetchall())  # type: ignore[call-overload]  # one of the constants above


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

"""How long does it take to join two customers, one of whom has a million messages, and is every merge undone exactly?

Baseline: two row locks, the pointer and the ledger's rows by bare psycopg, in the same run.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from bench.frame import say
from bench.rig import rig


def measure(
    rows: int = 100_000,
    messages: int = 1_000_000,
    tries: int = 300,
    people: int = 2000,
    threads: int = 8,
    histories: int = 2000,
) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: `rows` customers, one of them with `messages`; then random histories."""
    with rig() as running:
        say(f"loading {rows:,} customers and {messages:,} messages")
        began = time.perf_counter()
        running.run("bench.population", str(rows), str(messages))
        loaded = time.perf_counter() - began
        say(f"loaded in {loaded:.0f} s; joining")
        found = json.loads(running.run("bench.merges", str(tries), str(people), str(threads)).splitlines()[-1])
        say(f"{found['concurrent']['per_s']} merges/s on {threads} threads; playing {histories:,} histories")
        played = json.loads(running.run("bench.histories", str(histories)).splitlines()[-1])
    ours, bare = found["one"]["merge"], found["one"]["bare"]
    return {
        "figure": "merge with a customer who has a long history, p99",
        "value": ours["p99_ms"],
        "unit": "ms",
        "baseline": bare["p99_ms"],
        "ratio": round(ours["p50_ms"] / bare["p50_ms"], 2),
        "cpu_ms": found["one"]["cpu_ms"],
        "detail": {
            "customers": rows,
            "messages": messages,
            "loaded_in_s": round(loaded, 1),
            "aims": {"merge_p99_ms": 50, "merges_per_s": 300, "inbound_ms": 50, "split_ms": 1000, "wrong": 0},
            **found,
            "histories": played,
        },
    }


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

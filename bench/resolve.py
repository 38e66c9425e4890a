"""How long does it take to find out who a sender is, among a million customers with two million identities?

Baseline: the very statement that finds them, by bare psycopg, prepared, in the same run.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from bench.frame import say
from bench.rig import rig


def measure(rows: int = 1_000_000, tries: int = 3000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: `tries` look-ups of each kind among `rows` customers."""
    with rig() as running:
        say(f"loading {rows:,} customers")
        began = time.perf_counter()
        running.run("bench.people", str(rows))
        took = time.perf_counter() - began
        say(f"loaded in {took:.0f} s; looking up")
        found = json.loads(running.run("bench.lookups", str(rows), str(tries)).splitlines()[-1])
    ours, raw = found["known_phone_and_id"], found["raw_phone_and_id"]
    return {
        "figure": "identity.resolve of a known phone and business-scoped id, p99",
        "value": ours["p99_ms"],
        "unit": "ms",
        "baseline": raw["p99_ms"],
        "ratio": round(ours["p99_ms"] / raw["p99_ms"], 2),
        "cpu_ms": round(ours["python_cpu_ms"] + ours["postgres_cpu_ms"], 3),
        "detail": {
            "customers": rows,
            "identities": 2 * rows,
            "loaded_in_s": round(took, 1),
            "aim_p99_ms": 5,
            "ratio_of_p50": round(ours["p50_ms"] / raw["p50_ms"], 2),
            **found,
        },
    }


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

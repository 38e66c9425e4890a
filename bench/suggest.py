"""Who may be the same person among a million customers, and how often is somebody suggested, or joined, wrongly?

Baseline: one sort of the blind keys by bare SQL, the least that a comparison of everybody with everybody needs.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from typing import Any

from bench.frame import say
from bench.rig import rig

BARE = """
SELECT count(*) FROM (
    SELECT namespace, scope, key FROM customers_identity GROUP BY 1, 2, 3 HAVING count(*) BETWEEN 2 AND 20
) AS shared
"""


def measure(rows: int = 1_000_000, tries: int = 200, pairs: int = 10_000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: a run over `rows` customers, then `pairs` labelled ones by themselves."""
    with rig() as running:
        say(f"playing {pairs:,} labelled pairs")
        judged = json.loads(running.run("bench.suggest", "pairs", str(pairs)).splitlines()[-1])
    with rig() as running:
        say(f"{judged['false_merges']} wrongly joined; loading {rows:,} customers")
        began = time.perf_counter()
        running.run("bench.population", str(rows))
        loaded = time.perf_counter() - began
        say(f"loaded in {loaded:.0f} s; looking for pairs")
        found = json.loads(running.run("bench.suggest", "run", str(tries)).splitlines()[-1])
    return {
        "figure": "a run of the suggestions over everybody",
        "value": found["run_s"],
        "unit": "s",
        "baseline": found["bare_s"],
        "ratio": round(found["run_s"] / found["bare_s"], 2),
        "cpu_ms": round(found["cpu_s"] * 1000 / rows, 4),
        "detail": {
            "customers": rows,
            "loaded_in_s": round(loaded, 1),
            "aims": {"run_s": 300, "false_merges": 0},
            **found,
            "labelled": judged,
        },
    }


def run(tries: int) -> dict[str, Any]:
    """The nightly run twice (to write, and to find all written), and a look at single newcomers."""
    from django.db import connection

    from bench.acts import persons, spread, timed
    from bench.lookups import on_cpu
    from customers import suggestions
    from customers.models import MatchSuggestion

    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(BARE)
        bare = time.perf_counter() - began
    pid = connection.connection.info.backend_pid
    cpu, began = on_cpu(pid) + time.process_time(), time.perf_counter()
    suggestions.refresh_all()
    took, used = time.perf_counter() - began, on_cpu(pid) + time.process_time() - cpu
    began = time.perf_counter()
    suggestions.refresh_all()
    again = time.perf_counter() - began
    one: list[float] = []
    for customer in persons(tries):
        timed(one, lambda customer=customer: suggestions.refresh(customer))  # type: ignore[misc]  # no annotations
    return {
        "run_s": round(took, 4),
        "again_s": round(again, 2),
        "bare_s": round(bare, 4),
        "cpu_s": used,
        "pairs": MatchSuggestion.objects.count(),
        "one_customer": spread(one),
    }


def judged(pairs: int) -> dict[str, Any]:
    """What the doors and the suggestions make of labelled pairs."""
    from bench import judging, labelled

    verdict = judging.judge(labelled.play(pairs))
    wrong = sorted(set(verdict.false_merges))
    return {**asdict(verdict), "pairs": pairs, "false_merges": len(verdict.false_merges), "wrong_kinds": wrong}


if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    doors = {"run": run, "pairs": judged}
    print(json.dumps(doors[sys.argv[1]](*map(int, sys.argv[2:]))))

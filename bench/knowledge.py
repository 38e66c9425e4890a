"""How long does it take to find the article that answers, among ten thousand, with misspelt words and without?

Baseline: one full text statement over the same index by bare psycopg, prepared, in turns with ours.
"""

from __future__ import annotations

import json
from typing import Any

from bench.frame import say
from bench.rig import rig


def measure(articles: int = 10_000, tries: int = 300) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: `tries` questions of each kind among this many articles."""
    with rig() as running:
        say(f"writing and publishing {articles:,} articles")
        found = json.loads(running.run("bench.asked", str(articles), str(tries)).splitlines()[-1])
    ours, bare = found["ours"], found["bare"]
    return {
        "figure": "knowledge.find of any kind of question, p95",
        "value": ours["p95_ms"],
        "unit": "ms",
        "baseline": bare["p95_ms"],
        "ratio": round(ours["p95_ms"] / bare["p95_ms"], 2),
        "cpu_ms": ours["cpu_ms"],
        "detail": {"articles": articles, "aim_p95_ms": 30, **found},
    }

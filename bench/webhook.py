"""How many webhooks a second are acknowledged, and how late? Signature check and commit included, durable disk.

Baseline: a bare ASGI callable under the same server that inserts the body in a row, batched like ours (`bench.bare`).
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bench import bodies
from bench.rig import Rig, percentile, rig, rounded, spent
from config import processes

CONNECTIONS = 64
SECONDS_PACED = 6


def measure(count: int = 12000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it; `count` webhooks at full speed, then some seconds at 50 a second."""
    with rig() as running:
        running.run("bench.channel", "http://127.0.0.1:9")
        running.start("live")
        ours = _fast(running, "live", int(running.stack.url.rsplit(":", 1)[1]), count)
        paced = _shoot(running, int(running.stack.url.rsplit(":", 1)[1]), 50 * SECONDS_PACED, rate=50)
        port = processes.free_port()
        running.serve("bare", "bench.bare:application", port)
        bare = _fast(running, "bare", port, count)
    at_50 = {"p50_ms": percentile(paced["latencies"], 0.5), "p99_ms": percentile(paced["latencies"], 0.99)}
    return {
        "figure": "webhooks acknowledged, signature checked and committed",
        "value": round(ours["rate"]),
        "unit": "webhooks/s",
        "baseline": round(bare["rate"]),
        "ratio": round(ours["rate"] / bare["rate"], 2),
        "cpu_ms": round(ours["cpu_ms"], 3),
        "detail": {"ours": rounded(ours), "bare": rounded(bare), "at_50_per_second": rounded(at_50)},
    }


def _fast(running: Rig, program: str, port: int, count: int) -> dict[str, Any]:
    _shoot(running, port, 500)
    before = running.cpu()
    shot = _shoot(running, port, count)
    taken = spent(before, running.cpu())
    per = {f"{name}_cpu_ms": taken[name] / count * 1000 for name in (program, "postgres")}
    return {
        "rate": count / shot["seconds"],
        "p50_ms": percentile(shot["latencies"], 0.5),
        "p99_ms": percentile(shot["latencies"], 0.99),
        "cpu_ms": sum(per.values()),
        **per,
    }


def _shoot(running: Rig, port: int, count: int, rate: float = 0) -> dict[str, Any]:
    texts = [bodies.message(f"4670{n % 5000:07}", "good morning, where is my chair?") for n in range(count)]
    given = {"port": port, "path": bodies.PATH, "connections": CONNECTIONS, "rate": rate, "secret": bodies.SECRET}
    shot: dict[str, Any] = json.loads(running.run("bench.shooter", given=json.dumps({**given, "bodies": texts})))
    if set(shot["statuses"]) != {"200"}:
        raise RuntimeError(f"not all were acknowledged: {shot['statuses']}")
    return shot


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

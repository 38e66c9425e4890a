"""Does every agent's screen show each message at once? 500 screens in 25 queues, 20 customer messages a second.

All processes run, messages come by the real webhook door. Each agent watches a conversation of their own, and has the
rows of one or two teams: a message is one frame for its thread and one for the list of about thirty colleagues.
Baseline: a bare server under the same ASGI server that turns a POST into as many frames, without storing anything.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from bench.frame import say
from bench.live import audience, settle
from bench.rig import Rig, percentile, rig, rounded, spent
from config import processes

AIM_P99, WARM = 500, 5
BARE_SECONDS = 20  # it keeps no state that could fill up
SETTLE = 5.0  # seconds over which the cost of doing nothing with all screens open is measured


def measure(agents: int = 500, queues: int = 25, rate: int = 20, seconds: int = 60) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: so many screens, and so many messages a second."""
    with rig() as running:
        running.run("bench.channel", "http://127.0.0.1:9")
        say(f"{agents} agents of {queues} queues come to work")
        teams = json.loads(running.run("bench.teams", str(agents), str(queues)).splitlines()[-1])
        running.start("live", "worker", "celery", "beat")
        ours = _watched(running, teams, running.stack.url, rate, seconds)
        for name in ("live", "worker", "celery", "beat"):
            running.started.pop(name).stop()
        port = processes.free_port()
        running.serve("bare", "bench.bare_sockets:application", port)
        bare = _watched(running, teams, f"http://127.0.0.1:{port}", rate, min(seconds, BARE_SECONDS), is_bare=True)
    return {
        "figure": f"webhook to all screens concerned, p99 at {rate} messages/s with {agents} agents in {queues} queues",
        "value": ours["p99_ms"],
        "unit": "ms",
        "baseline": bare["p99_ms"],
        "ratio": round(ours["p99_ms"] / bare["p99_ms"], 1),
        "cpu_ms": ours["cpu_ms"],
        "detail": {"aim_p99_ms": AIM_P99, "ours": ours, "bare": bare},
    }


def _watched(
    running: Rig, teams: dict[str, Any], origin: str, rate: int, seconds: int, *, is_bare: bool = False
) -> dict[str, Any]:
    """What the screens showed at this origin, and what it cost beyond doing nothing."""
    port = int(origin.rsplit(":", 1)[1])
    given = {**teams, "origin": origin, "port": port, "bare": is_bare}
    with audience(running, given, "bench.onlookers") as ask:
        if not is_bare:
            settle(running)
        ask("inbound", WARM, WARM)
        idle = _idle(running)
        say(f"{rate} messages a second for {seconds} s")
        before = running.cpu()
        shown = ask("inbound", rate, rate * seconds)
        taken = spent(before, running.cpu())
    if any(shown["lost"].values()) or shown["closed"] or shown["strangers"]:
        say(f"lost {shown['lost']}, closed sockets by code {shown['closed']}, strangers {shown['strangers']}")
    return _told(shown, taken, idle, rate * seconds)


def _idle(running: Rig) -> dict[str, float]:
    before, began = running.cpu(), time.perf_counter()
    time.sleep(SETTLE)
    wall = time.perf_counter() - began
    return {name: took / wall for name, took in spent(before, running.cpu()).items()}


def _told(shown: dict[str, Any], taken: dict[str, float], idle: dict[str, float], count: int) -> dict[str, Any]:
    """Latencies of all screens, of threads and of rows; losses; CPU a message beyond doing nothing, and altogether."""
    per = {name: (taken[name] - idle.get(name, 0.0) * shown["seconds"]) * 1000 / count for name in taken}
    everything = sorted(shown["thread"] + shown["row"]) or [float("nan")]
    return rounded(
        {
            "p50_ms": percentile(everything, 0.5),
            "p99_ms": percentile(everything, 0.99),
            "max_ms": everything[-1],
            "thread_p99_ms": percentile(shown["thread"] or [float("nan")], 0.99),
            "row_p99_ms": percentile(shown["row"] or [float("nan")], 0.99),
            "lost": shown["lost"],
            "strangers": shown["strangers"],
            "sockets_closed": shown["closed"],
            "shown": len(everything),
            "frames_a_message": shown["frames"] / count,
            "octets_a_frame": shown["octets"] / max(shown["frames"], 1),
            "cpu_ms": sum(per.values()),
            "cpu_ms_by_process": rounded(per, 2),
            "idle_cpu_ms_a_second": rounded({name: took * 1000 for name, took in idle.items()}, 1),
            "cores_used": sum(taken.values()) / shown["seconds"],
        },
        2,
    )


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

"""How soon is a message on the screen? Webhook to the agent's, agent's reply to the customer's, with 200 sockets open.

All processes run; half of the sockets are agents' of one team, half are widgets. Baseline: a bare server under the same
ASGI server that turns a POST into the same number of frames, without storing anything.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.frame import say
from bench.rig import ROOT, Rig, percentile, rig, rounded, spent
from config import processes

RATES = (10, 50)  # messages a second: idle, busy
KINDS = ("inbound", "reply")
SETTLE = 3.0  # seconds over which the cost of doing nothing is measured


def measure(sockets: int = 200, seconds: int = 6) -> dict[str, Any]:
    """The figure as `bench.frame` prints it; each rate and direction for so many seconds."""
    with rig() as running:
        running.run("bench.channel", "http://127.0.0.1:9")
        origin = running.stack.url
        crowd = json.loads(running.run("bench.crowd", str(sockets // 2), origin).splitlines()[-1])
        running.start("live", "worker", "celery", "beat")
        port = int(origin.rsplit(":", 1)[1])
        with audience(running, {**crowd, "port": port, "origin": origin, "bare": False}) as ask:
            settle(running)
            idle, ours = _played(running, ask, seconds)
        for name in ("worker", "celery", "beat"):
            running.started.pop(name).stop()
        port = processes.free_port()
        running.serve("bare", "bench.bare_sockets:application", port)
        with audience(running, {**crowd, "port": port, "origin": f"http://127.0.0.1:{port}", "bare": True}) as ask:
            _, bare = _played(running, ask, seconds)
    first = f"inbound_at_{RATES[0]}"
    return {
        "figure": f"webhook to the agent's screen, p50 at {RATES[0]} messages/s with {sockets} sockets",
        "value": ours[first]["p50_ms"],
        "unit": "ms",
        "baseline": bare[first]["p50_ms"],
        "ratio": round(ours[first]["p50_ms"] / bare[first]["p50_ms"], 1),
        "cpu_ms": ours[f"inbound_at_{RATES[1]}"]["cpu_ms"],
        "detail": {"aim_p50_ms": 50, "aim_p99_ms": 200, "idle_cpu_ms_a_second": idle, "ours": ours, "bare": bare},
    }


def _played(running: Rig, ask: Any, seconds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """What doing nothing costs in a second, and each direction at each rate."""
    ask("inbound", 5, 5)
    ask("reply", 5, 5)
    before, began = running.cpu(), time.perf_counter()
    time.sleep(min(SETTLE, seconds))
    wall = time.perf_counter() - began
    idle = {name: taken / wall * 1000 for name, taken in spent(before, running.cpu()).items()}
    found = {f"{kind}_at_{rate}": _phase(running, ask, idle, kind, rate, seconds) for rate in RATES for kind in KINDS}
    return rounded(idle, 1), found


def settle(running: Rig) -> None:
    """Waits until the programs have started up: a second in which nobody takes much of the processor."""
    for _ in range(30):
        before = running.cpu()
        time.sleep(1)
        if spent(before, running.cpu())["celery"] < 0.05:
            return


def _phase(running: Rig, ask: Any, idle: dict[str, float], kind: str, rate: int, seconds: int) -> dict[str, Any]:
    """Latencies, frames, and CPU per message beyond what doing nothing costs."""
    say(f"{kind} at {rate}/s")
    count, before = rate * seconds, running.cpu()
    shown = ask(kind, rate, count)
    if shown["missing"] or shown["closed"]:
        say(f"{shown['missing']} of {count} did not arrive, closed sockets by code: {shown['closed']}")
        for child in running.started.values():
            say(f"{child.name} said: {' | '.join(list(child.tail)[-4:])}")
    taken = spent(before, running.cpu())
    per = {name: (taken[name] * 1000 - idle.get(name, 0.0) * shown["seconds"]) / count for name in taken}
    latencies = shown["latencies"] or [float("nan")]
    return rounded(
        {
            "p50_ms": percentile(latencies, 0.5),
            "p99_ms": percentile(latencies, 0.99),
            "missing": shown["missing"],
            "sockets_closed": shown["closed"],
            "frames_a_message": shown["frames"] / count,
            "octets_a_frame": shown["octets"] / max(shown["frames"], 1),
            "cpu_ms": sum(per.values()),
            "cpu_ms_by_process": rounded(per, 2),
        },
        2,
    )


@contextmanager
def audience(running: Rig, given: dict[str, Any], module: str = "bench.audience") -> Iterator[Any]:
    """The sockets in a process of their own; gives a function that plays messages to them."""
    command = [sys.executable, "-m", module]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdin is not None and process.stdout is not None
    words, answers = process.stdin, process.stdout

    def tell(what: dict[str, Any]) -> dict[str, Any]:
        words.write(json.dumps(what) + "\n")
        words.flush()
        answer = answers.readline()
        if not answer:
            raise RuntimeError("the audience has left")
        found: dict[str, Any] = json.loads(answer)
        return found

    try:
        opened = tell(given)["ready"]
        say(f"{opened} sockets are open")
        yield lambda kind, rate, count: tell({"kind": kind, "rate": rate, "count": count})
    finally:
        words.close()
        process.terminate()
        process.wait()


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

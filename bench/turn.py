"""What does a whole turn cost? Webhook in, identity, journey step, replies accepted; CPU of all processes.

Everybody walks the demo journey: a greeting that makes a new customer, a choice, a number, a free text. The provider
and the sender of the webhooks stand outside. `detail` tells who takes the time: processes, and packages in the worker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from bench import bodies
from bench.rig import ROOT, Rig, rig, rounded, spent

SAID = ("hi", "1", "400", "good for my back")
LEFT = """
SELECT (SELECT count(*) FROM channels_app_inboundevent WHERE state <> 'done')
     + (SELECT count(*) FROM conversations_delivery WHERE state IN ('queued', 'sending'))
"""


def measure(people: int = 150) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: `people` times four turns."""
    turns = people * len(SAID)
    with provider() as port, rig() as running:
        running.run("bench.channel", f"http://127.0.0.1:{port}")
        running.start("live", "worker")
        _walk(running, range(9000, 9010))
        taken_before = accepted(port)
        before, began = running.cpu(), time.perf_counter()
        _walk(running, range(people))
        wall = time.perf_counter() - began
        taken = spent(before, running.cpu())
        replies = accepted(port) - taken_before
        profile = _profile(running)
        bare = json.loads(running.run("bench.bare_turn", str(people), str(port)))["cpu_ms"]
    cpu_ms = sum(taken.values()) / turns * 1000
    by_process = {name: seconds / turns * 1000 for name, seconds in taken.items()}
    return {
        "figure": "full turns, webhook in to replies accepted",
        "value": round(turns / wall, 1),
        "unit": "turns/s",
        "baseline": round(bare, 2),
        "ratio": round(cpu_ms / bare, 2),
        "cpu_ms": round(cpu_ms, 2),
        "detail": {
            "turns": turns,
            "replies_per_turn": round(replies / turns, 2),
            "cpu_ms_by_process": rounded(by_process, 2),
            "baseline_is": "CPU ms of a turn of bare statements and requests; ratio = cpu_ms / baseline",
            "worker_ms_by_package": profile,
        },
    }


def _walk(running: Rig, numbers: range) -> None:
    """Each turn of everybody at once, and the next one when all replies are out: a loaded queue, in order."""
    for text in SAID:
        texts = [bodies.message(f"4670{n:07}", text) for n in numbers]
        _shoot(running, texts)
        _drain(running)


def _shoot(running: Rig, texts: list[str]) -> None:
    port = int(running.stack.url.rsplit(":", 1)[1])
    given = {"port": port, "path": bodies.PATH, "connections": 16, "rate": 0, "secret": bodies.SECRET, "bodies": texts}
    shot = json.loads(running.run("bench.shooter", given=json.dumps(given)))
    if set(shot["statuses"]) != {"200"}:
        raise RuntimeError(f"not all were acknowledged: {shot['statuses']}")


def _drain(running: Rig) -> None:
    with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as link:
        deadline = time.monotonic() + 120
        while _one(link, LEFT)[0]:
            if time.monotonic() > deadline:
                raise RuntimeError("the worker does not finish")
            time.sleep(0.02)


def _one(link: psycopg.Connection[Any], query: str) -> Any:
    return link.execute(query).fetchone()  # type: ignore[call-overload]  # one of the constants above


def _profile(running: Rig) -> dict[str, float]:
    """A second crowd, drained under the profiler in a process of its own: ms a turn in each package's own code."""
    running.started.pop("worker").stop()
    for n in range(40):
        _shoot(running, [bodies.message(f"4671{n:07}", "hi")])
    found: dict[str, float] = json.loads(running.run("bench.profile").splitlines()[-1])
    return found


def accepted(port: int) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/") as answer:
        return int(answer.read())


@contextmanager
def provider() -> Iterator[int]:
    """The stub in a process of its own; gives its port."""
    running = subprocess.Popen([sys.executable, "-m", "bench.provider"], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert running.stdout is not None
        yield int(running.stdout.readline())
    finally:
        running.terminate()
        running.wait()


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

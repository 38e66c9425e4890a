"""How fast do messages leave over each channel, next to a bare keep-alive client? One account, many people, one worker.

The worker's sender claims, opens, renders, calls the adapter and writes each outcome, every commit on disk; the bare
client posts as many bodies to the same provider and does nothing else. Headline: the channel with the lowest ratio.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bench import outgoing
from bench.frame import say
from bench.rig import Rig, rig, rounded
from bench.turn import provider


def measure(messages: int = 600) -> dict[str, Any]:
    """The figure as `bench.frame` prints it; `messages` of each kind of channel."""
    with provider() as port, rig() as running:
        found = {kind: _of(running, port, kind, messages) for kind in outgoing.KINDS}
    kind = min(found, key=lambda name: float(found[name]["ratio"]))
    worst = found[kind]
    return {
        "figure": f"sends of one account, the slowest channel ({kind}) against a bare keep-alive client",
        "value": round(worst["ours"]["rate"]),
        "unit": "sends/s",
        "baseline": round(worst["bare"]["rate"]),
        "ratio": worst["ratio"],
        "cpu_ms": round(worst["ours"]["cpu_ms"], 2),
        "detail": {name: _line(one) for name, one in found.items()},
    }


def _of(running: Rig, port: int, kind: str, messages: int) -> dict[str, Any]:
    say(f"{kind}: {messages} messages")
    answer = running.run("bench.outgoing", kind, str(messages), str(port)).splitlines()[-1]
    found: dict[str, Any] = json.loads(answer)
    return {**found, "ratio": round(found["ours"]["rate"] / found["bare"]["rate"], 2)}


def _line(one: dict[str, Any]) -> dict[str, Any]:
    return {"ours": rounded(one["ours"], 2), "bare": rounded(one["bare"], 2), "ratio": one["ratio"]}


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))

"""What does it cost to read an event: split a webhook's body and parse what the inbox would store?

Baseline: reading the same bytes as JSON (a form as a form), in turns with ours. Signature and database are not in it.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import django

from bench import provided
from bench.frame import say

LEADING = "whatsapp"  # the figure; the others are in the detail
TURNS = 5


def measure(events: int = 20_000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: so many events of each kind, in `TURNS` turns with the baseline."""
    django.setup()
    from channels_app import registry

    found: dict[str, dict[str, float]] = {}
    for kind in registry.kinds():
        if (body := provided.of(kind)) is not None:
            say(f"reading {events:,} events of {kind}")
            found[kind] = _of(registry, kind, body, max(events // TURNS, 1))
    leading = found[LEADING]
    return {
        "figure": f"cost of an event of {LEADING}: body split, stored event parsed",
        "value": leading["us"],
        "unit": "us",
        "baseline": leading["baseline_us"],
        "ratio": leading["ratio"],
        "cpu_ms": round(leading["us"] / 1000, 4),
        "detail": {"events_of_each": events, "aim_ratio": 10, "kinds": found},
    }


def _of(registry: Any, kind: str, body: bytes, count: int) -> dict[str, float]:
    """us of processor time per event; the best of the turns, for anything slower was somebody else's work."""
    adapter, account = registry.adapter(kind), registry.Account(kind, "106540352242922")
    type_ = b"application/json" if body[:1] == b"{" else b"application/x-www-form-urlencoded"
    request = registry.Request(body, {b"content-type": type_})

    def ours() -> int:
        read = [item for event in adapter.split(request).events for item in adapter.parse(event.raw, account)]
        return len(read)

    plain: Callable[[], Any] = (lambda: json.loads(body)) if body[:1] == b"{" else (lambda: parse_qsl(body))
    per_body = ours()
    turns = [(_took(ours, count) / per_body, _took(plain, count) / per_body) for _ in range(TURNS)]
    mine, bare = min(one for one, _ in turns), min(other for _, other in turns)
    said = {"us": round(mine, 2), "baseline_us": round(bare, 2), "ratio": round(mine / bare, 1), "bytes": len(body)}
    return said


def _took(work: Callable[[], Any], count: int) -> float:
    """us of processor time for one call."""
    gc.collect()
    began = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - began) / count * 1e6

"""Where does the worker's time go? Drains what waits under the profiler and prints ms an event by package, as JSON.

Own time only, so the parts add up; the profiler makes everything slower, so read the shares. With a word, prints the
fifty most expensive functions first.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import re
import sys
from collections import Counter

OURS = ("common", "customers", "conversations", "handover", "channels_app", "config")


def main() -> None:
    import django

    django.setup()
    from channels_app import delivery, ingest
    from channels_app.models import InboundEvent

    ingest.drain(1)
    count = InboundEvent.objects.filter(state="pending").count()
    profiler = cProfile.Profile()
    profiler.enable()
    while ingest.drain():
        pass
    while delivery.send_due():
        pass
    profiler.disable()
    stats = pstats.Stats(profiler)
    if sys.argv[1:]:
        stats.sort_stats(sys.argv[1]).print_stats(60)
    print(json.dumps(by_package(stats, max(count, 1))))


def by_package(stats: pstats.Stats, count: int) -> dict[str, float]:
    """Milliseconds of own time an event, the dearest package first."""
    spent: Counter[str] = Counter()
    for (path, _, name), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]  # not in the stubs
        spent[package(path, name)] += own * 1000 / count
    return {name: round(value, 3) for name, value in spent.most_common(14)}


def package(path: str, name: str) -> str:
    """The first-party app or the library that a function belongs to."""
    if path == "~":
        return "waiting" if "acquire" in name or "select" in name or "poll" in name else "built-ins"
    if found := re.search(r"site-packages/([a-z_0-9]+)(?:/([a-z]+))?", path):
        return ".".join(filter(None, found.groups())) if found.group(1) == "django" else found.group(1)
    ours = next((part for part in path.split("/") if part in OURS), None)
    return ours or "python"


if __name__ == "__main__":
    main()

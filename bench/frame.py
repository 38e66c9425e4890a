"""Which figures can be measured, and how is one asked for? Its name, and its sizes; the answer is one line of JSON."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import signal
import sys
from collections.abc import Callable
from typing import Any

Measure = Callable[..., dict[str, Any]]

# What each figure is asked for with `--quick`: enough to see that it runs, too little to believe.
QUICK: dict[str, dict[str, int]] = {
    "webhook": {"count": 200},
    "turn": {"people": 3},
    "live": {"sockets": 8, "seconds": 1},
    "pages": {"count": 200},
    "resolve": {"rows": 2000, "tries": 50},
    "merge": {"rows": 200, "messages": 500, "tries": 5, "people": 40, "threads": 4, "histories": 3},
    "timeline": {"rows": 200, "messages": 500, "members": 20, "tries": 10},
    "inbox": {"rows": 500, "messages": 5000, "tries": 3},
    "search": {"rows": 500, "messages": 5000, "tries": 16},
    "suggest": {"rows": 2000, "tries": 5, "pairs": 60},
    "parse": {"events": 50},
    "knowledge": {"articles": 300, "tries": 10},
    "send": {"messages": 30},
    "import": {"rows": 1000},
    "erase": {"messages": 300},
    "timers": {"runs": 30},
    "burst": {"webhooks": 200, "seconds": 2, "people": 40},
    "engine": {"rounds": 20, "lints": 2},
    "routing": {"conversations": 100, "agents": 25},
    "fanout": {"agents": 10, "queues": 3, "rate": 5, "seconds": 2},
}
MODULES = {"import": "mapping"}  # a word of the language is no name for a module
KEYS = ("figure", "value", "unit", "baseline", "ratio", "cpu_ms", "detail")


def main(words: list[str]) -> int:
    """Prints the list, or measures; returns the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped and removed
    parser = argparse.ArgumentParser(prog="bench", description="Measures one figure against its bare baseline.")
    parser.add_argument("--list", action="store_true", help="name the figures")
    named = parser.add_subparsers(dest="name", metavar="NAME")
    for name in QUICK:
        _add(named.add_parser(name, help=about(name)), name)
    given = vars(parser.parse_args(words))
    name, is_list = given.pop("name"), given.pop("list")
    if is_list or not name:
        print("\n".join(f"{known:<10}{about(known)}" for known in QUICK))
        return 0 if is_list else 2
    is_quick = given.pop("quick")
    sizes = {size: value for size, value in given.items() if value is not None}
    found = measure(name, **({**QUICK[name], **sizes} if is_quick else sizes))
    print(json.dumps({key: found[key] for key in KEYS}))
    return 0


def about(name: str) -> str:
    """The question that a figure answers, as its module says it."""
    return (_module(name).__doc__ or "").strip().splitlines()[0]


def measure(name: str, **sizes: int) -> dict[str, Any]:
    """The figure, measured with these sizes."""
    function: Measure = _module(name).measure
    return function(**sizes)


def say(text: str) -> None:
    """Tells who waits how far it is."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _add(parser: argparse.ArgumentParser, name: str) -> None:
    """One option for each size that the figure's `measure` takes."""
    parser.add_argument("--quick", action="store_true", help="the smallest sizes: to see that it runs")
    for size in inspect.signature(_module(name).measure).parameters.values():
        parser.add_argument(f"--{size.name.replace('_', '-')}", type=int, help=f"{size.default} if not given")


def _module(name: str) -> Any:
    return importlib.import_module(f"bench.{MODULES.get(name, name)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

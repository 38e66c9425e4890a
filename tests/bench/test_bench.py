"""Can every figure be named and measured? In the smallest size; what a figure says is read, not judged."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from bench import frame

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 280  # what is promised is that it ends: a machine busy with other work takes its time
pytestmark = pytest.mark.timeout(SECONDS + 20)
# These start every process and take a minute each: `BENCH_SMOKE=all ./bin/test tests/bench` tries them, too.
LONG = frozenset({"live", "burst", "turn", "send", "timers", "merge", "suggest", "pages", "fanout"})
long = pytest.mark.skipif(os.environ.get("BENCH_SMOKE") != "all", reason="takes a minute: BENCH_SMOKE=all")
PROMISED = {"webhook", "turn", "live", "resolve", "merge", "timeline", "suggest"}


@cache
def asked(*words: str) -> subprocess.CompletedProcess[str]:
    """What `./bin/bench` runs, with servers of its own whatever this test has."""
    own = ("DATABASE_URL", "REDIS_URL", "THROUGHLINE_DATA", "ALLOW_UNSAFE_DATABASE", "SANDBOX")
    known = {name: value for name, value in os.environ.items() if name not in own}
    command = [sys.executable, "-m", "bench.frame", *words]
    given = {**known, "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_the_list_names_every_figure_with_its_question() -> None:
    listed = asked("--list")
    lines = listed.stdout.splitlines()
    assert listed.returncode == 0
    assert {line.split()[0] for line in lines} == set(frame.QUICK) >= PROMISED
    assert all("?" in line for line in lines)


def test_every_module_that_measures_is_on_the_list() -> None:
    modules = [path.stem for path in (ROOT / "bench").glob("*.py") if "\ndef measure(" in path.read_text()]
    figures = [name for name in modules if name not in ("frame", "lookups")]
    assert sorted(figures) == sorted(frame.MODULES.get(name, name) for name in frame.QUICK)
    assert all(callable(importlib.import_module(f"bench.{name}").measure) for name in figures)


def test_an_unknown_figure_is_refused_and_the_known_ones_are_named() -> None:
    refused = asked("horsepower")
    assert refused.returncode == 2
    assert all(name in refused.stderr for name in PROMISED)


@pytest.mark.faults
@pytest.mark.parametrize("name", [pytest.param(name, marks=long if name in LONG else ()) for name in frame.QUICK])
def test_a_figure_ends_with_one_json_object_and_its_ratio(name: str) -> None:
    measured = asked(name, "--quick")
    assert measured.returncode == 0, measured.stderr[-2000:]
    found = json.loads(measured.stdout.splitlines()[-1])
    assert list(found) == list(frame.KEYS)
    assert found["value"] > 0
    assert found["baseline"] > 0
    assert found["ratio"] > 0


@long
@pytest.mark.faults
def test_every_message_of_the_smallest_live_run_arrived_and_no_socket_was_closed() -> None:
    found = json.loads(asked("live", "--quick").stdout.splitlines()[-1])["detail"]
    phases = [*found["ours"].values(), *found["bare"].values()]
    assert len(phases) == 8
    assert [phase["missing"] for phase in phases] == [0] * 8
    assert [phase["sockets_closed"] for phase in phases] == [{}] * 8


@long
@pytest.mark.faults
def test_every_screen_of_the_smallest_fanout_showed_everything_it_may_see_and_nothing_else() -> None:
    found = json.loads(asked("fanout", "--quick").stdout.splitlines()[-1])["detail"]
    for side in (found["ours"], found["bare"]):
        assert set(side["lost"].values()) == {0}
        assert (side["strangers"], side["sockets_closed"]) == (0, {})
    assert found["ours"]["shown"] == found["bare"]["shown"] > 10

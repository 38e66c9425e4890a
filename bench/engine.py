"""What does a turn of the pure engine cost, and how long does the linter take for a large journey?

Baseline: the same answers through the least that could be called a state machine: a copy of the values, and a dict of
what follows. Lint and loading stand in the detail, each beside its own baseline.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from bench.frame import say
from conversations.journeys import definition, engine, expressions, interpret, lint, loader, matching, templates
from conversations.journeys.definition import Definition
from conversations.journeys.state import Context, Given, Heard, RunState

BEGAN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PLACE = Context(place="web/visitor", customer={"first_name": "Ana"})
ASKS = 10  # questions in a journey of 50 steps: every fifth one waits, as in the library
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ask", {"expect": {"kind": "number", "min": 1, "max": 5000}, "resume": "We were at an amount."}),
    ("menu", {"options": [{"id": f"o{n}", "label": f"Option {n}"} for n in range(4)], "resume": "At a choice."}),
)


def measure(rounds: int = 300, lints: int = 10) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: so many walks through 50 steps, so many looks at 200 steps."""
    version = definition.compile(_data(50))
    say(f"{rounds} walks through {len(version.steps)} steps")
    step_us, turn_us, bare_us = _walks(version, rounds)
    say(f"{lints} looks at 200 steps")
    median = statistics.median(step_us)
    baseline = statistics.median(bare_us)
    return {
        "figure": "engine.step in a journey of 50 steps, median",
        "value": round(median, 1),
        "unit": "us",
        "baseline": round(baseline, 2),
        "ratio": round(median / baseline, 1),
        "cpu_ms": round(median / 1000, 4),
        "detail": {
            "aim_us": 50,
            "steps": len(version.steps),
            "turns": len(step_us),
            "steps_per_turn": round(50 / (ASKS + 1), 1),
            "step_p99_us": round(_p99(step_us), 1),
            "interpret_and_step_us": round(statistics.median(turn_us), 1),
            **_reading(lints),
        },
    }


def _walks(version: Definition, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Microseconds of each step, of each step with the meaning of its words, and of each bare step."""
    steps: list[float] = []
    turns: list[float] = []
    bare: list[float] = []
    follows = {step.id: step.next for step in version.steps.values()}
    for number in range(rounds):
        now = BEGAN + timedelta(hours=number)
        run = engine.start(version, now, PLACE, run_id="r").run
        while run.status == "waiting":
            heard = Heard(_answer(version, run), now, channel="web", endpoint="visitor")
            began = time.perf_counter_ns()
            given: Given = interpret.interpret(version, run, heard, PLACE)
            understood = time.perf_counter_ns()
            after = engine.step(version, run, given, now, PLACE).run
            ended = time.perf_counter_ns()
            bare.append(_bare(follows, run, heard.text))
            steps.append((ended - understood) / 1000)
            turns.append((ended - began) / 1000)
            run = after
    return steps, turns, bare


def _answer(version: Definition, run: RunState) -> str:
    return "400" if version.steps[run.step_id].type == "ask" else "2"


def _bare(follows: dict[str, str | None], run: RunState, text: str) -> float:
    """Microseconds of: keep the answer in a copy, go on to the next five steps."""
    began = time.perf_counter_ns()
    values = {**run.vars, run.step_id: text}
    place: str | None = run.step_id
    for _ in range(5):
        place = follows[place] if place else None
    state = (place, values, run.seq + 1)
    return (time.perf_counter_ns() - began) / 1000 if state else 0.0


def _reading(lints: int) -> dict[str, Any]:
    """Milliseconds: lint of 200 steps, with nothing remembered and once more; reading the text, ours and PyYAML's."""
    data = json.loads(json.dumps(_data(200)))  # nothing shared, so that the text has no anchors
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    found = lint.check(text).errors
    assert not found, found
    first = [_ms(lambda: lint.lint(data), forget=True) for _ in range(lints)]
    again = [_ms(lambda: lint.lint(data)) for _ in range(lints)]
    bare = [_ms(lambda: json.loads(definition.canonical(data))) for _ in range(lints)]
    ours = [_ms(lambda: loader.load(text)) for _ in range(lints)]
    theirs = [_ms(lambda: yaml.safe_load(text)) for _ in range(lints)]
    lint_ms, load_ms = statistics.median(first), statistics.median(ours)
    return {
        "lint_200_steps_ms": round(lint_ms, 1),
        "lint_aim_ms": 50,
        "lint_again_ms": round(statistics.median(again), 1),
        "lint_baseline_is": "the same data written as canonical JSON and read back",
        "lint_ratio": round(lint_ms / statistics.median(bare), 1),
        "load_200_steps_ms": round(load_ms, 1),
        "load_pyyaml_ms": round(statistics.median(theirs), 1),
        "text_kib": round(len(text.encode()) / 1024, 1),
    }


def _ms(work: Callable[[], Any], *, forget: bool = False) -> float:
    if forget:
        for remembered in (expressions.compile, expressions.reads, templates.compile, matching.normal):
            remembered.cache_clear()
    began = time.thread_time()  # nothing waits here: processor time, whatever else the machine does
    work()
    return (time.thread_time() - began) * 1000


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _data(count: int) -> dict[str, Any]:
    """A journey of so many steps: groups of a question, a computed value, a branch and two sentences."""
    steps: list[dict[str, Any]] = []
    for group in range((count - 1) // 5):
        steps += _group(group)
    steps += [{"id": f"say{n}", "type": "message", "text": f"Sentence {n}."} for n in range(count - len(steps) - 1)]
    return {"journey": "bench", "title": "Bench", "steps": [*steps, {"id": "bye", "type": "end", "text": "Bye."}]}


def _group(number: int) -> list[dict[str, Any]]:
    kind, own = KINDS[number % len(KINDS)]
    asked, kept = f"q{number}", f"kept{number}"
    most = "4999" if kind == "ask" else "'o3'"
    sure = {"if": f"vars.{asked} == {most} or customer.tier == 'gold'", "next": f"told{number}"}
    return [
        {"id": asked, "type": kind, "title": f"Question {number}", "text": "Well, {{ customer.first_name }}?", **own},
        {"id": f"set{number}", "type": "set", "set": {f"vars.{kept}": f"= vars.{asked}"}},
        {"id": f"gate{number}", "type": "branch", "cases": [sure], "else": f"heard{number}"},
        {"id": f"told{number}", "type": "message", "text": f"Gold: {{{{ vars.{kept} }}}}."},
        {"id": f"heard{number}", "type": "message", "text": f"You said {{{{ vars.{asked} }}}}.", "if": "true"},
    ]

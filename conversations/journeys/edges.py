"""Where can each step lead? The graph behind lint and the drawing of a journey, on data as authored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
ENDS = frozenset({"end", "handover"})


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one step to another; `label` names it, `path` is where it is written, relative to the step."""

    source: str
    target: str
    label: str
    path: Path = ()


def edges(step: Mapping[str, Any], following: str | None) -> list[Edge]:
    """Every way out of a step; `following` is the step after it, the default of `next`."""
    kind, source = step["type"], step["id"]
    found = [Edge(source, step[name], name, (name,)) for name in ("on_invalid", "else") if name in step]
    if "timeout" in step:
        found.append(Edge(source, step["timeout"]["next"], "timeout", ("timeout", "next")))
    for number, option in enumerate(step.get("options", ())):
        if "next" in option:
            found.append(Edge(source, option["next"], option["id"], ("options", number, "next")))
    for number, case in enumerate(step.get("cases", ())):
        found.append(Edge(source, case["next"], f"case {number + 1}", ("cases", number, "next")))
    for name, target in step.get("on", {}).items():
        found.append(Edge(source, target, name, ("on", name)))
    if "next" in step:
        found.append(Edge(source, step["next"], "next", ("next",)))
    elif following is not None and _goes_on(step, kind):
        found.append(Edge(source, following, "next"))
    return found


def _goes_on(step: Mapping[str, Any], kind: str) -> bool:
    if "if" in step or "once" in step:
        return True
    if kind == "menu":
        return any("next" not in option for option in step["options"])
    if kind in ("task", "journey"):
        return bool(step.get("background")) or "done" not in step.get("on", {})
    return kind not in ("branch", "end", "handover")


def graph(steps: Sequence[Mapping[str, Any]]) -> dict[str, list[Edge]]:
    """The ways out of every step, in the authored order; of a doubled id the first counts."""
    found: dict[str, list[Edge]] = {}
    for number, step in enumerate(steps):
        following = steps[number + 1]["id"] if number + 1 < len(steps) else None
        found.setdefault(step["id"], edges(step, following))
    return found


def reachable(graph: Mapping[str, Iterable[Edge]], starts: Iterable[str]) -> set[str]:
    """Every step that can be reached from these, the starts included."""
    seen: set[str] = set()
    waiting = [step for step in starts if step in graph]
    while waiting:
        step = waiting.pop()
        if step not in seen:
            seen.add(step)
            waiting += [edge.target for edge in graph[step] if edge.target in graph]
    return seen


def backwards(graph: Mapping[str, Iterable[Edge]]) -> dict[str, list[Edge]]:
    """The same graph with every way turned round."""
    turned: dict[str, list[Edge]] = {step: [] for step in graph}
    for ways in graph.values():
        for edge in ways:
            if edge.target in turned:
                turned[edge.target].append(Edge(edge.target, edge.source, edge.label))
    return turned


def waitless_cycle(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """The steps of a circle in which nothing waits for anything; empty if there is none.

    An `ask` is passed over when its answer is known, so it counts as a wait only with `ask: always` or `confirm`, or
    where some `set` clears its var. Requests, waits, journeys beneath and handovers wait, and so does a task, unless it
    is in the background.
    """
    cleared = {target for step in steps for target, value in step.get("set", {}).items() if value is None}
    ways = graph(steps)
    passing: dict[str, list[str]] = {}
    for step in steps:
        targets = _passing_targets(step, ways[step["id"]], cleared)
        passing.setdefault(step["id"], targets)
    left = set(passing)
    peeled = True
    while peeled:
        leads_back = {target for step in left for target in passing[step] if target in left}
        kept = {step for step in left if step in leads_back and any(target in left for target in passing[step])}
        peeled, left = kept != left, kept
    return [step["id"] for step in steps if step["id"] in left]


def _passing_targets(step: Mapping[str, Any], ways: Iterable[Edge], cleared: set[str]) -> list[str]:
    kind = step["type"]
    skipped = [edge.target for edge in ways if edge.label == "next"]
    if kind in ("message", "set", "branch"):
        return [edge.target for edge in ways]
    if kind == "ask":
        asked = step.get("ask", "missing") != "missing" or f"vars.{step.get('var', step['id'])}" in cleared
        return skipped if not asked or "if" in step else []
    if kind == "task" and step.get("background"):
        return skipped
    if kind == "menu" and ("if" in step or all("if" in option for option in step["options"])):
        return [edge.target for edge in ways if edge.label in ("next", "on_invalid")]
    return skipped if "if" in step or step.get("once") else []

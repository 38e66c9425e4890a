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
    is in the background. `until: business_hours` is over at once while the team is there, so it is no wait.
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


def followers(steps: Sequence[Mapping[str, Any]], spec: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The journeys that may follow (`then`) before anybody was asked or any time has passed; `spec` is that of `vars`.

    An `ask` whose answer is saved with the customer is passed over the next time, unless it is `ask: always`.
    """
    ways, by_id = graph(steps), {step["id"]: step for step in steps}
    found, seen, waiting = set(), set(), [steps[0]["id"]]
    while waiting:
        step = by_id.get(waiting.pop())
        if step is None or step["id"] in seen:
            continue
        seen.add(step["id"])
        found |= {step["then"]} if "then" in step else set()
        waiting += _unasked_targets(step, ways[step["id"]], spec)
    return frozenset(found)


def _unasked_targets(
    step: Mapping[str, Any], ways: Sequence[Edge], spec: Mapping[str, Mapping[str, Any]]
) -> Iterable[str]:
    if step["type"] == "request":  # answered within seconds
        return [edge.target for edge in ways]
    if step["type"] == "ask":
        saved = "save_to" in spec.get(step.get("var", step["id"]), {}) and step.get("ask", "missing") == "missing"
        return [edge.target for edge in ways if edge.label == "next"] if saved or "if" in step else []
    return _passing_targets(step, ways, set())


def _passing_targets(step: Mapping[str, Any], ways: Iterable[Edge], cleared: set[str]) -> list[str]:
    kind = step["type"]
    skipped = [edge.target for edge in ways if edge.label == "next"]
    if kind in ("message", "set", "branch"):
        return [edge.target for edge in ways]
    if kind == "ask":
        asked = step.get("ask", "missing") != "missing" or f"vars.{step.get('var', step['id'])}" in cleared
        return skipped if not asked or "if" in step else []
    if (kind == "wait" and "until" in step) or (kind == "task" and step.get("background")):
        return skipped
    if kind == "menu" and ("if" in step or all("if" in option for option in step["options"])):
        return [edge.target for edge in ways if edge.label in ("next", "on_invalid")]
    return skipped if "if" in step or step.get("once") else []

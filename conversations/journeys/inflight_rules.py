"""May a run go on in another version of its journey? Pure: the same step, the same wait, and all that it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.journeys import edges, expressions, rules_words, templates
from conversations.journeys.definition import Definition, Step, authored_options, canonical

# What the answer depends on, by type of step: a run whose step says something else here waits for something else.
WAITED_FOR = {
    "ask": ("expect", "var"),
    "menu": ("var", "paging"),
    "request": ("connection", "send"),
    "task": ("connection", "send", "background"),
    "wait": ("for", "until", "event"),
    "journey": ("run", "returns"),
    "handover": ("mode", "intake"),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """Where a run goes on in the new version, or (without a step) why it stays on its own."""

    step: str = ""
    reason: str = ""


def fate(step_id: str, known: Collection[str], old: Definition, new: Definition, rename: Mapping[str, str]) -> Fate:
    """What migrating means for a run that waits at `step_id` with these vars; `rename` maps old step ids to new."""
    target_id = rename.get(step_id, step_id)
    target, left = new.steps.get(target_id), old.steps.get(step_id)
    if target is None or left is None:
        return Fate(reason=f"the step {step_id} is gone")
    if target.type != left.type:
        return Fate(reason=f"the step {step_id} was of type {left.type} and is {target.type} now")
    if signature(target, target_id) != signature(left, step_id):
        return Fate(reason=f"the step {step_id} waits for something else now")
    lacking = sorted(needs(new, target_id, known))
    if lacking:
        return Fate(reason=f"from the step {step_id} on {', '.join(lacking)} must be known, and nothing asks for it")
    return Fate(step=target_id)


def signature(step: Step, called: str) -> str:
    """What the step waits for, as one text; equal for equal waits. A var that is named after its step follows it."""
    data = step.data
    found = {name: data[name] for name in WAITED_FOR.get(step.type, ()) if name in data}
    if found.get("var") == called:
        del found["var"]
    if step.type == "menu":
        found["options"] = [option["id"] for option in authored_options(step)]
    if step.type == "ask" and "expect" in data:
        kept = {name: value for name, value in data["expect"].items() if name != "choices"}
        found["expect"] = {**kept, "choices": [option["id"] for option in authored_options(step)]}
    return canonical({"type": step.type, **found})


def needs(version: Definition, start: str, known: Collection[str]) -> set[str]:
    """The vars that are read from this step on and that neither are known nor are set on any way to their reader."""
    steps = {step.id: step.data for step in version.steps.values()}
    ways = edges.graph(list(steps.values()))
    reached = edges.reachable(ways, [start])
    has = {name for name, spec in version.vars.items() if "default" in spec} | set(known)
    set_before = {step_id: set(has) for step_id in reached}
    for step_id in reached:
        own = set(_sets(steps[step_id]))
        for after in edges.reachable(ways, [edge.target for edge in ways[step_id]]) if own - has else ():
            set_before[after] |= own
    return {
        name
        for step_id in reached
        for name in _reads(steps[step_id])
        if name not in set_before[step_id] and not (step_id == start and name in _sets(steps[step_id]))
    }


def _reads(step: Mapping[str, Any]) -> Iterator[str]:
    for word in rules_words.words(step):
        for path in expressions.reads(word.text) if word.formula else templates.reads(word.text):
            root, _, name = path.partition(".")
            if root == "vars":
                yield name.split(".")[0]


def _sets(step: Mapping[str, Any]) -> Iterator[str]:
    if step["type"] in ("ask", "menu"):
        yield step.get("var", step["id"])
    for target in (*step.get("set", {}), *step.get("map", {}), *step.get("returns", {})):
        root, _, name = target.partition(".")
        if root == "vars":
            yield name

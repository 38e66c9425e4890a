"""Do texts, expressions and patterns hold, and is everything that they read known by then? Rules L8, L9, L13."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.journeys import edges, expressions, patterns, templates
from conversations.journeys.findings import Path, Problem, Subject


@dataclass(frozen=True, slots=True)
class Word:
    """One authored text of a step: a template, or an expression."""

    text: str
    path: Path
    formula: bool = False


def words(step: Mapping[str, Any]) -> Iterator[Word]:
    """Every text and expression of a step, with its path in the step."""
    for name in ("text", "title", "resume", "help", "progress"):
        if name in step:
            yield Word(step[name], (name,))
    if "if" in step:
        yield Word(step["if"], ("if",), formula=True)
    for index, text in enumerate(step.get("reprompt", ())):
        yield Word(text, ("reprompt", index))
    for part in ("card", "media"):
        yield from (Word(text, (part, name)) for name, text in step.get(part, {}).items())
    for part in ("set", "with"):
        yield from _values(step.get(part, {}), (part,))
    for part in ("send", "cancel"):
        yield from _of_send(step.get(part, {}), (part,))
    for name in ("skill", "referrer", "queue", "agent"):
        if name in step:
            yield _value(step[name], (name,))
    yield from _of_options(step)


def _of_options(step: Mapping[str, Any]) -> Iterator[Word]:
    for index, case in enumerate(step.get("cases", ())):
        yield Word(case["if"], ("cases", index, "if"), formula=True)
    lists: tuple[tuple[Path, Any], ...] = (
        (("options",), step.get("options", ())),
        (("expect", "choices"), step.get("expect", {}).get("choices", ())),
    )
    for path, options in lists:
        for index, option in enumerate(options):
            yield Word(option["label"], (*path, index, "label"))
            if "description" in option:
                yield Word(option["description"], (*path, index, "description"))
            if "if" in option:
                yield Word(option["if"], (*path, index, "if"), formula=True)


def _of_send(send: Mapping[str, Any], path: Path) -> Iterator[Word]:
    if "path" in send:
        yield Word(send["path"], (*path, "path"))
    for part in ("query", "body"):
        yield from _values(send.get(part), (*path, part))


def _values(value: Any, path: Path) -> Iterator[Word]:
    """The texts in a value of any depth (the loader bounds it)."""
    if isinstance(value, str):
        yield _value(value, path)
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _values(inner, (*path, key))


def _value(raw: str, path: Path) -> Word:
    return Word(raw[1:], path, formula=True) if raw.startswith("=") else Word(raw, path)


def problems(subject: Subject) -> Iterator[Problem]:
    """What does not compile (L8), what is read before it can be known (L9), what needs proof (L13)."""
    private = _private(subject)
    proven = subject.policy.get("requires", "none") != "none"
    known_at = _known_at(subject)
    for number, step in subject.numbered():
        yield from _pattern(step, number)
        is_proven = proven or step.get("requires", "none") != "none"
        for word, where in _with_translations(subject, step, number):
            flaw = _flaw(word)
            if flaw:
                yield Problem(
                    "L8", f"{where[-1]} of '{step['id']}': {flaw}", "Correct the expression or placeholder.", where
                )
                continue
            needed = expressions.reads(word.text) if word.formula else templates.reads(word.text)
            for path in sorted(needed):
                yield from _unknown(path, step, where, known_at)
            mentioned = needed if word.formula else templates.mentions(word.text)
            if not is_proven and any(path in private for path in mentioned):
                message = f"'{step['id']}' says personal data ({', '.join(sorted(mentioned & private))})"
                yield Problem("L13", message, "Set `requires: verified` on the step, or in `policy`.", where)


def _with_translations(subject: Subject, step: Mapping[str, Any], number: int) -> Iterator[tuple[Word, Path]]:
    for word in words(step):
        yield word, ("steps", number, *word.path)
    for language, key, text in subject.translated.get(step["id"], ()):
        yield Word(text, ()), ("translations", language, key)


def _flaw(word: Word) -> str:
    try:
        if word.formula:
            expressions.compile(word.text)
        else:
            templates.compile(word.text)
    except (expressions.ExpressionRefused, templates.TemplateRefused) as error:
        return str(error)
    return ""


def _pattern(step: Mapping[str, Any], number: int) -> Iterator[Problem]:
    pattern = step.get("expect", {}).get("pattern")
    where: Path = ("steps", number, "expect", "pattern")
    try:
        danger = patterns.danger(pattern) if pattern is not None else ""
    except patterns.PatternRefused as error:
        yield Problem("L8", f"the pattern of '{step['id']}' does not compile: {error}", "Correct the pattern.", where)
        return
    if danger:
        message = f"the pattern of '{step['id']}' may take for ever: {danger}"
        yield Problem("L8", message, "Repeat one thing at a time, like [a-z ]+ instead of ([a-z]+ ?)+.", where)


def _unknown(path: str, step: Mapping[str, Any], where: Path, known_at: Mapping[str, set[str]]) -> Iterator[Problem]:
    root, _, name = path.partition(".")
    known = known_at.get(step["id"], set())
    if root == "vars" and name.split(".")[0] not in known:
        message = f"'{step['id']}' reads {path}, which nothing before it has set"
        yield Problem("L9", message, "Ask for it first, or give the var a default.", where)
    if root == "task" and TASK not in known:
        message = f"'{step['id']}' reads {path}, but no task comes before it"
        yield Problem("L9", message, "Read it after a step of type task.", where)
    if root == "event" and EVENT not in known:
        message = f"'{step['id']}' reads {path}, but no event is waited for before it"
        yield Problem("L9", message, "Read it after a step of type wait with `event`.", where)


TASK, EVENT = "a task's report", "an event's data"  # no names of vars


def _known_at(subject: Subject) -> dict[str, set[str]]:
    """For each step what some path has set before it: vars, the report of a task, the data of an event."""
    graph = subject.graph
    defaults = {name for name, spec in subject.vars.items() if "default" in spec}
    known = {step: set(defaults) for step in graph}
    setters: dict[str, set[str]] = {}
    for step in subject.steps:
        for var in _sets(step):
            setters.setdefault(var, set()).add(step["id"])
    for var, ids in setters.items():
        after = [edge.target for step in ids for edge in graph[step]]
        for step_id in edges.reachable(graph, after):
            known[step_id].add(var)
    for step in subject.steps:
        if step["type"] == "task":
            known[step["id"]].add(TASK)  # its own progress
    return known


def _sets(step: Mapping[str, Any]) -> Iterator[str]:
    if step["type"] in ("ask", "menu"):
        yield step.get("var", step["id"])
    if step["type"] == "task":
        yield TASK
    if step["type"] == "wait" and "event" in step:
        yield EVENT
    for target, value in step.get("set", {}).items():
        if value is not None:
            yield from _var(target)
    for target in (*step.get("map", ()), *step.get("returns", ())):
        yield from _var(target)


def _var(target: str) -> Iterator[str]:
    root, _, name = target.partition(".")
    if root == "vars":
        yield name


def _private(subject: Subject) -> set[str]:
    marked = {spec["save_to"] for spec in subject.vars.values() if spec.get("pii") and "save_to" in spec}
    return marked | {f"customer.{name}" for name in subject.known.pii}

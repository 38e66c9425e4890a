"""Is each value of the kind that it is used as? Bounds, defaults and comparisons: type errors as far as they show."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from conversations.journeys import expressions, validators
from conversations.journeys.findings import Path, Problem, Subject
from conversations.journeys.rules_words import words

_OF_EXPECT = {"number": "number", "boolean": "boolean", "text": "text", "email": "text", "phone": "text"}
_COMPUTED = re.compile(r"\s*=|.*\{\{", re.DOTALL).match  # a formula, or a text with a placeholder
_PATTERNED = ("text", "email")
_BOUNDED = {"number": "a number", "text": "a whole number", "date": "a date like 2026-12-24, or today, or today+30d"}
_SOME_DAY = date(2026, 1, 1)  # bounds that count from today are compared as if it were this day
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


def problems(subject: Subject) -> Iterator[Problem]:
    """What is compared with, bounded by or preset to something of another kind."""
    for name, spec in subject.vars.items():
        if "default" in spec and _kind(spec["default"]) != _stored(spec.get("type", _kind(spec["default"]))):
            message = f"the default of '{name}' is no {spec['type']}"
            yield Problem("schema", message, "Correct the default or the type.", ("vars", name, "default"))
    for number, step in subject.numbered():
        if "expect" in step:
            yield from _expect(step, ("steps", number, "expect"))
        yield from _kept(subject, step, number)
    yield from _comparisons(subject)


def _kept(subject: Subject, step: Mapping[str, Any], number: int) -> Iterator[Problem]:
    """What is put into a var of another type: an answer, or a value that is written out."""
    kind = _OF_EXPECT.get(step.get("expect", {}).get("kind", "text"), "") if step["type"] == "ask" else ""
    given: list[tuple[str, str, Path]] = [(step.get("var", step["id"]), kind, ("expect",))] if kind else []
    for target, value in step.get("set", {}).items():
        root, _, name = target.partition(".")
        is_written = isinstance(value, str | bool | int | float) and not (isinstance(value, str) and _COMPUTED(value))
        if root == "vars" and is_written:
            given.append((name, _kind(value), ("set", target)))
    for name, kind, where in given:
        wanted = _stored(subject.vars.get(name, {}).get("type", kind))
        if wanted in ("text", "number", "boolean") and wanted != kind:
            message = f"vars.{name} is a {wanted}, and '{step['id']}' puts a {kind} there"
            yield Problem("schema", message, "Correct its type or what is put there.", ("steps", number, *where))


def _expect(step: Mapping[str, Any], where: Path) -> Iterator[Problem]:
    expect, kind = step["expect"], step["expect"]["kind"]
    allowed = {"min", "max"} if kind in _BOUNDED else set()
    allowed |= {"or_file"} if kind == "text" else set()
    allowed |= {"pattern"} if kind in _PATTERNED else {"whole"} if kind == "number" else set()
    allowed |= {"choices"} if kind == "choice" else {"accept"} if kind == "file" else set()
    for name in sorted(set(expect) - allowed - {"kind"}):
        message = f"`{name}` means nothing where a {kind} is expected"
        yield Problem("schema", message, "Take it away, or expect another kind.", (*where, name))
    bounds = [name for name in ("min", "max") if name in expect and name in allowed]
    for name in bounds:
        if not _is_bound(kind, expect[name]):
            message = f"`{name}` of '{step['id']}' must be {_BOUNDED[kind]}"
            yield Problem("schema", message, "Correct the value.", (*where, name))
            return
    if len(bounds) == 2 and _is_empty(kind, expect["min"], expect["max"]):
        message = f"`min` of '{step['id']}' is more than `max`: no answer can be right"
        yield Problem("schema", message, "Exchange the two.", (*where, "min"))


def _is_bound(kind: str, value: Any) -> bool:
    if kind == "date":
        return isinstance(value, str) and validators.day_of(value, _SOME_DAY) is not None
    return isinstance(value, int if kind == "text" else int | float) and not isinstance(value, bool)


def _is_empty(kind: str, low: Any, high: Any) -> bool:
    """No value lies between them. A day that is counted from today and one of the calendar may be in any order."""
    if kind != "date":
        return bool(low > high)
    if str(low).startswith("today") != str(high).startswith("today"):
        return False
    first, last = (validators.day_of(bound, _SOME_DAY) for bound in (low, high))
    return first is not None and last is not None and first > last


def _comparisons(subject: Subject) -> Iterator[Problem]:
    kinds = _kinds(subject)
    for number, step in subject.numbered():
        for word in words(step):
            for name, value in _compared(word.text) if word.formula else ():
                kind = kinds.get(name, "")
                if kind and _kind(value) != kind:
                    message = f"vars.{name} is a {kind}, and {value!r} is a {_kind(value)}: they can never fit"
                    yield Problem("L8", message, f"Compare it with a {kind}.", ("steps", number, *word.path))


def _compared(formula: str) -> Iterator[tuple[str, Any]]:
    """(var, constant) of each comparison of just these two."""
    try:
        expressions.compile(formula)
        tree = ast.parse(formula.strip(), mode="eval")
    except (expressions.ExpressionRefused, SyntaxError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], _ORDER):
            sides = (node.left, node.comparators[0])
            for var, constant in (sides, sides[::-1]):
                name, value = _var(var), _constant(constant)
                if name and value is not None:
                    yield name, value


def _var(node: ast.expr) -> str:
    is_var = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "vars"
    return node.attr if is_var and isinstance(node, ast.Attribute) else ""


def _constant(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return {"true": True, "false": False}.get(node.id)
    return node.value if isinstance(node, ast.Constant) else None


def _kinds(subject: Subject) -> dict[str, str]:
    """What each var holds, where that is sure: declared, or the answer of one kind of question and nothing else."""
    found: dict[str, set[str]] = {}
    for step in subject.steps:
        if step["type"] in ("ask", "menu"):
            kind = step.get("expect", {}).get("kind", "text") if step["type"] == "ask" else "text"
            found.setdefault(step.get("var", step["id"]), set()).add(_OF_EXPECT.get(kind, ""))
        for target in (*step.get("set", ()), *step.get("map", ()), *step.get("returns", ())):
            found.setdefault(target.partition(".")[2], set()).add("")
    sure = {name: kinds.pop() for name, kinds in found.items() if len(kinds) == 1}
    declared = {name: _stored(spec["type"]) for name, spec in subject.vars.items() if "type" in spec}
    return {name: kind for name, kind in {**sure, **declared}.items() if kind in ("text", "number", "boolean")}


def _stored(kind: str) -> str:
    return "text" if kind == "date" else kind


def _kind(value: Any) -> str:
    return "boolean" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "text"

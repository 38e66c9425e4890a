"""What is the value of this condition?

A small language of our own over Python's parser: boolean operators, comparisons, `in`, constants, lists, dotted names
and six functions. Names walk plain dicts only, so no attribute or method of an object can ever be reached. Reading an
unknown name, comparing apples with pears or a failing call gives None or False, never an exception.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

ROOTS = frozenset({"vars", "customer", "session", "context", "task", "event", "link"})
FUNCTIONS = frozenset({"len", "lower", "number", "now", "days_since"})
MAX_LENGTH = 500
MAX_NODES = 100
LARGEST = 1e15  # up to here a float tells whole numbers apart
_WORDS = {"true": True, "false": False, "null": None, "none": None}

_KINDS = (str, int, float, list, tuple, dict, date)
_PLAIN = frozenset({type(None), bool, *_KINDS})
Scope = Mapping[str, Mapping[str, Any]]
Compute = Callable[[Scope, datetime], Any]


class ExpressionRefused(ValueError):
    """The text is not an expression of ours; the message says what is not allowed."""


def evaluate(text: str, scope: Scope, now: datetime) -> Any:
    """The value of an expression in a scope of plain dicts; None if it does not compile."""
    try:
        return plain(compile(text)(scope, now))
    except ExpressionRefused:
        return None


@lru_cache(maxsize=4096)
def compile(text: str) -> Compute:
    """A function of scope and clock; raises ExpressionRefused for anything outside the language or its limits."""
    return _compute(_parse(text))


@lru_cache(maxsize=4096)
def reads(text: str) -> frozenset[str]:
    """The dotted names that an expression reads; empty if it does not compile."""
    try:
        compile(text)
        tree = _parse(text)
    except ExpressionRefused:
        return frozenset()
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return frozenset(
        ".".join(_path(node)) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and id(node) not in inner
    )


def lookup(path: tuple[str, ...], scope: Scope) -> Any:
    """The plain value at a dotted path, through dicts only; None if any part is missing."""
    value: Any = scope
    for name in path:
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return plain(value)


def plain(value: Any) -> Any:
    """The value itself if it is plain data, else None: an object that slipped into the scope stays unreachable."""
    return value if type(value) in _PLAIN or isinstance(value, _KINDS) else None


def _parse(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise ExpressionRefused(f"longer than {MAX_LENGTH} characters")
    if "\\" in text:
        raise ExpressionRefused("a backslash has no place in an expression")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionRefused("not an expression: " + (getattr(error, "msg", "") or "cannot be read")) from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise ExpressionRefused(f"more than {MAX_NODES} parts")
    return tree


def _compute(node: ast.expr) -> Compute:
    build = _BUILDERS.get(type(node))
    if build is None:
        raise ExpressionRefused(f"{type(node).__name__} is not allowed")
    return build(node)


def _constant(node: ast.Constant) -> Compute:
    value = node.value
    if not (value is None or isinstance(value, str | bool | int | float)):
        raise ExpressionRefused("only texts, numbers, true, false and null")
    if isinstance(value, int | float) and not abs(value) <= LARGEST:
        raise ExpressionRefused("a number has at most 15 digits")
    return lambda scope, now: value


def _name(node: ast.Name) -> Compute:
    if node.id not in _WORDS:
        raise ExpressionRefused(f"unknown name {node.id}: names begin with one of {', '.join(sorted(ROOTS))}")
    value = _WORDS[node.id]
    return lambda scope, now: value


def _attribute(node: ast.Attribute) -> Compute:
    path = _path(node)
    return lambda scope, now: lookup(path, scope)


def _path(node: ast.expr) -> tuple[str, ...]:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in ROOTS:
        raise ExpressionRefused(f"a dotted name begins with one of {', '.join(sorted(ROOTS))}")
    if any(name.startswith("_") for name in names):
        raise ExpressionRefused("a name may not begin with an underscore")
    return (node.id, *reversed(names))


def _bool(node: ast.BoolOp) -> Compute:
    parts = [_compute(value) for value in node.values]
    wanted = isinstance(node.op, ast.Or)

    def compute(scope: Scope, now: datetime) -> Any:
        value = None
        for part in parts:
            value = part(scope, now)
            if bool(value) is wanted:
                break
        return value

    return compute


def _unary(node: ast.UnaryOp) -> Compute:
    operand = _compute(node.operand)
    if isinstance(node.op, ast.Not):
        return lambda scope, now: not operand(scope, now)
    if isinstance(node.op, ast.USub):
        return lambda scope, now: _negative(operand(scope, now))
    raise ExpressionRefused(f"{type(node.op).__name__} is not allowed")


def _negative(value: Any) -> Any:
    return -value if isinstance(value, int | float) and not isinstance(value, bool) else None


_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
}


def _comparison(node: ast.Compare) -> Compute:
    first = _compute(node.left)
    rest = [(_COMPARE[type(op)], _compute(right)) for op, right in zip(node.ops, node.comparators, strict=True)]

    def compute(scope: Scope, now: datetime) -> bool:
        left = first(scope, now)
        for compare, right_of in rest:
            right = right_of(scope, now)
            try:
                if not compare(left, right):
                    return False
            except TypeError:
                return False
            left = right
        return True

    return compute


def _list(node: ast.List) -> Compute:
    parts = [_compute(element) for element in node.elts]
    return lambda scope, now: [part(scope, now) for part in parts]


def _call(node: ast.Call) -> Compute:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
        raise ExpressionRefused(f"only these can be called: {', '.join(sorted(FUNCTIONS))}")
    name = node.func.id
    if len(node.args) != (0 if name == "now" else 1):
        raise ExpressionRefused(f"{name} takes {'nothing' if name == 'now' else 'one value'}")
    if name == "now":
        return lambda scope, now: now.isoformat(timespec="seconds")
    argument = _compute(node.args[0])
    function = _CALLS[name]
    return lambda scope, now: function(argument(scope, now), now)


def number(value: Any) -> int | float | None:
    """The number that a value is or spells; None for anything else, and for what is too long to be meant."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str):
        return value if abs(value) <= LARGEST else None  # what is no number is not less than one, either
    try:
        found = float(value) if len(value) <= 40 else None
    except ValueError:
        return None
    if found is None or not abs(found) <= LARGEST:
        return None
    return int(found) if found.is_integer() else found


def moment(value: Any) -> datetime | None:
    """The time that an ISO text or a date means, with UTC where it names no zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value[:40])
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _days_since(value: Any, now: datetime) -> int | None:
    then = moment(value)
    return None if then is None else (now - then).days


_CALLS: dict[str, Callable[[Any, datetime], Any]] = {
    "len": lambda value, now: len(value) if isinstance(value, str | list | tuple | dict) else None,
    "lower": lambda value, now: value.lower() if isinstance(value, str) else None,
    "number": lambda value, now: number(value),
    "days_since": _days_since,
}
_BUILDERS: dict[type[ast.expr], Callable[[Any], Compute]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.BoolOp: _bool,
    ast.UnaryOp: _unary,
    ast.Compare: _comparison,
    ast.List: _list,
    ast.Call: _call,
}

"""What does this text say with the run's values filled in?

Only `{{ dotted.path|filter }}` by substitution, in one pass: what a customer wrote is never read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from conversations.journeys import expressions, writing
from conversations.journeys.expressions import ROOTS, Scope

MAX_OUTPUT = 4000
MAX_VALUE = 1000
MAX_BITS = 3000  # of a whole number: Python writes no longer ones
_PLACEHOLDER = re.compile(r"\{\{(.{0,300}?)\}\}", re.DOTALL)
_PATH = re.compile(r"\s*([a-z]\w*(?:\.[a-z]\w*)+)\s*", re.ASCII)
_FILTER = re.compile(r"\|\s*([a-z]+)\s*(?:\(\s*(?:'([^']*)'|\"([^\"]*)\"|(\d{1,4}))?\s*\))?\s*", re.ASCII)
_AS_THEY_ARE = ("latitude", "longitude")  # a point on the map has a comma between its two numbers


class TemplateRefused(ValueError):
    """A placeholder is not of the form `{{ dotted.path|filter }}`; the message says which."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The finished text, and the paths that had no value and no default."""

    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Placeholder:
    path: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]


def fill(
    text: str,
    scope: Scope,
    encode: Callable[[str], str] | None = None,
    roots: frozenset[str] = ROOTS,
    language: str = "",
) -> Filled:
    """The text with every placeholder replaced, at most 4,000 characters; what does not compile is left out.

    `encode` makes each value fit for its place, say a segment of a path; `roots` are the names that may begin a path.
    Days, numbers, yes and no are written in the `language`; in an address, and without one, as a machine reads them.
    """
    if "{{" not in text:
        return Filled(text[:MAX_OUTPUT])
    try:
        parts = compile(text, roots)
    except TemplateRefused:
        return Filled(_PLACEHOLDER.sub("", text)[:MAX_OUTPUT], ("template",))
    missing: list[str] = []
    written: list[str] = []
    in_link = False
    for part in parts:
        text = part if isinstance(part, str) else _value(part, scope, missing, "" if in_link else language)
        in_link = _ends_in_link(text, in_link)
        written.append(text)
    if encode is not None:
        written = [text if isinstance(part, str) else encode(text) for part, text in zip(parts, written, strict=True)]
    return Filled("".join(written)[:MAX_OUTPUT], tuple(missing))


@lru_cache(maxsize=4096)
def compile(text: str, roots: frozenset[str] = ROOTS) -> tuple[str | _Placeholder, ...]:
    """The text cut into plain parts and placeholders; raises TemplateRefused."""
    parts: list[str | _Placeholder] = []
    last = 0
    for found in _PLACEHOLDER.finditer(text):
        parts += [text[last : found.start()], _placeholder(found[1], roots)]
        last = found.end()
    rest = text[last:]
    if "{{" in rest:
        raise TemplateRefused("a placeholder is not closed")
    return (*parts, rest)


def reads(text: str) -> frozenset[str]:
    """The dotted paths that a text needs; those with a `default` filter are left out."""
    return _paths(text, optional=False)


def mentions(text: str) -> frozenset[str]:
    """Every dotted path in a text, with or without a default."""
    return _paths(text, optional=True)


@lru_cache(maxsize=4096)
def named(text: str, root: str) -> frozenset[str]:
    """The names beneath one root that a text mentions: `x` of `vars.x`."""
    return frozenset(path.split(".")[1] for path in mentions(text) if path.startswith(root + "."))


def _paths(text: str, *, optional: bool) -> frozenset[str]:
    try:
        parts = compile(text)
    except TemplateRefused:
        return frozenset()
    return frozenset(
        ".".join(part.path)
        for part in parts
        if isinstance(part, _Placeholder) and (optional or "default" not in dict(part.filters))
    )


def _placeholder(inner: str, roots: frozenset[str]) -> _Placeholder:
    found = _PATH.match(inner)
    if found is None or found[1].split(".")[0] not in roots:
        raise TemplateRefused(f"'{inner.strip()}' is not a name that begins with one of {', '.join(sorted(roots))}")
    position, filters = found.end(), []
    while position < len(inner):
        part = _FILTER.match(inner, position)
        if part is None or part[1] not in _FILTERS:
            raise TemplateRefused(f"'{inner.strip()}' has an unknown filter; there are {', '.join(sorted(_FILTERS))}")
        filters.append((part[1], part[2] or part[3] or part[4] or ""))
        position = part.end()
    return _Placeholder(tuple(found[1].split(".")), tuple(filters))


def _ends_in_link(text: str, was_in_link: bool) -> bool:
    """Is the last word so far a link, which may go on?"""
    if not text or text[-1].isspace():
        return was_in_link and not text
    *before, last = text.split()
    return "://" in last or (was_in_link and not before and not text[0].isspace())


def _value(part: _Placeholder, scope: Scope, missing: list[str], language: str) -> str:
    value = expressions.lookup(part.path, scope)
    if part.path[-1] in _AS_THEY_ARE:
        language = ""
    for name, argument in part.filters:
        value = _FILTERS[name](value, argument, language)
    text = spoken(value, language)
    if not text and "default" not in dict(part.filters):
        missing.append(".".join(part.path))
    return text


def spoken(value: Any, language: str = "") -> str:
    """A value as words: whole numbers without a point, lists with commas, yes and no; of a place or file its label."""
    if isinstance(value, dict):
        value = value.get("label")
    if isinstance(value, str):
        return value[:MAX_VALUE].replace("\x00", "")
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return writing.truth(value, language)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return ""
    if isinstance(value, float):
        return writing.number(value, language)
    if isinstance(value, list | tuple):
        return ", ".join(spoken(item, language) for item in value[:50])[:MAX_VALUE]
    return str(value)[:MAX_VALUE].replace("\x00", "")


def _money(value: Any, currency: str, language: str) -> Any:
    amount = expressions.number(value)
    return value if amount is None else writing.amount(amount, currency, language)


def _date(value: Any, _: str, language: str) -> Any:
    then: datetime | None = expressions.moment(value)
    return value if then is None else writing.day(then, language)


def _truncate(value: Any, length: str, language: str) -> Any:
    text, limit = spoken(value, language), int(length or 50) if (length or "50").isdecimal() else 50
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _mask(value: Any, _: str, language: str) -> Any:
    text = spoken(value, language)
    shown = 3 if len(text) > 6 else 0
    return "•" * (len(text) - shown) + text[len(text) - shown :] if text else ""


_FILTERS: dict[str, Callable[[Any, str, str], Any]] = {
    "default": lambda value, argument, _: argument if value is None or value == "" else value,
    "upper": lambda value, _, language: spoken(value, language).upper(),
    "title": lambda value, _, language: spoken(value, language).title(),
    "money": _money,
    "date": _date,
    "truncate": _truncate,
    "mask": _mask,
    "link": lambda value, *_: value if isinstance(value, str) and value.startswith("https://") else "",
}

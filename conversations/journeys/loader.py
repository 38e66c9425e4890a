"""What data does this YAML text hold, and on which line does each part stand?

YAML 1.2 core schema only, built from PyYAML's events: `on` and `no` are words, `12:30` is a text, and anchors, aliases,
tags and duplicate keys are refused. Keys are always texts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
# libyaml where PyYAML was built with it: four times as fast, and the same events.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

WRITE_OUT = "Write it out where it is needed; a text that begins with & or * stands in quotes."
QUOTE = "Correct the text; words with : , ? # { or [ in them stand in quotes."
Path = tuple[str | int, ...]


class LoadRefused(ValueError):
    """The text is not YAML that we read; `line` counts from 1, `remedy` is what helps."""

    def __init__(self, message: str, line: int, remedy: str = QUOTE) -> None:
        super().__init__(message)
        self.message, self.line, self.remedy = message, line, remedy


@dataclass(frozen=True, slots=True)
class Loaded:
    """Plain data (dicts, lists, texts, numbers, booleans, None), and the line of every path in it."""

    data: Any
    lines: dict[Path, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is not closed yet; `key` is a mapping's key that waits for its value."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None


def load(text: str) -> Loaded:
    """The data of one YAML document of at most 256 KiB; raises LoadRefused, nothing else."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise LoadRefused(f"larger than {MAX_BYTES // 1024} KiB", 1, "Split the journey.")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if _is_tabbed(text, line):
            raise LoadRefused("a tab at the beginning of a line", line, "Indent with spaces.") from None
        raise LoadRefused(f"not valid YAML: {error.problem}", line) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, LoadRefused):
            raise
        raise LoadRefused("not valid YAML: a character is not allowed", builder.line) from None
    return Loaded(builder.root, builder.lines)


def _is_tabbed(text: str, line: int) -> bool:
    rows = text.splitlines()
    row = rows[line - 1] if line <= len(rows) else ""
    return "\t" in row[: len(row) - len(row.lstrip())]


class _Builder:
    """Puts events together, without recursion, so that no depth of nesting can exhaust the stack."""

    def __init__(self) -> None:
        self.root: Any = None
        self.lines: dict[Path, int] = {}
        self.stack: list[_Open] = []
        self.line = 1
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        self.line = event.start_mark.line + 1 if event.start_mark else self.line
        self._refuse_extras(event)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise LoadRefused("more than one document", self.line, "Keep one journey; delete the line `---`.")
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open({})
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()

    def _refuse_extras(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise LoadRefused("aliases (*name) are not allowed", self.line, WRITE_OUT)
        if getattr(event, "anchor", None) is not None:
            raise LoadRefused("anchors (&name) are not allowed", self.line, WRITE_OUT)
        if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None) is not None:
            raise LoadRefused("tags (!name) are not allowed", self.line, "Delete it, or put the text in quotes.")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if any("\ud800" <= c <= "\udfff" or c == "\x00" for c in event.value):
            raise LoadRefused("a character is not allowed", self.line)
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, event.value)
            return
        self._place(resolve(event.value, self.line) if event.implicit[0] else event.value)

    def _key(self, top: _Open, key: str) -> None:
        if key in top.value:
            raise LoadRefused(f"the key '{key[:40]}' is written twice", self.line, "Keep one of the two.")
        top.key = key
        self.lines[(*top.path, key)] = self.line

    def _open(self, value: dict[str, Any] | list[Any]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise LoadRefused(f"nested deeper than {MAX_DEPTH} levels", self.line, "Write it flatter.")
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            raise LoadRefused("a key must be a text", self.line)
        self.stack.append(_Open(value, self._place(value)))

    def _place(self, value: Any) -> Path:
        if not self.stack:
            self.root = value
            self.lines[()] = self.line
            return ()
        top = self.stack[-1]
        if isinstance(top.value, dict):
            key, top.key = str(top.key), None
            top.value[key] = value
            return (*top.path, key)
        top.value.append(value)
        path = (*top.path, len(top.value) - 1)
        self.lines[path] = self.line
        return path


def resolve(word: str, line: int = 1) -> Any:
    """What an unquoted word is in the core schema: null, boolean, number, or the text itself."""
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _ENDLESS.fullmatch(word) or (len(word) > 18 and _FLOAT.fullmatch(word)):
        raise LoadRefused(f"{word[:20]} is not a number that can be kept; quote it if it is a text", line)
    if _INT.fullmatch(word):
        return int(word, {"0o": 8, "0x": 16}.get(word[:2], 10)) if len(word) <= 18 else word
    if _FLOAT.fullmatch(word):
        value = float(word)
        if not math.isfinite(value):
            raise LoadRefused(f"{word[:20]} is not a number that can be kept; quote it if it is a text", line)
        return value
    return word

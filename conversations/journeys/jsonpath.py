"""What stands at this place of an answer? The subset `$.a.b[0].c` of JSONPath: names and positions, no searching."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MAX_LENGTH = 200
MAX_VALUE = 8000  # characters of a value as JSON: what a run may keep of somebody else's answer
_PART = re.compile(r"\.([A-Za-z_][\w-]{0,63})|\[(\d{1,4})\]", re.ASCII)


class PathRefused(ValueError):
    """The text is not a path of ours; the message says what one looks like."""


@lru_cache(maxsize=4096)
def compile(path: str) -> tuple[str | int, ...]:
    """The names and positions of a path; raises PathRefused."""
    if not path.startswith("$") or len(path) > MAX_LENGTH:
        raise PathRefused(f"'{path[:40]}' is not a path like $.items[0].name")
    parts: list[str | int] = []
    position = 1
    while position < len(path):
        found = _PART.match(path, position)
        if found is None:
            raise PathRefused(f"'{path[:40]}' is not a path like $.items[0].name")
        parts.append(found[1] if found[1] is not None else int(found[2]))
        position = found.end()
    return tuple(parts)


def read(path: str, data: Any) -> Any:
    """The value at a path; None if there is none, if it is too large to keep, or if the path is refused."""
    try:
        parts = compile(path)
    except PathRefused:
        return None
    value = data
    for part in parts:
        if isinstance(part, str):
            value = value.get(part) if isinstance(value, Mapping) else None
        else:
            value = value[part] if isinstance(value, list | tuple) and part < len(value) else None
    return kept(value)


def kept(value: Any) -> Any:
    """The value if it is plain JSON of a moderate size, else None."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if len(value) <= MAX_VALUE else None
    try:
        return value if len(json.dumps(value)) <= MAX_VALUE else None
    except (TypeError, ValueError, RecursionError):
        return None

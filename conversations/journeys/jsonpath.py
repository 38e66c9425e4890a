"""What stands at this place of an answer? The subset `$.a.b[0].c` of JSONPath: names and positions, no searching."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MAX_LENGTH = 200
MAX_VALUE = 8000  # characters of a value as JSON: what a run may keep of somebody else's answer
MAX_DEPTH = 20
MAX_NUMBER = 10**18
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
    """The value as a run may keep it: plain JSON of a moderate size, depth and magnitude; else None."""
    try:
        fits = len(json.dumps(value, allow_nan=False)) <= MAX_VALUE
    except (TypeError, ValueError, RecursionError):
        return None
    return _clean(value, MAX_DEPTH) if fits else None


def _clean(value: Any, depth: int) -> Any:
    """Without what the database or a channel cannot hold: halves of characters, NUL, numbers of a hundred digits."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return None
    if isinstance(value, Mapping):
        return {_clean(str(key), 0): _clean(item, depth - 1) for key, item in value.items()} if depth else None
    if isinstance(value, list | tuple):
        return [_clean(item, depth - 1) for item in value] if depth else None
    return value

"""Is this JSON that every later step can hold? Finite numbers, real characters, a depth that a person writes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

DEEPEST = 32
LONGEST_INTEGER = 30  # digits; nothing that is counted has more, and what has breaks who computes with it


def read(raw: bytes) -> Any:
    """The value that UTF-8 JSON stands for; raises `ValueError` for everything else."""
    try:
        text = raw.decode()  # UnicodeError is a ValueError
        data = json.loads(text, parse_constant=_refused, parse_float=_finite, parse_int=whole)
        _walk(data, 0)
    except RecursionError as error:
        raise ValueError("too deep") from error
    return data


def _refused(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused("too large")


def whole(text: str) -> int:
    """The integer that a JSON text writes; raises `ValueError` for one that nobody can mean."""
    return int(text) if len(text.lstrip("-")) <= LONGEST_INTEGER else _refused("too large")


def _walk(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        _refused("too deep")
    if isinstance(value, str) and b"\0" in value.encode():
        _refused("NUL")
    parts = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for part in parts:
        _walk(part, depth + 1)

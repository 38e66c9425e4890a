"""Which number holds when somebody else wrote it? One within bounds; for what is none the default."""

from __future__ import annotations

import json
import math
from typing import Any

from common import plain_json

YEAR_MINUTES = 525_600


def within(value: object, *, default: float, most: float) -> float:
    """A number from 0 to `most`: larger ones are `most`, less than nothing and what is no number are `default`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value < 0:
        return default
    return min(value, most)


def whole(text: str, *, digits: int) -> int | None:
    """What a text of at most so many plain digits says; None for anything else, such as `²`, which is a digit, too."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def strict_json(text: str) -> Any:
    """JSON that Postgres takes as well; `ValueError` for NaN, infinities, too large numbers and NUL."""
    found = json.loads(text, parse_int=plain_json.whole)
    if "\\u0000" in json.dumps(found, allow_nan=False):
        raise ValueError("no NUL is taken")
    return found

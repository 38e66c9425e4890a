"""Does this answer fit the author's pattern? Bounded in length and time, because patterns are written by people."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import regex

SUBJECT_LIMIT = 500
PATTERN_LIMIT = 200
TIMEOUT = 0.05  # seconds


class PatternRefused(ValueError):
    """The pattern cannot be compiled, or is longer than it may be."""


@lru_cache(maxsize=1024)
def compile(pattern: str) -> regex.Pattern[str]:
    """The compiled pattern; raises PatternRefused."""
    if len(pattern) > PATTERN_LIMIT:
        raise PatternRefused(f"longer than {PATTERN_LIMIT} characters")
    try:
        return regex.compile(pattern)
    except (regex.error, ValueError, OverflowError, RecursionError, MemoryError, KeyError, IndexError) as error:
        raise PatternRefused(str(error)) from None


def fits(pattern: str, subject: Any) -> bool:
    """True if the pattern is found in the first 500 characters within 50 ms; a bad or slow pattern fits nothing."""
    try:
        return compile(pattern).search(str(subject)[:SUBJECT_LIMIT], timeout=TIMEOUT) is not None
    except (PatternRefused, TimeoutError):
        return False

"""Does this answer fit the author's pattern? Bounded in length and time, because patterns are written by people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import regex

SUBJECT_LIMIT = 500
PATTERN_LIMIT = 200
TIMEOUT = 0.05  # seconds
LARGEST = 10_000  # characters it stands for with every count written out: each takes some 300 bytes once compiled
MANY = 20  # repetitions from which a loop in a loop is dangerous
_TOKEN = re.compile(
    r"(?P<atom>\\[pP]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<open>\((?:\?(?:<[=!]|P?<\w+>|[a-zA-Z-]*[:=!>|]))?)|(?P<close>\))|(?P<or>\|)"
    r"|(?P<loop>[*+]|\{\d*,(?P<most>\d*)\})|(?P<few>\?|\{\d+\})|(?P<edge>[\^$])|.",
    re.DOTALL,
)
_COUNT = re.compile(r"\d+")
_UNSEEN = re.compile(r"\(\?(?:#|[A-Za-z0-9]*x)")  # comments and blanks that a count could hide behind
_HEAD = re.compile(r"\^?([A-Za-z0-9 _-]*)")
_UNITS = ("a", "0", "A", " ", "-", ".", "a ", "0-", "aa0", "a.")

Part = Literal["", "fixed", "loop", "optional"]


class PatternRefused(ValueError):
    """The pattern cannot be compiled, or is longer or larger than it may be."""


@lru_cache(maxsize=1024)
def compile(pattern: str) -> regex.Pattern[str]:
    """The compiled pattern; raises PatternRefused."""
    if len(pattern) > PATTERN_LIMIT:
        raise PatternRefused(f"longer than {PATTERN_LIMIT} characters")
    if _UNSEEN.search(pattern):
        raise PatternRefused("comments and the flag x are not for here")
    if _is_larger(pattern):
        raise PatternRefused(f"with its counts written out it is longer than {LARGEST} characters")
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


@lru_cache(maxsize=1024)
def danger(pattern: str) -> str:
    """Why the pattern may take very long for some answer, '' if nothing shows; raises PatternRefused.

    Two looks: a repetition of nothing but a repetition, `(a+)+`; and how long it takes for answers made to almost fit.
    """
    compiled = compile(pattern)
    if _is_nested(pattern):
        return "it repeats a repetition"
    head = _HEAD.match(pattern)
    begin = head[1] if head else ""
    own = dict.fromkeys(char for char in pattern if char.isalnum())
    for unit in (*_UNITS, *list(own)[:8]):
        subject = (begin + unit * SUBJECT_LIMIT)[: SUBJECT_LIMIT - 1] + "\x01"
        try:
            compiled.search(subject, timeout=TIMEOUT)
        except TimeoutError:
            return f"an answer of many {unit!r} takes longer than {int(TIMEOUT * 1000)} ms"
    return ""


def _is_larger(pattern: str) -> bool:
    """Would it be too large once compiled? Counts multiply what stands in their brackets, so this is known before."""
    sizes = [0]  # of each open bracket
    last = 0  # of the part at hand, which a count multiplies
    for kind, token, _ in _tokens(pattern):
        if kind == "open":
            sizes.append(0)
            last = 0
        elif kind == "close" and len(sizes) > 1:
            last = sizes.pop()
            sizes[-1] += last
        elif kind in ("loop", "few"):
            times = max((int(count) for count in _COUNT.findall(token)), default=1)
            sizes[-1] += last * (times - 1) if times else 0
            last *= times or 1
        else:
            last = 1
            sizes[-1] += last
        if max(sizes) > LARGEST:
            return True
    return False


def _is_nested(pattern: str) -> bool:
    """Is there a loop around a loop with nothing fixed beside it, so that one text can be cut in many ways?"""
    groups: list[_Group] = [_Group()]
    for kind, token, most in _tokens(pattern):
        top = groups[-1]
        if kind == "open":
            top.take()
            groups.append(_Group())
        elif kind == "close" and len(groups) > 1:
            groups.pop()
            groups[-1].open = top.closed()
        elif kind == "or":
            top.take()
            top.ways.append([0, 0])
        elif kind == "loop" and (token in "*+" or not most or int(most) >= MANY):
            if top.open == "loop" and not top.is_quantified:
                return True
            top.open, top.is_quantified = ("loop", True) if not top.is_quantified else (top.open, True)
        elif kind in ("loop", "few"):
            top.open = "optional" if not top.is_quantified and token[0] in "?{" and token != "{1}" else top.open
            top.is_quantified = True
        else:
            top.take()
            top.open = "optional" if kind == "edge" else "fixed"
    return False


class _Group:
    """What stands between two brackets: for each alternative its loops and its fixed parts, and the part at hand."""

    def __init__(self) -> None:
        self.ways: list[list[int]] = [[0, 0]]
        self.open: Part = ""
        self.is_quantified = False

    def take(self) -> None:
        """The part at hand is complete."""
        if self.open in ("loop", "fixed"):
            self.ways[-1][0 if self.open == "loop" else 1] += 1
        self.open, self.is_quantified = "", False

    def closed(self) -> Part:
        self.take()
        return "loop" if any(loops and not fixed for loops, fixed in self.ways) else "fixed"


def _tokens(pattern: str) -> Iterator[tuple[str, str, str]]:
    for found in _TOKEN.finditer(pattern):
        yield found.lastgroup or "", found[0], found["most"] or ""

"""Which steps of the self-test held, and how long did each take?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

PAUSE = 0.03  # seconds between two looks


class Missing(Exception):
    """Something that should have happened did not, in time; the message says what."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story; `detail` says what was missing."""

    name: str
    is_ok: bool
    took_ms: int
    detail: str = ""

    def __str__(self) -> str:
        line = f"{'ok  ' if self.is_ok else 'FAIL'} {self.took_ms:>6} ms  {self.name}"
        return f"{line}\n                 {self.detail}" if self.detail else line


@dataclass
class Report:
    """The steps so far, and the visits (public ids) by which the invented customers can be found again."""

    steps: list[Step] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)

    @property
    def is_ok(self) -> bool:
        """Did every step hold?"""
        return bool(self.steps) and all(step.is_ok for step in self.steps)


def until(holds: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    """Returns once `holds()` is true; raises `Missing` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise Missing(what)
        time.sleep(PAUSE)


def never(holds: Callable[[], object], what: str, seconds: float = 0.7) -> None:
    """Returns after so many seconds in which `holds()` was never true; raises `Missing` if it was."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            raise Missing(what)
        time.sleep(PAUSE)

"""Is everything well? A registry of check-ups that apps join and `manage.py doctor` runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Level = Literal["OK", "WARN", "FAIL"]


@dataclass(frozen=True)
class Finding:
    """What a check-up found, in a sentence, and what to do about it."""

    level: Level
    text: str
    remedy: str = ""


Checkup = Callable[[], Finding]
registered: dict[str, Checkup] = {}


def register(name: str, checkup: Checkup) -> None:
    """Adds a check-up under a unique name; called in `AppConfig.ready`."""
    registered[name] = checkup


def register_backlog(name: str, oldest_seconds: Callable[[], float | None], warn: float, fail: float) -> None:
    """Adds a queue that lives in a table: `oldest_seconds` is the age of its oldest due row, None when nothing waits.

    Age, not length, tells whether a worker makes progress: a long queue that moves is well, one stuck row is not.
    """

    def checkup() -> Finding:
        age = oldest_seconds()
        if age is None:
            return Finding("OK", "nothing waits")
        level: Level = "FAIL" if age >= fail else "WARN" if age >= warn else "OK"
        remedy = "" if level == "OK" else "Is the worker running? See its log; `manage.py up` starts it."
        return Finding(level, f"the oldest row has waited {age:.0f} s", remedy)

    register(name, checkup)

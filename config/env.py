"""What does the environment say? Strict parsing: a bad value stops the start and names itself."""

from __future__ import annotations

import math
import os
from pathlib import Path


class BadEnvironment(Exception):
    """A variable has a value that cannot be used; the message names the variable."""


def text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that `<NAME>_FILE` names, or the default."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise BadEnvironment(f"{name}_FILE: cannot read {path}: {error.strerror}") from error
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    """`1/true/yes/on` or `0/false/no/off`; anything else is refused."""
    value = os.environ.get(name, "").strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value == "":
        return default
    raise BadEnvironment(f"{name}: expected one of 1, true, yes, on, 0, false, no, off, not {value!r}")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError as error:
        raise BadEnvironment(f"{name}: expected a whole number, not {value!r}") from error


def decimal(name: str, default: float) -> float:
    """A finite number with or without a decimal point."""
    value = os.environ.get(name, "").strip()
    try:
        found = float(value) if value else default
    except ValueError as error:
        raise BadEnvironment(f"{name}: expected a number, not {value!r}") from error
    if not math.isfinite(found):
        raise BadEnvironment(f"{name}: expected a finite number, not {value!r}")
    return found


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]

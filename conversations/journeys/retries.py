"""Is a call that failed tried again, and when? As its author wrote: `retry: {attempts, backoff, max, on}`; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from conversations.journeys.calls import Outcome
from conversations.journeys.definition import duration

MOST = 10  # attempts, whatever is written
FREE = 2  # calls that a harmless question has when the worker that made the first one died
BACKOFF, LONGEST = timedelta(seconds=1), timedelta(seconds=10)
USUAL = ("timeout", 429, "5xx")
NEVER = frozenset({"refused", "disabled", "breaker", "too_large", "not_json"})  # they would fail the same way again


def attempts(retry: Mapping[str, Any]) -> int:
    """How many calls there may be altogether."""
    return max(1, min(int(retry.get("attempts", 1)), MOST))


def wait(retry: Mapping[str, Any], is_repeatable: bool, done: int, outcome: Outcome) -> timedelta | None:
    """How long until the next attempt, or None: it is good, final, or may not be sent twice. Doubles each time."""
    if not is_repeatable or done >= attempts(retry) or outcome.error in NEVER:
        return None
    if not any(_matches(outcome, wanted) for wanted in retry.get("on", USUAL)):
        return None
    first = duration(retry.get("backoff")) or BACKOFF
    longest = duration(retry.get("max")) or LONGEST
    return min(first * 2.0 ** (done - 1), longest)


def _matches(outcome: Outcome, wanted: Any) -> bool:
    """`timeout` stands for nobody having answered, in whatever way."""
    if outcome.error:
        return str(wanted) == "timeout" and outcome.error in ("timeout", "unanswered")
    status, name = str(outcome.status), str(wanted)
    return name in (status, f"{status[:1]}xx")

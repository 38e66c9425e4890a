"""What else hangs on a customer, in the apps above? They say how to count it; nobody here knows what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Count = Callable[[Iterable[int]], int]
Journey = Callable[[int], Mapping[str, Any] | None]

_counts: dict[str, Count] = {}
_journeys: list[Journey] = []
_written: list[Count] = []


def register(name: str, count: Count) -> None:
    """`count(customer ids)` says how many rows named so were born on these origins; called when Django is ready."""
    _counts[name] = count


def of(customer_ids: Iterable[int]) -> dict[str, int]:
    """How much was born on these origins, by name."""
    ids = list(customer_ids)
    return {name: count(ids) for name, count in sorted(_counts.items())}


def tell_written(count: Count) -> None:
    """`count(customer ids)` says how many messages these have written themselves; called when Django is ready."""
    _written[:] = [count]


def written(customer_ids: Iterable[int]) -> int:
    """How many messages they have written themselves: what was only said to them does not count."""
    ids = list(customer_ids)
    return sum(count(ids) for count in _written)


def tell_journey(reader: Journey) -> None:
    """`reader(root id)` says where the person's open journey stands, or None; called when Django is ready."""
    _journeys[:] = [reader]


def last_journey(root_id: int) -> Mapping[str, Any] | None:
    """Key, title, step, label, since, touched_at, channel and status of the newest open journey in front, if any."""
    return _journeys[0](root_id) if _journeys else None

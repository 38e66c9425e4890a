"""What do all stories begin with? A sales queue, the journeys of the library, and a clock that can be put forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from common import clock
from handover.models import Agent, Queue
from tests.stories import cast


@pytest.fixture
def sales(db: None) -> Queue:
    queue = cast.sales()
    cast.library()
    return queue


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return cast.ana(sales)


@pytest.fixture
def later() -> Iterator[Callable[..., None]]:
    """`later(hours=3)` lets that much time pass, on top of what has passed already."""
    passed = timedelta()

    def let_pass(**amount: float) -> None:
        nonlocal passed
        passed += timedelta(**amount)

    clock.shift_by(lambda: passed)
    yield let_pass
    clock.shift_by(timedelta)

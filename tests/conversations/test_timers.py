"""Which deadlines are due? Each fires once; one that was moved or stopped does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from common import clock
from conversations import timers
from conversations.models import Timer

pytestmark = pytest.mark.django_db
PAST, FUTURE = timedelta(seconds=-1), timedelta(minutes=1)


@pytest.fixture
def fired() -> Iterator[list[tuple[int, int]]]:
    rang: list[tuple[int, int]] = []
    timers.on("bell", lambda timer: rang.append((timer.object_id, timer.guard)))
    yield rang
    clock.shift_by(timedelta)


def start(number: int, after: timedelta, guard: int = 0) -> None:
    timers.start(kind="bell", object_id=number, due_at=clock.now() + after, guard=guard)


def test_what_is_due_fires_with_its_guard_and_is_gone(fired: list[tuple[int, int]]) -> None:
    start(1, PAST, guard=4)
    start(2, FUTURE)
    assert timers.sweep() == 1
    assert fired == [(1, 4)]
    assert [timer.object_id for timer in Timer.objects.all()] == [2]


def test_a_shifted_clock_makes_it_due(fired: list[tuple[int, int]]) -> None:
    start(2, FUTURE)
    clock.shift_by(lambda: timedelta(minutes=2))
    assert timers.sweep() == 1


def test_one_that_was_moved_does_not_fire_at_the_old_time(fired: list[tuple[int, int]]) -> None:
    start(1, PAST)
    start(1, FUTURE, guard=2)
    assert (timers.sweep(), Timer.objects.get().guard) == (0, 2)


def test_one_that_was_stopped_does_not_fire(fired: list[tuple[int, int]]) -> None:
    start(1, PAST)
    timers.stop(kind="bell", object_id=1)
    assert timers.sweep() == 0


def test_one_that_its_effect_starts_anew_stays(fired: list[tuple[int, int]]) -> None:
    timers.on("again", lambda timer: timers.start(kind="again", object_id=1, due_at=clock.now() + FUTURE, guard=9))
    timers.start(kind="again", object_id=1, due_at=clock.now() + PAST)
    assert (timers.sweep(), Timer.objects.get().guard) == (1, 9)


def test_one_that_fails_is_tried_later_and_holds_up_no_other(fired: list[tuple[int, int]]) -> None:
    def broken(timer: Timer) -> None:
        raise LookupError

    timers.on("broken", broken)
    timers.start(kind="broken", object_id=1, due_at=clock.now() + 2 * PAST)
    start(1, PAST)
    assert (timers.sweep(), fired) == (2, [(1, 0)])
    assert Timer.objects.get(kind="broken").due_at > clock.now()


def test_kinds_that_nobody_knows_wait(fired: list[tuple[int, int]]) -> None:
    timers.start(kind="of_another_release", object_id=1, due_at=clock.now() + PAST)
    assert timers.sweep() == 0

"""Does the shift of the sandbox reach both clocks, and end?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from common import clock
from customers.models import Customer


@pytest.fixture
def next_week() -> Iterator[None]:
    clock.shift_by(lambda: timedelta(days=7))
    yield
    clock.shift_by(timedelta)


def test_the_clock_tells_the_present_in_utc() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().tzinfo is UTC


def test_a_shift_moves_the_process_clock(next_week: None) -> None:
    assert clock.offset() == timedelta(days=7)
    assert clock.now() - datetime.now(UTC) > timedelta(days=6)


@pytest.mark.django_db
def test_a_shift_moves_the_database_clock(next_week: None) -> None:
    Customer.objects.create(last_seen_at=datetime.now(UTC) + timedelta(days=3))
    assert Customer.objects.filter(last_seen_at__lt=clock.database_now()).exists()
    clock.shift_by(timedelta)
    assert not Customer.objects.filter(last_seen_at__lt=clock.database_now()).exists()

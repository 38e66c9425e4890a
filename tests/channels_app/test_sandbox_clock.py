"""What does the sandbox's clock take along? Who is at the desk stays there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels_app.sandbox import clock as sandbox_clock
from channels_app.sandbox.models import SandboxClock
from common import clock
from handover import presence
from handover.models import Queue
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Iterator[Queue]:
    """One agent is there, and this process's clock follows the row."""
    queue = factories.queue("sales")
    factories.agent("Ana Sousa", queues=(queue,))
    clock.shift_by(lambda: timedelta(seconds=getattr(SandboxClock.objects.first(), "shift_seconds", 0)))
    yield queue
    clock.shift_by(timedelta)


def test_agents_stay_online_when_the_clock_jumps(sales: Queue) -> None:
    sandbox_clock.advance(timedelta(hours=25))
    assert clock.offset() == timedelta(hours=25)
    assert presence.is_staffed(sales)


def test_who_was_away_is_not_brought_back_by_it(sales: Queue) -> None:
    sales.agents.update(last_seen_at=clock.now() - timedelta(minutes=10))
    sandbox_clock.advance(timedelta(hours=25))
    assert not presence.is_staffed(sales)


def test_after_the_way_back_nobody_was_seen_in_the_future(sales: Queue) -> None:
    sandbox_clock.advance(timedelta(hours=25))
    sandbox_clock.reset()
    assert presence.is_staffed(sales)
    assert not sales.agents.filter(last_seen_at__gt=clock.now()).exists()

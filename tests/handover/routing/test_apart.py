"""Are the other queues served when one of them is broken?"""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError

from conversations.models import Conversation
from handover.models import BusinessHours, Queue
from handover.routing import apart, closing, dispatch
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(db: None) -> Queue:
    """Its plan is of no shape that anybody writes."""
    queue = cast.queue("broken", delivery="auto")
    waits = cast.waiting(queue)
    Conversation.objects.filter(pk=waits.pk).update(routing_plan={"rule": 1, "steps": [1]})
    return queue


def test_one_broken_queue_holds_up_no_other(broken: Queue, caplog: pytest.LogCaptureFixture) -> None:
    sales = cast.queue(delivery="auto")
    ana = factories.agent("Ana Sousa", queues=(sales, broken))
    waits = cast.waiting(sales)
    with caplog.at_level(logging.ERROR):
        assert [dispatch.run(), dispatch.run()] == [1, 0]
    assert cast.owner(waits) == ("agent", ana.pk)
    assert caplog.text.count(f"dispatch of queue {broken.pk} failed") == 1  # it rests from that


def test_one_broken_queue_that_closes_keeps_no_other_open(broken: Queue, caplog: pytest.LogCaptureFixture) -> None:
    sales = cast.queue(strategy="manual", is_open=False, when_exhausted="ticket")
    waits = cast.waiting(sales)
    Queue.objects.filter(pk=broken.pk).update(is_open=False)
    assert closing.look() == 1
    waits.refresh_from_db()
    assert waits.mode == "ticket" and f"closing of queue {broken.pk} failed" in caplog.text


def test_hours_that_nobody_can_read_close_no_queue(db: None) -> None:
    hours = BusinessHours.objects.create(title="Broken", weekly=[], holidays=0)
    sales = cast.queue(delivery="auto", hours=hours)
    ana = factories.agent("Ana Sousa", queues=(sales,))
    waits = cast.waiting(sales)
    assert [closing.look(), dispatch.run()] == [0, 1]
    assert cast.owner(waits) == ("agent", ana.pk)


def test_a_database_that_went_away_is_no_fault_of_a_queue() -> None:
    def work() -> int:
        raise OperationalError

    with pytest.raises(OperationalError):
        apart.serve("dispatch", 0, work)

"""Are the other queues served when one of them is broken?"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import OperationalError, connection

from common import checkups, clock
from conversations.models import Conversation, Timer
from handover import sight
from handover.models import BusinessHours, Queue
from handover.routing import apart, closing, dispatch, explaining, offers, roster, steps
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(db: None) -> Queue:
    """Nothing gets out of it."""
    queue = cast.queue("broken", delivery="auto", when_exhausted="ticket")
    cast.waiting(queue)
    with connection.cursor() as cursor:
        cursor.execute(cast.jam("broken"))
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


UNREADABLE = [
    [1],
    "steps",
    {"steps": [1]},
    {"steps": {"target": "queue:1"}},
    {"steps": [{"for": 60}]},
    {"steps": [{"target": "nobody"}]},
    {"steps": [{"target": "agent:", "for": 60}]},
    {"steps": [{"target": "queue:1", "for": "soon"}]},
    {"steps": [{"target": "queue:1", "for": 1e300}]},
    {"steps": [{"target": "queue:1", "for": -1}]},
    {"steps": [{"target": "queue:1", "needs": [7]}]},
    {"steps": [{"target": "queue:1", "bonus": 7}]},
    {"rule": "eight", "steps": []},
    {"priority": {}},
]


def unread(conversation: Conversation, plan: object = UNREADABLE[0], **fields: object) -> Conversation:
    """What stands there as its plan is of no shape that anybody writes."""
    Conversation.objects.filter(pk=conversation.pk).update(routing_plan=plan, **fields)
    return conversation


@pytest.mark.parametrize("plan", UNREADABLE)
@pytest.mark.parametrize("strategy", ["least_busy", "external"])
def test_a_plan_that_cannot_be_read_counts_as_none(db: None, plan: object, strategy: str) -> None:
    sales = cast.queue(strategy=strategy, delivery="auto")
    ana = factories.agent("Ana Sousa", queues=(sales,))
    waits = [unread(cast.waiting(sales), plan), cast.waiting(sales)]
    assert sum(dispatch.run() for _ in waits) == 2
    assert [cast.owner(one) for one in waits] == [("agent", ana.pk)] * 2


def test_an_offer_of_what_has_no_readable_plan_is_taken(db: None) -> None:
    sales = cast.queue()
    ana = factories.agent("Ana Sousa", queues=(sales,))
    waits = unread(cast.waiting(sales), plan_step=1)
    assert dispatch.run() == 1 and sight.of([ana.pk], [waits.pk]) == {ana.pk: {waits.pk}}
    assert explaining.sentence(Conversation.objects.get(pk=waits.pk), ana) == ""
    offers.accept(offer_id=cast.offer(waits).public_id, agent=ana)
    assert cast.owner(waits) == ("agent", ana.pk)


@pytest.mark.parametrize("lasts", ["soon", 10**12, -(10**12)])
def test_a_step_that_ends_on_no_day_that_there_is_rings_no_alarm(db: None, lasts: object) -> None:
    sales = cast.queue()
    waits = unread(cast.waiting(sales), {"steps": [{"target": f"queue:{sales.pk}", "for": lasts}]})
    cast.begin(waits)
    assert not Timer.objects.filter(kind=steps.TIMER, object_id=waits.pk).exists()


def test_where_people_pick_for_themselves_nobody_is_given_it(db: None) -> None:
    sales = cast.queue(strategy="manual", delivery="auto")
    ana = factories.agent("Ana Sousa", queues=(sales,))
    steps = [{"target": f"agent:{ana.pk}", "for": 60}, {"target": "nobody"}]
    waits = [unread(cast.waiting(sales), {"steps": steps}), cast.waiting(sales, ana)]
    assert dispatch.run() == 1
    assert [cast.owner(one) for one in waits] == [("queue", sales.pk), ("agent", ana.pk)]


def test_who_waits_with_an_unreadable_plan_is_told_once_and_costs_no_query(
    db: None, caplog: pytest.LogCaptureFixture, django_assert_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    sales, crowded = cast.queue(), cast.queue("crowded")
    waits = [unread(cast.waiting(queue)) for queue in (sales, *[crowded] * 7)]
    for queue in (sales, crowded, crowded):
        with django_assert_num_queries(2):
            roster.waiting_in(queue, now=clock.now(), most=50)
    assert caplog.text.count("cannot be read") == 2  # a line for each queue
    assert f"plans of queue {sales.pk}: 1 cannot be read" in caplog.text and str(waits[0].pk) in caplog.text


@pytest.mark.parametrize("plan", [[1], {"steps": [1]}])
def test_an_unreadable_plan_keeps_no_vip_and_no_closed_queue_waiting(db: None, plan: object) -> None:
    sales = cast.queue(is_open=False, when_exhausted="ticket")
    waits = [unread(cast.waiting(sales), plan), cast.waiting(sales)]
    for one in waits:
        factories.attribute(one.customer, "vip", True)
    assert closing.look() == 4
    assert [Conversation.objects.get(pk=one.pk).mode for one in waits] == ["ticket"] * 2


def test_the_doctor_says_where_somebody_waits_with_an_unreadable_plan(db: None) -> None:
    sales, support = cast.queue(is_default=True), cast.queue("support")
    cast.waiting(support)
    assert checkups.registered["queues"]().level == "OK"
    waits = unread(cast.waiting(sales))
    found = checkups.registered["queues"]()
    assert (found.level, "The plans of 1 in “Sales” cannot be read" in found.text) == ("WARN", True)
    assert str(waits.public_id) in found.text


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

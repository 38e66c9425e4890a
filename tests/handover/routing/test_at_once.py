"""What holds when offers, assignments and claims happen at once? Threads on real Postgres."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from conversations import timers
from conversations.models import Conversation, ConversationEvent
from handover import capacity, desk, refusals
from handover.models import Agent, Queue, Reservation
from handover.routing import dispatch, offers
from tests import factories
from tests.handover import at_once as together
from tests.handover.at_once import at_once
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sales(transactional_db: None) -> Queue:
    return cast.queue(delivery="auto")


def team(queue: Queue, size: int, **fields: object) -> list[Agent]:
    made = [factories.agent(f"Agent{number} Smith", queues=(queue,)) for number in range(size)]
    Agent.objects.update(**fields)
    return made


@pytest.mark.scenario("HO-2", "HO-I9")
def test_eight_routers_exceed_no_capacity_and_leave_nothing_that_fits(sales: Queue) -> None:
    agents = team(sales, 3, capacity=3)
    for _ in range(20):
        cast.waiting(sales)
    assert together.refusals(at_once([dispatch.run] * 8)) == []
    dispatch.run()
    assert set(capacity.loads([agent.pk for agent in agents]).values()) == {3.0}
    assert Conversation.objects.queued().count() == 11


@pytest.mark.scenario("HO-1")
def test_claims_and_routers_at_once_give_each_conversation_to_one(sales: Queue) -> None:
    agents = team(sales, 4, capacity=2)
    waits = [cast.waiting(sales) for _ in range(4)]
    claims = [
        partial(desk.claim, conversation_id=one.pk, agent=agent) for one, agent in zip(waits, agents, strict=True)
    ]
    calls: list[Callable[[], object]] = [*claims, dispatch.run, dispatch.run]
    results = at_once(calls)
    assert all(isinstance(error, refusals.AlreadyTaken) for error in together.refusals(results))
    moved = ConversationEvent.objects.filter(kind="owner_changed", data__to__kind="agent")
    assert sorted(moved.values_list("conversation_id", flat=True)) == sorted(one.pk for one in waits)


@pytest.mark.scenario("HO-1")
def test_of_an_accept_and_nineteen_claims_one_wins(sales: Queue) -> None:
    Queue.objects.update(delivery="offer")
    first, *others = team(sales, 20)
    waits = cast.waiting(sales, first)
    cast.begin(waits)
    accept = partial(offers.accept, offer_id=cast.offer(waits).public_id, agent=first)
    claims = [partial(desk.claim, conversation_id=waits.pk, agent=agent) for agent in others]
    lost = together.refusals(at_once([accept, *claims]))
    assert [type(error) for error in lost] == [refusals.AlreadyTaken] * 19
    assert waits.events.filter(kind="owner_changed", data__to__kind="agent").count() == 1


@pytest.mark.scenario("HO-5")
def test_decline_and_time_out_at_once_advance_once(sales: Queue) -> None:
    Queue.objects.update(delivery="offer")
    [ana] = team(sales, 1)
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    made = cast.offer(waits)
    timers.start(kind="reservation", object_id=made.pk, due_at=made.offered_at, guard=made.epoch)
    decline = partial(offers.decline, offer_id=made.public_id, agent=ana)
    calls: list[Callable[[], object]] = [decline, timers.sweep, timers.sweep]
    at_once(calls)
    assert waits.events.filter(kind="plan_advanced").count() == 1
    assert Agent.objects.get(pk=ana.pk).missed_offers == 1


def test_many_routers_make_one_offer_each(sales: Queue) -> None:
    Queue.objects.update(delivery="offer")
    team(sales, 2, capacity=2)
    for _ in range(6):
        cast.waiting(sales)
    assert together.refusals(at_once([dispatch.run] * 6)) == []
    pending = Reservation.objects.filter(status="pending")
    assert pending.count() == 4
    assert len(set(pending.values_list("conversation_id", flat=True))) == 4

"""Who is given or offered what waits? The next first, to the best of those who can take it, never beyond capacity."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations.models import Conversation
from handover import capacity
from handover.models import Agent, Queue
from handover.routing import dispatch
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(db: None) -> Queue:
    return cast.queue(delivery="auto")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def ben(sales: Queue) -> Agent:
    return factories.agent("Ben Okafor", queues=(sales,))


def given(*conversations: Conversation) -> list[int | None]:
    """Who has them now; None while they wait."""
    found = map(cast.owner, conversations)
    return [pk if kind == "agent" else None for kind, pk in found]


def test_a_queue_that_is_claimed_by_hand_gives_nothing(ana: Agent) -> None:
    Queue.objects.update(strategy="manual")
    waits = cast.waiting(ana.queues.get())
    assert dispatch.run() == 0
    assert given(waits) == [None]


def test_tickets_wait_for_whoever_opens_them(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, mode="ticket")
    assert dispatch.run() == 0
    assert given(waits) == [None]


def test_the_next_is_who_has_waited_longest_with_what_counts_as_waiting(sales: Queue, ana: Agent) -> None:
    Agent.objects.update(capacity=1)
    old, first = cast.waiting(sales), cast.waiting(sales)
    Conversation.objects.filter(pk=first.pk).update(ranked_at=clock.now() - timedelta(minutes=30))
    dispatch.run()
    assert given(old, first) == [None, ana.pk]


def test_no_capacity_is_exceeded(sales: Queue, ana: Agent) -> None:
    Agent.objects.update(capacity=3)
    waits = [cast.waiting(sales) for _ in range(5)]
    assert dispatch.run() == 3
    assert given(*waits) == [ana.pk] * 3 + [None] * 2
    assert capacity.load(ana.pk) == 3


def test_whoever_carries_least_gets_it(sales: Queue, ana: Agent, ben: Agent) -> None:
    factories.give(factories.waiting_in(sales), ana)
    waits = [cast.waiting(sales) for _ in range(3)]
    dispatch.run()
    assert sorted(filter(None, given(*waits))) == sorted([ben.pk, ben.pk, ana.pk])
    assert given(waits[0]) == [ben.pk]


def test_in_turns_it_does_not_matter_who_carries_what(sales: Queue, ana: Agent, ben: Agent) -> None:
    Queue.objects.update(strategy="round_robin")
    factories.give(factories.waiting_in(sales), ana)
    Agent.objects.filter(pk=ben.pk).update(last_assigned_at=clock.now())
    waits = [cast.waiting(sales) for _ in range(4)]
    dispatch.run()
    assert given(*waits) == [ana.pk, ben.pk, ana.pk, ben.pk]


def test_the_longest_idle_comes_first(sales: Queue, ana: Agent, ben: Agent) -> None:
    Queue.objects.update(strategy="longest_idle")
    now = clock.now()
    Agent.objects.filter(pk=ana.pk).update(last_assigned_at=now - timedelta(minutes=5))
    Agent.objects.filter(pk=ben.pk).update(last_assigned_at=now - timedelta(minutes=9))
    waits = cast.waiting(sales)
    dispatch.run()
    assert given(waits) == [ben.pk]


def test_a_skill_is_required_of_the_agent(sales: Queue, ana: Agent, ben: Agent) -> None:
    waits = cast.waiting(sales, skill="leather")
    cast.skilled(ben, "leather")
    Agent.objects.filter(pk=ben.pk).update(manual_status="away")
    assert dispatch.run() == 0
    Agent.objects.filter(pk=ben.pk).update(manual_status="online")
    assert dispatch.run() == 1
    assert given(waits) == [ben.pk]


def test_a_skill_that_nobody_has_is_given_to_nobody(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, skill="leather")
    assert dispatch.run() == 0
    assert given(waits) == [None]


def test_a_skill_that_a_colleague_waived_holds_up_nobody(sales: Queue, ana: Agent) -> None:
    steps = [{"target": f"queue:{sales.pk}", "for": None}]
    waits = cast.waiting(sales, skill="leather", routing_plan={"rule": 6, "steps": steps, "waives": True})
    assert dispatch.run() == 1
    assert given(waits) == [ana.pk]


def test_a_wish_holds_for_its_step(sales: Queue, ana: Agent, ben: Agent) -> None:
    Agent.objects.filter(pk=ana.pk).update(languages=["en"])
    Agent.objects.filter(pk=ben.pk).update(languages=["es"], capacity=0)
    steps = [{"target": f"queue:{sales.pk}", "for": 60, "needs": ["language:es"]}]
    steps.append({"target": f"queue:{sales.pk}", "for": None})
    waits = cast.waiting(sales, routing_plan={"rule": 13, "steps": steps})
    assert dispatch.run() == 0
    Conversation.objects.filter(pk=waits.pk).update(plan_step=1)
    assert dispatch.run() == 1
    assert given(waits) == [ana.pk]


def test_an_agent_with_a_bonus_comes_first(sales: Queue, ana: Agent, ben: Agent) -> None:
    factories.give(factories.waiting_in(sales), ana)
    steps = [{"target": f"queue:{sales.pk}", "for": None, "bonus": f"agent:{ana.pk}"}]
    waits = cast.waiting(sales, routing_plan={"rule": 9, "steps": steps})
    dispatch.run()
    assert given(waits) == [ana.pk]


def test_earlier_queues_of_the_plan_may_still_take_it(sales: Queue, ana: Agent) -> None:
    general = cast.queue("general", delivery="auto")
    waits = cast.waiting(general, sales, plan_step=1)
    dispatch.run()
    assert given(waits) == [ana.pk]


def test_a_queue_may_spare_those_who_are_not_at_their_keyboard(sales: Queue, ana: Agent) -> None:
    Queue.objects.update(takes_idle=False)
    Agent.objects.update(last_input_at=clock.now() - timedelta(minutes=11))
    waits = cast.waiting(sales)
    assert dispatch.run() == 0
    Agent.objects.update(last_input_at=clock.now())
    assert dispatch.run() == 1
    assert given(waits) == [ana.pk]


def test_one_who_cannot_be_served_holds_up_nobody(sales: Queue, ana: Agent) -> None:
    cast.skilled(factories.agent("Cleo", queues=(sales,)), "leather")
    Agent.objects.filter(name="Cleo").update(manual_status="away")
    first, second = cast.waiting(sales, skill="leather"), cast.waiting(sales)
    dispatch.run()
    assert given(first, second) == [None, ana.pk]


@pytest.mark.scenario("HO-8")
def test_who_is_over_capacity_gets_nothing_until_below(sales: Queue, ana: Agent) -> None:
    Agent.objects.update(capacity=1)
    own = [factories.give(factories.waiting_in(sales), ana) for _ in range(2)]
    waits = cast.waiting(sales)
    assert dispatch.run() == 0
    for one in own:
        factories.give(one, None)
    assert dispatch.run() == 1
    assert given(waits) == [ana.pk]


def test_an_agent_who_is_waited_for_is_not_given_what_they_lack_the_skill_for(sales: Queue, ana: Agent) -> None:
    plan = {
        "rule": 9,
        "steps": [{"target": f"agent:{ana.pk}", "for": 120, "waits": True}, {"target": f"queue:{sales.pk}"}],
    }
    waits = cast.waiting(sales, routing_plan=plan, skill="leather")
    dispatch.run()
    assert given(waits) == [None]
    cast.skilled(ana, "leather")
    dispatch.run()
    assert given(waits) == [ana.pk]

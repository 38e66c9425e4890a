"""One slot is left, and two want it in the same moment: who looked before the other had it counts again."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import transaction

from conversations.models import Conversation
from handover import capacity, desk, routing
from handover.models import Agent, Queue
from handover.routing import dispatch
from tests import factories
from tests.handover.at_once import while_held
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["auto", "offer"])
def sales(transactional_db: None, request: pytest.FixtureRequest) -> Queue:
    """Given at once, or offered: both count."""
    return cast.queue(delivery=request.param)


@pytest.fixture
def ana(sales: Queue) -> Agent:
    """She has room for one."""
    made = factories.agent("Ana Sousa", queues=(sales,))
    Agent.objects.update(capacity=1)
    return made


@pytest.fixture
def support(sales: Queue, ana: Agent) -> Queue:
    """Nobody is given anything here; Ana may claim it."""
    made = cast.queue("support", strategy="manual")
    made.memberships.create(agent=ana)
    return made


def assign(conversation: Conversation, agent: Agent) -> bool:
    with transaction.atomic():
        return routing.assign(conversation=conversation, agent_id=agent.pk)


@pytest.mark.scenario("HO-3", "HO-I9")
def test_a_router_that_saw_a_slot_leaves_it_to_who_claimed_meanwhile(sales: Queue, ana: Agent, support: Queue) -> None:
    waits, wanted = cast.waiting(sales), cast.waiting(support)
    claim = partial(desk.claim, conversation_id=wanted.pk, agent=ana)
    while_held(partial(capacity.lock, ana.pk), dispatch.run, claim)
    assert (cast.owner(wanted), cast.owner(waits)) == (("agent", ana.pk), ("queue", sales.pk))
    assert (capacity.load(ana.pk), cast.offers(waits)) == (1, [])


@pytest.mark.scenario("HO-2", "HO-I9")
def test_a_router_that_saw_a_slot_leaves_it_to_another_assignment(sales: Queue, ana: Agent, support: Queue) -> None:
    waits, other = cast.waiting(sales), cast.waiting(support)
    given = partial(assign, other, ana)
    while_held(partial(capacity.lock, ana.pk), dispatch.run, given)
    assert (cast.owner(other), cast.owner(waits)) == (("agent", ana.pk), ("queue", sales.pk))
    assert (capacity.load(ana.pk), cast.offers(waits)) == (1, [])


@pytest.mark.scenario("HO-2", "HO-I9")
def test_an_assignment_that_comes_second_finds_the_slot_gone(sales: Queue, ana: Agent, support: Queue) -> None:
    first, second = cast.waiting(sales), cast.waiting(support)
    late = partial(assign, second, ana)
    assert while_held(partial(capacity.lock, ana.pk), late, partial(assign, first, ana)) is False
    assert (capacity.load(ana.pk), cast.owner(second)) == (1, ("queue", support.pk))


@pytest.mark.scenario("HO-3")
def test_a_claim_that_comes_second_exceeds_what_fits(sales: Queue, ana: Agent, support: Queue) -> None:
    first, second = cast.waiting(sales), cast.waiting(support)
    late = partial(desk.claim, conversation_id=second.pk, agent=ana)
    while_held(partial(capacity.lock, ana.pk), late, partial(assign, first, ana))
    assert (capacity.load(ana.pk), cast.owner(second)) == (2, ("agent", ana.pk))

"""How does an agent answer an offer, and what if they do not?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from common import clock
from conversations import timers
from conversations.models import ConversationEvent, Timer
from handover import capacity, desk, presence, refusals
from handover.models import Agent, Queue, Reservation
from handover.routing import dispatch, offers
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(db: None) -> Queue:
    return cast.queue()


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    yield
    clock.shift_by(timedelta)


def later(seconds: float, *present: Agent) -> None:
    clock.shift_by(lambda: timedelta(seconds=seconds))
    for agent in present:
        presence.heartbeat(agent=agent, at=clock.now())


@pytest.mark.scenario("HO-57")
def test_the_preferred_agent_has_a_minute_to_accept(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    made = cast.offer(waits)
    assert made.agent_id == ana.pk
    assert timedelta(seconds=55) < made.expires_at - made.offered_at < timedelta(seconds=65)
    assert cast.owner(waits) == ("queue", sales.pk)
    offers.accept(offer_id=made.public_id, agent=ana)
    assert cast.owner(waits) == ("agent", ana.pk)
    assert cast.offers(waits) == [(ana.pk, "accepted")]


def test_an_offer_counts_in_full(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    assert capacity.load(ana.pk) == capacity.weight_of(waits)


def test_a_queue_that_gives_without_asking_gives_it_to_the_preferred_agent(sales: Queue, ana: Agent) -> None:
    Queue.objects.update(delivery="auto")
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    assert cast.owner(waits) == ("agent", ana.pk)
    assert cast.offers(waits) == []


@pytest.mark.scenario("HO-4")
def test_a_moment_too_late_is_too_late_and_the_plan_goes_on_once(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    made = cast.offer(waits)
    later(60.5, ana)
    with pytest.raises(offers.OfferOver):
        offers.accept(offer_id=made.public_id, agent=ana)
    timers.sweep()
    timers.sweep()
    waits.refresh_from_db()
    assert (waits.owner_kind, waits.plan_step) == ("queue", 1)
    assert waits.events.filter(kind="plan_advanced").count() == 1


@pytest.mark.scenario("HO-5")
def test_an_offer_that_passes_twice_advances_once(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    timer = Timer.objects.get(kind="reservation")
    later(61)
    offers.came_due(timer)
    offers.came_due(timer)
    assert cast.offers(waits) == [(ana.pk, "timed_out")]
    assert waits.events.filter(kind="plan_advanced").count() == 1


def test_what_is_closed_cannot_be_accepted(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    made = cast.offer(waits)
    factories.give(waits, None, state="closed", closed_at=clock.now())
    with pytest.raises(offers.OfferOver):
        offers.accept(offer_id=made.public_id, agent=ana)


def test_what_another_agent_took_says_who_has_it(sales: Queue, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    made = cast.offer(waits)
    desk.claim(conversation_id=waits.pk, agent=ben)
    assert cast.offers(waits) == [(ana.pk, "rescinded")]
    with pytest.raises(refusals.AlreadyTaken) as refused:
        offers.accept(offer_id=made.public_id, agent=ana)
    assert refused.value.extra == {"owner": "Ben Okafor"}


@pytest.mark.scenario("HO-7")
def test_who_declines_is_left_in_peace_for_ten_minutes_even_if_alone(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    offers.decline(offer_id=cast.offer(waits).public_id, agent=ana)
    offers.back(agent=Agent.objects.get(pk=ana.pk))
    assert dispatch.run() == 0
    later(599, ana)
    assert dispatch.run() == 0
    later(601, ana)
    presence.heartbeat(agent=Agent.objects.get(pk=ana.pk), at=clock.now())
    assert dispatch.run() == 1
    assert cast.offer(waits).agent_id == ana.pk


def test_who_misses_an_offer_gets_no_other_until_they_are_back(sales: Queue, ana: Agent) -> None:
    waits, other = cast.waiting(sales, ana), cast.waiting(sales)
    cast.begin(waits)
    later(61, ana)
    timers.sweep()
    assert Agent.objects.get(pk=ana.pk).not_responding_at is not None
    assert dispatch.run() == 0
    offers.back(agent=Agent.objects.get(pk=ana.pk))
    assert dispatch.run() == 1
    assert cast.offer(other).agent_id == ana.pk


def test_two_missed_in_a_row_are_counted_and_an_accepted_one_forgives(sales: Queue, ana: Agent) -> None:
    for _ in range(2):
        waits = cast.waiting(sales, ana)
        cast.begin(waits)
        offers.decline(offer_id=cast.offer(waits).public_id, agent=ana)
        Agent.objects.update(not_responding_at=None)
    assert Agent.objects.get(pk=ana.pk).missed_offers == 2
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    offers.accept(offer_id=cast.offer(waits).public_id, agent=ana)
    assert Agent.objects.get(pk=ana.pk).missed_offers == 0


def test_nobody_accepts_what_was_offered_to_somebody_else(sales: Queue, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    for answer in (offers.accept, offers.decline):
        with pytest.raises(offers.NotOffered):
            answer(offer_id=cast.offer(waits).public_id, agent=ben)
    assert cast.offers(waits) == [(ana.pk, "pending")]


@pytest.mark.scenario("HO-58")
@pytest.mark.parametrize("change", [{"manual_status": "away"}, {"is_draining": True}, {"capacity": 0}])
def test_nobody_waits_for_an_agent_who_cannot_take_it(sales: Queue, ana: Agent, change: dict[str, object]) -> None:
    Agent.objects.filter(pk=ana.pk).update(**change)
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    waits.refresh_from_db()
    assert (waits.plan_step, cast.offers(waits)) == (1, [])
    advanced = ConversationEvent.objects.get(conversation=waits, kind="plan_advanced")
    assert advanced.data["because"] == "not_there"


def test_an_agent_who_is_waited_for_is_asked_once_there_is_room(sales: Queue, ana: Agent) -> None:
    Agent.objects.update(capacity=1)
    busy = factories.give(factories.waiting_in(sales), ana)
    waits = cast.waiting(sales, ana)
    plan = waits.routing_plan or {}
    plan["steps"][0] |= {"waits": True, "for": 120}
    waits.save(update_fields=["routing_plan"])
    cast.begin(waits)
    assert dispatch.run() == 0
    desk.close(conversation_id=busy.pk, agent=ana)
    Reservation.objects.all().delete()
    ana.wrap_ups.all().delete()
    assert dispatch.run() == 1
    assert cast.offer(waits).agent_id == ana.pk

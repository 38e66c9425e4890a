"""Who is there, and who has room?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from handover import capacity, presence, routing
from handover.models import Agent, Queue
from handover.routing import offers
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return factories.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


def test_a_queue_is_staffed_while_one_of_its_agents_is_online(sales: Queue, ana: Agent) -> None:
    assert presence.is_staffed(sales)
    assert not presence.is_staffed(factories.queue("support"))


@pytest.mark.parametrize(
    "change",
    [{"manual_status": "away"}, {"is_active": False}, {"last_seen_at": None}, {"is_draining": True}],
    ids=["away", "deactivated", "never seen", "on the way out"],
)
def test_who_is_not_there_does_not_staff(sales: Queue, ana: Agent, change: dict[str, object]) -> None:
    Agent.objects.filter(pk=ana.pk).update(**change)
    assert not presence.is_staffed(sales)


@pytest.mark.parametrize(("strategy", "there"), [("manual", True), ("least_busy", False), ("external", False)])
def test_who_lets_offers_pass_is_there_only_where_nothing_is_offered(
    sales: Queue, ana: Agent, strategy: str, there: bool
) -> None:
    Agent.objects.filter(pk=ana.pk).update(not_responding_at=clock.now())
    Queue.objects.update(strategy=strategy)
    sales.refresh_from_db()
    assert (presence.is_staffed(sales), routing.can_serve(sales, skill="")) == (there, there)
    offers.back(agent=ana)
    assert (presence.is_staffed(sales), routing.can_serve(sales, skill="")) == (True, True)


@pytest.mark.parametrize(("seconds", "there"), [(74, True), (76, False)])
def test_online_lasts_75_seconds(sales: Queue, ana: Agent, seconds: int, there: bool) -> None:
    Agent.objects.filter(pk=ana.pk).update(last_seen_at=clock.now() - timedelta(seconds=seconds))
    ana.refresh_from_db()
    assert (presence.is_staffed(sales), presence.is_online(ana)) == (there, there)


def test_a_closed_queue_is_not_staffed(sales: Queue, ana: Agent) -> None:
    sales.is_open = False
    assert not presence.is_staffed(sales)


def test_a_heartbeat_is_written_only_when_the_last_is_20_seconds_old(ana: Agent) -> None:
    seen = ana.last_seen_at
    assert seen is not None
    presence.heartbeat(agent=ana, at=seen + timedelta(seconds=10))
    assert Agent.objects.get().last_seen_at == seen
    presence.heartbeat(agent=ana, at=seen + timedelta(seconds=25))
    assert Agent.objects.get().last_seen_at == seen + timedelta(seconds=25)


def test_the_load_weighs_channels(sales: Queue, ana: Agent) -> None:
    factories.give(factories.waiting_in(sales), ana)
    assert capacity.load(ana.pk) == 1
    person = factories.customer()
    shop = factories.receive(factories.web(factories.site_user(person)), "hello")
    factories.give(shop.conversation, ana)
    assert capacity.load(ana.pk) == 3


def test_who_waits_for_the_customer_for_ten_minutes_carries_less(sales: Queue, ana: Agent) -> None:
    given = factories.give(factories.waiting_in(sales), ana)
    long_ago = clock.now() - timedelta(minutes=11)
    type(given).objects.filter(pk=given.pk).update(waiting_on="customer", last_message_at=long_ago)
    assert capacity.load(ana.pk) == 0.25


def test_closed_and_parked_conversations_weigh_nothing(sales: Queue, ana: Agent) -> None:
    factories.give(factories.give(factories.waiting_in(sales), ana), None, state="closed")
    factories.give(factories.waiting_in(sales), ana, state="parked")
    assert capacity.load(ana.pk) == 0

"""What if a clock is wrong, people leave, ten thousand wait, or one customer writes two hundred times in a minute?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from conversations import timers
from conversations.models import Conversation, Message, Timer
from handover import board, desk, drafts, presence, refusals, transferring
from handover.models import Agent, Draft, Membership, Queue, Reservation
from handover.routing import closing, dispatch, offers
from handover.timing import leaving
from tests import factories
from tests.handover.at_once import at_once
from tests.handover.at_once import refusals as refused
from tests.handover.inbox.cast import client_of
from tests.handover.routing import cast
from tests.stories import cast as stories

MANY = 10_000
PENDING = Reservation.Status.PENDING
Leaves = Callable[[Agent], object]


@pytest.fixture
def sales(db: None) -> Queue:
    return cast.queue()


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


# --- a machine whose clock is wrong -----------------------------------------------------------------------------------


@pytest.fixture(params=[10, -10], ids=["ahead", "behind"])
def wrong_clock(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[None]:
    """Ten minutes off, as a worker finds it that starts now."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain moment will do
            return datetime.now(tz) + timedelta(minutes=request.param)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "datetime", Wrong)
        connection.close()
        yield
    connection.close()
    connection.connect()


@pytest.mark.django_db(transaction=True)
def test_a_worker_with_a_wrong_clock_offers_and_nobody_seems_to_be_gone(
    sales: Queue, ana: Agent, wrong_clock: None
) -> None:
    hers, waits = factories.give(factories.waiting_in(sales), ana), cast.waiting(sales)
    assert presence.is_online(ana) and leaving.sweep() == 0
    assert dispatch.run() == 1
    assert abs(made_until(waits) - timedelta(seconds=45)) < timedelta(seconds=5)
    assert timers.sweep() == 0
    offers.accept(offer_id=cast.offer(waits).public_id, agent=ana)
    assert cast.owner(waits) == cast.owner(hers) == ("agent", ana.pk)


@pytest.mark.scenario("HO-4")
@pytest.mark.django_db(transaction=True)
def test_an_offer_is_over_by_the_databases_clock_whoever_looks(sales: Queue, ana: Agent, wrong_clock: None) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    made = cast.offer(waits)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE handover_reservation SET expires_at = clock_timestamp() - interval '1 ms'")
        cursor.execute("UPDATE conversations_timer SET due_at = clock_timestamp() WHERE kind = 'reservation'")
    with pytest.raises(offers.OfferOver):
        offers.accept(offer_id=made.public_id, agent=ana)
    assert timers.sweep() == 1
    assert waits.events.filter(kind="plan_advanced").count() == 1


def made_until(conversation: Conversation) -> timedelta:
    """How long its offer still holds, as the database sees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires_at - clock_timestamp() FROM handover_reservation WHERE status = 'pending'")
        ((found,),) = cursor.fetchall()
    return found  # type: ignore[no-any-return]  # an interval


# --- people who leave -------------------------------------------------------------------------------------------------


def by_deactivation(agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(is_active=False)


def by_login(agent: Agent) -> None:
    User.objects.filter(pk=agent.user_id).update(is_active=False)


def by_team(agent: Agent) -> None:
    Membership.objects.filter(agent=agent).delete()


@pytest.mark.django_db
@pytest.mark.parametrize("leaves", [by_deactivation, by_login, by_team])
def test_what_was_offered_to_somebody_who_left_is_offered_to_the_next(sales: Queue, ana: Agent, leaves: Leaves) -> None:
    waits = cast.waiting(sales)
    assert dispatch.run() == 1
    ben = factories.agent("Ben Okafor", queues=(sales,))
    leaves(ana)
    assert closing.look() == 1
    assert cast.offers(waits) == [(ana.pk, "rescinded")]
    assert dispatch.run() == 1
    assert cast.offer(waits).agent_id == ben.pk
    assert Agent.objects.get(pk=ana.pk).missed_offers == 0


@pytest.mark.django_db
@pytest.mark.parametrize("leaves", [by_deactivation, by_login, by_team])
def test_nobody_waits_for_a_preferred_agent_who_left(sales: Queue, ana: Agent, leaves: Leaves) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    leaves(ana)
    assert closing.look() == 1
    waits.refresh_from_db()
    assert (waits.plan_step, cast.offers(waits)) == (1, [(ana.pk, "rescinded")])


@pytest.mark.django_db
def test_an_offer_to_somebody_who_is_still_there_stays(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales)
    dispatch.run()
    Agent.objects.update(manual_status="away")
    assert closing.look() == 0
    assert cast.offers(waits) == [(ana.pk, "pending")]


@pytest.mark.django_db
@pytest.mark.parametrize("leaves", [by_deactivation, by_login])
def test_what_they_held_goes_back_to_its_queue(sales: Queue, ana: Agent, leaves: Leaves) -> None:
    factories.agent("Ben Okafor", queues=(sales,))
    hers = factories.give(factories.waiting_in(sales), ana)
    leaves(ana)
    assert leaving.sweep() == 1
    assert cast.owner(hers) == ("queue", sales.pk)


# --- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [0, 1])
def test_of_accepting_it_and_passing_it_on_one_wins(sales: Queue, ana: Agent, first: int) -> None:
    support = cast.queue("support")
    ben = factories.agent("Ben Okafor", queues=(sales, support))
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    epoch = Conversation.objects.get(pk=waits.pk).owner_epoch
    accept = partial(offers.accept, offer_id=cast.offer(waits).public_id, agent=ana)
    pass_on = partial(
        transferring.transfer, conversation_id=waits.pk, agent=ben, note="Yours", queue=support, seen_epoch=epoch
    )
    results = at_once([accept, pass_on] if first else [pass_on, accept])
    [lost] = refused(results)
    assert isinstance(lost, refusals.AlreadyTaken | offers.OfferOver | refusals.NotYours)
    assert cast.owner(waits) in (("agent", ana.pk), ("queue", support.pk))
    assert waits.events.filter(kind="owner_changed", epoch__gt=epoch).count() == 1


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(sales: Queue) -> Queue:
    """Ten thousand who wait in sales, made by statements."""
    from tests.handover import crowds

    crowds.wait(sales, MANY)
    return sales


def asked(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


@pytest.mark.django_db
def test_a_list_the_board_and_a_round_of_routing_ask_no_more_of_ten_thousand_than_of_a_few(
    crowd: Queue, ana: Agent
) -> None:
    Queue.objects.update(delivery="auto")
    Agent.objects.update(capacity=3)
    browser = client_of(ana)
    assert asked(lambda: browser.get("/inbox/queue-sales/")) <= 15
    assert browser.get("/inbox/queue-sales/").content.decode().count('<li class="row') == 30
    assert asked(board.read) <= 8
    assert {line.waiting for line in board.read().queues} == {MANY}
    assert asked(dispatch.run) <= 60
    assert Conversation.objects.filter(owner_kind="agent").count() == 3


@pytest.mark.django_db
def test_ten_thousand_drafts_of_one_agent_cost_no_more_than_a_few(crowd: Queue, ana: Agent) -> None:
    opened = cast.waiting(crowd)
    waiting, now = list(Conversation.objects.order_by("pk")), clock.now()
    kept = {"agent": ana, "kind": "reply", "text": "Begun once"}
    begun = [Draft(conversation=one, updated_at=now + timedelta(seconds=at), **kept) for at, one in enumerate(waiting)]
    Draft.objects.bulk_create(begun)
    browser = client_of(ana)
    assert asked(lambda: browser.get("/inbox/marks")) <= 6
    marked = browser.get("/inbox/marks").json()["drafts"]
    assert (len(marked), str(waiting[-1].public_id) in marked) == (drafts.MOST, True)
    assert asked(lambda: browser.get("/inbox/queue-sales/")) <= 15
    page = browser.get(f"/inbox/c/{opened.public_id}/")
    assert (page.status_code, page.content.count(b"Begun once")) == (200, 2)


@pytest.mark.django_db
def test_two_hundred_messages_in_a_minute_wind_the_same_timers(sales: Queue, ana: Agent) -> None:
    stories.library()
    maya = stories.maya()
    phone = maya.on_whatsapp()
    phone.turn("hi")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    phone.turn("one")
    before = Timer.objects.count()
    for number in range(200):
        phone.turn(f"and {number}")
    assert Timer.objects.count() == before < 8
    assert Message.objects.filter(author="customer").count() == 202

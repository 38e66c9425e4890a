"""What changes for those who wait while nobody does anything?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations import timers
from conversations.models import Conversation, Message, Timer
from handover import desk, hours
from handover.models import Agent, BusinessHours, Membership, Queue, Reservation
from handover.routing import closing, dispatch
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(db: None) -> Queue:
    return cast.queue(strategy="manual")


@pytest.fixture
def general(sales: Queue) -> Queue:
    queue = cast.queue("general", strategy="manual", is_default=True)
    factories.agent("Gus Green", queues=(queue,))
    return queue


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


def said(conversation: Conversation) -> list[str]:
    rows = Message.objects.filter(session__conversation=conversation, author="system").order_by("pk")
    return [row.step_id for row in rows]


@pytest.mark.scenario("HO-35")
def test_a_queue_that_closes_hands_on_whoever_waits(sales: Queue, general: Queue, ana: Agent) -> None:
    waits = cast.waiting(general, sales)
    Conversation.objects.filter(pk=waits.pk).update(owner_id=sales.pk, queue_id=sales.pk)
    assert closing.look() == 0
    queued_at = waits.queued_at
    Queue.objects.filter(pk=sales.pk).update(is_open=False)
    assert closing.look() == 1
    waits.refresh_from_db()
    assert (waits.owner_id, waits.plan_step, waits.queued_at) == (general.pk, 1, queued_at)
    assert said(waits) == ["desk_requeued"]
    assert closing.look() == 0


@pytest.mark.scenario("HO-35")
def test_where_nothing_is_left_of_the_plan_it_is_over_once(sales: Queue, ana: Agent) -> None:
    Queue.objects.update(when_exhausted="ticket", is_open=False)
    waits = cast.waiting(sales)
    assert [closing.look(), closing.look()] == [1, 0]
    waits.refresh_from_db()
    assert (waits.mode, waits.owner_kind) == ("ticket", "queue")
    assert waits.events.filter(kind="plan_exhausted").count() == 1


@pytest.mark.scenario("HO-35", "HO-65")
def test_a_queue_that_closes_keeps_nobody_waiting_all_night(sales: Queue, ana: Agent) -> None:
    tomorrow = hours.DAYS[(clock.now() + timedelta(days=1)).weekday()]
    weekly = {tomorrow: ["09:00-17:00"]}
    sales.hours = BusinessHours.objects.create(title="One day", time_zone="UTC", weekly=weekly, holidays=[])
    sales.save(update_fields=["hours"])
    waits = cast.waiting(sales)
    assert [closing.look(), closing.look(), timers.sweep()] == [1, 0, 0]
    waits.refresh_from_db()
    assert (waits.owner_kind, waits.mode, said(waits)) == ("queue", "ticket", ["desk_ticket_opens"])


def test_a_queue_whose_last_agent_has_gone_hands_on(sales: Queue, general: Queue) -> None:
    waits = cast.waiting(general, sales)
    Conversation.objects.filter(pk=waits.pk).update(owner_id=sales.pk, queue_id=sales.pk)
    assert closing.look() == 1
    assert cast.owner(waits) == ("queue", general.pk)


def test_who_needs_a_skill_goes_on_when_the_last_who_has_it_leaves(sales: Queue, general: Queue, ana: Agent) -> None:
    cast.skilled(Agent.objects.get(name="Gus Green"), "leather")
    cast.skilled(factories.agent("Cleo Day", queues=(sales,)), "leather")
    needs, plain = cast.waiting(general, sales, skill="leather"), cast.waiting(general, sales)
    Conversation.objects.filter(pk__in=(needs.pk, plain.pk)).update(owner_id=sales.pk, queue_id=sales.pk)
    assert closing.look() == 0
    Agent.objects.filter(name="Cleo Day").update(manual_status="offline")
    assert closing.look() == 1
    assert (cast.owner(needs)[1], cast.owner(plain)[1]) == (general.pk, sales.pk)


@pytest.mark.scenario("HO-65")
@pytest.mark.parametrize(("then", "owner", "mode"), [("keep", "queue", "ticket"), ("bot", "bot", "live")])
def test_who_has_nowhere_else_to_wait_does_not_wait_in_silence(sales: Queue, then: str, owner: str, mode: str) -> None:
    Queue.objects.update(when_exhausted=then)
    waits = cast.waiting(sales)
    plain = factories.waiting_in(sales, name="Tom Berg")
    assert closing.look() == 0
    assert [cast.owner(one)[0] for one in (waits, plain)] == ["queue", "queue"]
    assert Timer.objects.filter(kind="queue_alone").update(due_at=clock.now() - timedelta(seconds=1)) == 2
    closing.look()
    timers.sweep()
    for one in (waits, plain):
        one.refresh_from_db()
        assert (one.owner_kind, one.mode) == (owner, mode)
        assert said(one) == (["desk_ticket"] if owner == "queue" else [])


@pytest.mark.scenario("HO-7", "HO-65")
def test_the_only_agent_who_lets_an_offer_pass_leaves_nobody_in_a_silent_queue(sales: Queue, ana: Agent) -> None:
    Queue.objects.update(strategy="least_busy", delivery="offer")
    waits = cast.waiting(sales)
    dispatch.run()
    Timer.objects.filter(kind="reservation").update(due_at=clock.now() - timedelta(seconds=1))
    Reservation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    timers.sweep()
    closing.look()
    assert Timer.objects.filter(kind="queue_alone").update(due_at=clock.now() - timedelta(seconds=1)) == 1
    timers.sweep()
    waits.refresh_from_db()
    assert (waits.owner_kind, waits.mode, said(waits)) == ("queue", "ticket", ["desk_ticket"])


def test_who_is_not_alone_for_long_goes_on_waiting(sales: Queue) -> None:
    waits = cast.waiting(sales)
    closing.look()
    [timer] = Timer.objects.filter(kind="queue_alone")
    assert timedelta(minutes=9) < timer.due_at - clock.now() <= timedelta(minutes=10)
    factories.agent("Ana Sousa", queues=(sales,))
    Timer.objects.filter(kind="queue_alone").update(due_at=clock.now() - timedelta(seconds=1))
    timers.sweep()
    waits.refresh_from_db()
    assert (waits.owner_kind, waits.mode, said(waits)) == ("queue", "live", [])


@pytest.mark.scenario("HO-37")
def test_who_becomes_a_vip_while_waiting_is_sorted_anew_once(sales: Queue, ana: Agent) -> None:
    first, second = cast.waiting(sales), cast.waiting(sales, name="Tom Berg")
    Queue.objects.update(strategy="least_busy", delivery="auto")
    Agent.objects.update(capacity=1)
    factories.attribute(second.customer, "vip", "true")
    assert [closing.look(), closing.look()] == [1, 0]
    second.refresh_from_db()
    assert second.queued_at is not None and second.ranked_at is not None
    assert (second.queued_at - second.ranked_at).total_seconds() == 1800
    dispatch.run()
    assert [cast.owner(first)[0], cast.owner(second)[0]] == ["queue", "agent"]


@pytest.mark.scenario("HO-37", "HO-60")
def test_a_vip_counts_as_one_once_wherever_they_are_passed_on_to(sales: Queue, general: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales)
    factories.attribute(waits.customer, "vip", "true")
    for at in range(3):
        closing.look()
        desk.claim(conversation_id=waits.pk, agent=ana)
        to = (general, sales)[at % 2]
        Membership.objects.get_or_create(agent=ana, queue=to)
        desk.transfer(conversation_id=waits.pk, agent=ana, queue=to, note="Yours")
    closing.look()
    waits.refresh_from_db()
    assert waits.queued_at is not None and waits.ranked_at is not None
    assert (waits.priority, (waits.queued_at - waits.ranked_at).total_seconds()) == (30, 1800)
    assert waits.events.filter(kind="priority_raised").count() == 1


def test_who_has_no_rank_is_given_one(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ranked_at=None)
    closing.look()
    waits.refresh_from_db()
    assert waits.ranked_at == waits.queued_at

"""Is everything as it was when something that was done to many is taken back? Place, plan, promises; and in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from common import clock
from conversations import threads
from conversations.content import Text
from conversations.models import Conversation, Message, Timer
from handover import bulk, checking, desk, leading, owning
from handover.models import Affinity, Agent, BulkAction, Queue, Reservation, SlaClock, SlaPolicy
from tests import factories as make

pytestmark = pytest.mark.django_db
SAME = ("owner_kind", "owner_id", "state", "mode", "queue_id", "queued_at", "ranked_at", "priority", "routing_plan")
ALSO = ("plan_step", "parked_until", "park_reason", "closed_at", "close_reason")


@pytest.fixture
def sales() -> Queue:
    promised = SlaPolicy.objects.create(title="Sales", first_minutes=10, resolution_minutes=120)
    return make.queue("sales", sla=promised, max_wait_minutes=30)


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def chloe(sales: Queue) -> Agent:
    return make.agent("Chloe Martin", supervises=(sales,))


@pytest.fixture
def rows(sales: Queue, ana: Agent, chloe: Agent) -> list[Conversation]:
    """A message that was left an hour ago, somebody who waits since then, and what Ana has and what rests with her."""
    made = [make.waiting_in(sales, name=f"Person {number}") for number in range(4)]
    hour = clock.now() - timedelta(hours=1)
    old = {"queued_at": hour, "ranked_at": hour - timedelta(minutes=30), "priority": 30}
    plan = {"rule": 6, "steps": [{"target": f"queue:{sales.pk}"}]}
    Conversation.objects.filter(pk__in=[made[0].pk, made[1].pk]).update(**old, routing_plan=plan)
    Conversation.objects.filter(pk=made[0].pk).update(mode="ticket")
    for row in made:
        with transaction.atomic():
            owning.moved(threads.lock(conversation_id=row.pk), cause="handover")
    for row in made[2:]:
        leading.force_assign(conversation_id=row.pk, agent=chloe, to=ana)
    desk.park(conversation_id=made[3].pk, agent=ana, reason="call back")
    return made


def look(rows: list[Conversation]) -> list[Any]:
    """What must be the same: rows, deadlines, promises, and what the customers have read."""
    ids = [row.pk for row in rows]
    timers = Timer.objects.filter(object_id__in=ids).exclude(kind__in=("sla", "rating", "wrap_up"))
    promised = SlaClock.objects.filter(conversation__in=ids, ended_at__isnull=True)
    return [
        list(Conversation.objects.filter(pk__in=ids).order_by("pk").values_list(*SAME, *ALSO)),
        {(kind, pk, due.replace(microsecond=0)) for kind, pk, due in timers.values_list("kind", "object_id", "due_at")},
        list(promised.order_by("pk").values_list("pk", "kind", "started_at", "met_at")),
        Message.objects.exclude(author="customer").count(),
    ]


def done(by: Agent, verb: str, rows: list[Conversation], **options: object) -> BulkAction:
    return bulk.start(agent=by, verb=verb, options=options, ids=[row.public_id for row in rows])


@pytest.mark.parametrize("to", ["me", "colleague"])
def test_who_was_taken_from_their_places_has_them_again(
    chloe: Agent, ana: Agent, sales: Queue, rows: list[Conversation], to: str
) -> None:
    before = look(rows[:2])
    options = {} if to == "me" else {"agent": ana.pk}
    action = done(chloe, "assign", rows[:2], **options)
    assert action.refused == {} and look(rows[:2]) != before
    assert bulk.kept(bulk.undo(action=action, agent=chloe)) == {}
    assert look(rows[:2]) == before


def test_what_was_closed_goes_back_to_whoever_had_it(chloe: Agent, rows: list[Conversation]) -> None:
    before = look(rows[:3])
    action = done(chloe, "close", rows[:3])
    assert action.refused == {} and not SlaClock.objects.filter(conversation=rows[0], ended_at__isnull=True).exists()
    told = Message.objects.exclude(author="customer").count()
    assert bulk.put_back(bulk.undo(action=action, agent=chloe)) == 3
    assert look(rows[:3]) == [*before[:3], told]
    assert all(row.sessions.filter(ended_at__isnull=True).exists() for row in rows[:3])


@pytest.mark.scenario("HO-39")
def test_who_helped_last_is_whoever_it_was_before_the_close(ana: Agent, chloe: Agent, rows: list[Conversation]) -> None:
    desk.reply(conversation_id=rows[2].pk, agent=ana, content=Text("Hello"), client_id="1")
    before = list(Affinity.objects.values())
    action = done(chloe, "close", rows[2:])
    assert set(Affinity.objects.values_list("agent", flat=True)) == {chloe.pk} and Affinity.objects.count() == 2
    assert bulk.kept(bulk.undo(action=action, agent=chloe)) == {}
    assert list(Affinity.objects.values()) == before and before[0]["agent_id"] == ana.pk
    assert checking.check() == []


def test_who_has_helped_since_the_close_stays_who_helped_last(
    ana: Agent, chloe: Agent, rows: list[Conversation]
) -> None:
    action = done(chloe, "close", rows[2:3])
    Affinity.objects.update(agent=ana, handled_at=clock.now() + timedelta(seconds=1))
    bulk.undo(action=action, agent=chloe)
    assert Affinity.objects.get().agent == ana


def test_who_closes_what_nobody_had_has_helped_nobody(chloe: Agent, rows: list[Conversation]) -> None:
    done(chloe, "close", rows[:2])
    assert not Affinity.objects.exists() and checking.check() == []


def test_what_was_parked_is_open_and_what_rested_rests(ana: Agent, chloe: Agent, rows: list[Conversation]) -> None:
    before = look(rows[2:])
    bulk.undo(action=done(ana, "park", rows[2:3]), agent=ana)
    bulk.undo(action=done(chloe, "close", rows[3:]), agent=chloe)
    assert look(rows[2:])[:3] == before[:3]


def test_what_was_given_to_a_team_of_others_is_taken_back_by_who_gave_it(ana: Agent, rows: list[Conversation]) -> None:
    before = look(rows[:2])
    action = done(ana, "assign", rows[:2], queue=make.queue("support").pk)
    assert action.refused == {}
    assert bulk.put_back(bulk.undo(action=action, agent=ana)) == 2
    assert look(rows[:2])[:3] == before[:3]


def test_what_is_only_offered_is_offered_no_more(ana: Agent, sales: Queue, rows: list[Conversation]) -> None:
    before = look(rows[1:2])
    action = done(ana, "assign", rows[1:2], agent=make.agent("Ben Okafor", queues=(sales,)).pk)
    assert Reservation.objects.filter(status="pending").count() == 1
    bulk.undo(action=action, agent=ana)
    assert not Reservation.objects.filter(status="pending").exists() and look(rows[1:2])[:3] == before[:3]


def test_what_has_been_answered_since_stays(ana: Agent, rows: list[Conversation]) -> None:
    action = done(ana, "assign", rows[:2])
    make.agent_says(rows[0].sessions.get(), "Hello", ana)
    back = bulk.undo(action=action, agent=ana)
    assert (bulk.kept(back), bulk.put_back(back)) == ({str(rows[0].public_id): "owner_moved"}, 1)


def test_where_nobody_is_any_more_nothing_goes_back(ana: Agent, chloe: Agent, rows: list[Conversation]) -> None:
    action = done(chloe, "close", rows[2:3])
    Agent.objects.filter(pk=ana.pk).update(is_active=False)
    assert set(bulk.kept(bulk.undo(action=action, agent=chloe)).values()) == {"target_gone"}


def test_who_has_a_new_matter_by_now_keeps_that(chloe: Agent, rows: list[Conversation]) -> None:
    action = done(chloe, "close", rows[:1])
    person = rows[0].sessions.get().identity
    make.receive(make.whatsapp(person), "menu", at=clock.now() + timedelta(hours=25))
    assert set(bulk.kept(bulk.undo(action=action, agent=chloe)).values()) <= {"goes_on", "owner_moved"}
    assert Conversation.objects.unclosed().filter(customer=rows[0].customer).count() == 1


def test_very_many_are_taken_back_by_a_worker_who_may_die_over_it(
    ana: Agent, rows: list[Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = look(rows[:2])
    action = done(ana, "assign", rows[:2])
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    begun = bulk.undo(action=action, agent=ana)
    assert (begun.status, bulk.put_back(begun)) == ("pending", 0)
    with pytest.raises(bulk.TooLate):
        bulk.undo(action=action, agent=ana)
    BulkAction.objects.update(done_at=clock.now() - bulk.LEASE * 2)
    bulk._one_back(BulkAction.objects.select_related("agent__user").get(), str(rows[0].public_id), rows[0])
    BulkAction.objects.update(done_at=clock.now() - bulk.LEASE * 2)
    assert bulk.sweep() == 1
    begun.refresh_from_db()
    assert (begun.status, bulk.put_back(begun), look(rows[:2])) == ("undone", 2, before)

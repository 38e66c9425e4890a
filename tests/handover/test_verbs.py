"""What do the desk's other verbs do: pass on, escalate, park, reopen, wrap up, name the topic?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations import timers
from conversations.models import Conversation, Timer
from handover import capacity, desk, parking, refusals
from handover.models import Agent, Disposition, Note, Queue, Tag, WrapUp
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return factories.queue("sales")


@pytest.fixture
def support() -> Queue:
    return factories.queue("support")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def ben(support: Queue) -> Agent:
    return factories.agent("Ben Okafor", queues=(support,))


@pytest.fixture
def chloe(sales: Queue) -> Agent:
    return factories.agent("Chloe Martin", supervises=(sales,))


@pytest.fixture
def hers(sales: Queue, ana: Agent) -> Conversation:
    """Ana has it."""
    return factories.give(factories.waiting_in(sales), ana)


def test_a_transfer_to_a_queue_waits_there_with_a_note(hers: Conversation, ana: Agent, ben: Agent) -> None:
    support = ben.queues.get()
    moved = desk.transfer(conversation_id=hers.pk, agent=ana, queue=support, note="A technical question")
    assert (moved.owner_kind, moved.owner_id, moved.queue_id, moved.mode) == ("queue", support.pk, support.pk, "live")
    assert Note.objects.get().text == "A technical question"


def test_a_transfer_without_a_note_changes_nothing(hers: Conversation, ana: Agent, support: Queue) -> None:
    with pytest.raises(refusals.NoteMissing):
        desk.transfer(conversation_id=hers.pk, agent=ana, queue=support, note="  ")
    hers.refresh_from_db()
    assert hers.owner_id == ana.pk


def test_where_nobody_is_a_transfer_becomes_a_message_that_was_left(
    hers: Conversation, ana: Agent, support: Queue
) -> None:
    moved = desk.transfer(conversation_id=hers.pk, agent=ana, queue=support, note="For tomorrow")
    assert (moved.owner_id, moved.mode) == (support.pk, "ticket")


def test_a_colleague_cannot_pass_on_what_is_not_theirs(hers: Conversation, sales: Queue, support: Queue) -> None:
    tom = factories.agent("Tom Hardy", queues=(sales,))
    with pytest.raises(refusals.NotYours):
        desk.transfer(conversation_id=hers.pk, agent=tom, queue=support, note="Mine now")


def test_a_colleague_who_is_away_gets_it_from_a_supervisor_only(hers: Conversation, ana: Agent, chloe: Agent) -> None:
    tom = factories.agent("Tom Hardy", queues=(hers_queue(hers),))
    Agent.objects.filter(pk=tom.pk).update(manual_status="offline")
    tom.refresh_from_db()
    with pytest.raises(refusals.TargetAway):
        desk.transfer(conversation_id=hers.pk, agent=ana, to=tom, note="You know her")
    moved = desk.transfer(conversation_id=hers.pk, agent=chloe, to=tom, note="You know her")
    assert moved.owner_id == tom.pk


def hers_queue(conversation: Conversation) -> Queue:
    return Queue.objects.get(pk=conversation.queue_id or 0)


def test_an_escalation_goes_to_the_queue_behind_with_priority(hers: Conversation, ana: Agent, support: Queue) -> None:
    Queue.objects.filter(key="sales").update(fallback=support)
    moved = desk.escalate(conversation_id=hers.pk, agent=ana, reason="complaint", note="Third time")
    assert (moved.owner_id, moved.priority) == (support.pk, 30)
    assert moved.events.get(kind="escalated").data == {"reason": "complaint", "priority": 30}


def test_parked_is_off_the_load_and_wakes_by_hand(hers: Conversation, ana: Agent) -> None:
    parked = desk.park(conversation_id=hers.pk, agent=ana, reason="Waits for the invoice")
    assert (parked.state, parked.owner_id, capacity.load(ana.pk)) == ("parked", ana.pk, 0)
    woken = desk.unpark(conversation_id=hers.pk, agent=ana)
    assert (woken.state, woken.owner_id, woken.park_reason) == ("open", ana.pk, "")
    assert capacity.load(ana.pk) == 1


@pytest.mark.parametrize("until", [timedelta(minutes=-1), timedelta(days=8)])
def test_a_time_that_is_over_or_too_far_parks_nothing(hers: Conversation, ana: Agent, until: timedelta) -> None:
    with pytest.raises(refusals.BadTime):
        desk.park(conversation_id=hers.pk, agent=ana, until=clock.now() + until)
    hers.refresh_from_db()
    assert hers.state == "open"


def test_parked_so_already_nothing_changes_and_another_time_takes_its_place(hers: Conversation, ana: Agent) -> None:
    first, then = (clock.now() + timedelta(hours=hours) for hours in (1, 2))
    for until, epochs in ((first, 1), (first, 1), (then, 2)):
        parked = desk.park(conversation_id=hers.pk, agent=ana, until=until)
        assert (parked.parked_until, parked.owner_epoch) == (until, hers.owner_epoch + epochs)
    with pytest.raises(refusals.AlreadyParked):
        desk.park(conversation_id=hers.pk, agent=ana, until=first, seen_epoch=hers.owner_epoch)


def test_only_its_agent_parks_it(hers: Conversation, chloe: Agent) -> None:
    with pytest.raises(refusals.NotYours):
        desk.park(conversation_id=hers.pk, agent=chloe)


def test_an_alarm_of_an_earlier_parking_is_void(hers: Conversation, ana: Agent) -> None:
    desk.park(conversation_id=hers.pk, agent=ana, until=clock.now() + timedelta(seconds=1))
    desk.unpark(conversation_id=hers.pk, agent=ana)
    clock.shift_by(lambda: timedelta(minutes=1))
    try:
        assert timers.sweep() == 1
    finally:
        clock.shift_by(timedelta)
    hers.refresh_from_db()
    assert (hers.state, hers.owner_epoch) == ("open", 4)


def test_an_alarm_that_rings_while_it_is_parked_anew_wakes_nothing(hers: Conversation, ana: Agent) -> None:
    desk.park(conversation_id=hers.pk, agent=ana)
    rings = Timer.objects.get(kind=parking.TIMER, object_id=hers.pk)
    desk.unpark(conversation_id=hers.pk, agent=ana)
    again = desk.park(conversation_id=hers.pk, agent=ana, until=clock.now() + timedelta(hours=2))
    parking.came_due(rings)
    hers.refresh_from_db()
    assert (hers.state, hers.owner_epoch, hers.parked_until) == ("parked", again.owner_epoch, again.parked_until)
    parking.came_due(Timer.objects.get(kind=parking.TIMER, object_id=hers.pk))
    hers.refresh_from_db()
    assert hers.state == "open"


def test_a_closed_one_is_opened_again_with_its_way_to_answer(hers: Conversation, ana: Agent) -> None:
    desk.close(conversation_id=hers.pk, agent=ana)
    again = desk.reopen(conversation_id=hers.pk, agent=ana)
    assert (again.state, again.owner_id, again.close_reason, again.closed_at) == ("open", ana.pk, "", None)
    assert again.sessions.filter(ended_at__isnull=True).count() == 1
    assert not WrapUp.objects.filter(done_at__isnull=True).exists()


def test_it_stays_closed_while_the_customer_has_another_one(hers: Conversation, ana: Agent) -> None:
    desk.close(conversation_id=hers.pk, agent=ana, reason="spam")
    address = hers.sessions.get().identity
    newer = factories.receive(factories.whatsapp(address), "menu").conversation
    with pytest.raises(refusals.GoesOn) as refused:
        desk.reopen(conversation_id=hers.pk, agent=ana)
    assert refused.value.extra == {"conversation": str(newer.public_id)}


def test_what_is_open_cannot_be_opened(hers: Conversation, ana: Agent) -> None:
    with pytest.raises(refusals.NotClosed):
        desk.reopen(conversation_id=hers.pk, agent=ana)


def test_a_wrap_up_weighs_until_it_is_done(hers: Conversation, ana: Agent) -> None:
    Tag.objects.create(key="delivery", title="Delivery")
    Disposition.objects.create(key="solved", title="Solved")
    desk.close(conversation_id=hers.pk, agent=ana)
    assert capacity.load(ana.pk) == 0.5
    desk.wrap_up(conversation_id=hers.pk, agent=ana, disposition="solved", tags=["delivery"])
    assert capacity.load(ana.pk) == 0
    assert hers.events.get(kind="tagged").data == {"added": ["delivery"], "removed": []}
    assert WrapUp.objects.get().disposition.key == "solved"  # type: ignore[union-attr]  # it was just given


def test_a_wrap_up_is_over_after_a_minute(hers: Conversation, ana: Agent) -> None:
    desk.close(conversation_id=hers.pk, agent=ana)
    clock.shift_by(lambda: timedelta(seconds=61))
    try:
        timers.sweep()
    finally:
        clock.shift_by(timedelta)
    assert capacity.load(ana.pk) == 0
    assert WrapUp.objects.get().done_at is not None


def test_what_was_said_with_the_closing_needs_no_wrap_up(hers: Conversation, ana: Agent) -> None:
    Disposition.objects.create(key="sold", title="Sold")
    desk.close(conversation_id=hers.pk, agent=ana, disposition="sold", tags=[])
    assert capacity.load(ana.pk) == 0


def test_topics_are_those_of_the_list(hers: Conversation, ana: Agent) -> None:
    Tag.objects.create(key="delivery", title="Delivery")
    desk.tag(conversation_id=hers.pk, agent=ana, keys=["delivery"])
    with pytest.raises(refusals.NoSuchTopic):
        desk.tag(conversation_id=hers.pk, agent=ana, keys=["delivery", "made-up"])
    assert [one.tag.key for one in hers.tags.all()] == ["delivery"]
    desk.tag(conversation_id=hers.pk, agent=ana, keys=[])
    assert not hers.tags.exists()

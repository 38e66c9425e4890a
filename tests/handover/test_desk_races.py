"""What holds when the desk's other verbs happen at once? Threads on real Postgres; one wins, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from common import clock
from conversations import timers
from conversations.models import Connection, Conversation, ConversationEvent, Message
from handover import bulk, desk, engines, leading, tagging
from handover.models import Agent, Queue, Reservation, Tag
from handover.routing import offers
from tests import factories
from tests.handover.at_once import at_once, refusals
from tests.handover.test_races import gapless
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sales(transactional_db: None) -> Queue:
    queue = cast.sales()
    cast.library()
    return queue


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return cast.ana(sales)


@pytest.fixture
def ben(sales: Queue) -> Agent:
    return factories.agent("Ben Okafor", queues=(sales,))


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person, ana: Agent) -> Endpoint:
    """Ana has Maya's conversation."""
    phone = maya.on_whatsapp()
    phone.says("hi")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    return phone


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    yield
    clock.shift_by(timedelta)


def moves(conversation_id: int) -> list[tuple[int | None, str]]:
    moved = ConversationEvent.objects.filter(conversation_id=conversation_id, kind="owner_changed").order_by("seq")
    return [(one.epoch, one.data["cause"]) for one in moved]


def test_an_alarm_and_a_word_at_once_wake_once(maya: Person, phone: Endpoint, ana: Agent) -> None:
    pk = desk.park(conversation_id=maya.conversation.pk, agent=ana, until=clock.now() + timedelta(seconds=30)).pk
    clock.shift_by(lambda: timedelta(minutes=1))
    assert refusals(at_once([timers.sweep, partial(phone.turn, "Here I am"), timers.sweep])) == []
    woken = [cause for _, cause in moves(pk) if cause.startswith("unpark")]
    assert (len(woken), maya.conversation.state, maya.conversation.owner_id) == (1, "open", ana.pk)
    assert Message.objects.filter(author="customer", session__conversation=pk).count() == 2


def test_of_two_transfers_from_one_picture_one_wins(maya: Person, phone: Endpoint, ana: Agent, ben: Agent) -> None:
    conversation, support = maya.conversation, factories.queue("support")
    sales = Queue.objects.get(key="sales")
    move = partial(
        desk.transfer, conversation_id=conversation.pk, agent=ana, seen_epoch=conversation.owner_epoch, note="Please"
    )
    lost = refusals(at_once([partial(move, queue=support), partial(move, queue=sales)]))
    assert len(lost) == 1
    assert [cause for _, cause in moves(conversation.pk)].count("transfer") == 1


@pytest.mark.scenario("HO-38")
def test_accepting_and_closing_at_once(maya: Person, phone: Endpoint, ana: Agent, ben: Agent) -> None:
    pk = maya.conversation.pk
    desk.transfer(conversation_id=pk, agent=ana, to=ben, note="You know chairs")
    accept = partial(offers.accept, offer_id=Reservation.objects.get().public_id, agent=ben)
    at_once([accept, partial(desk.close, conversation_id=pk, agent=ana)])
    found, offer = Conversation.objects.get(pk=pk), Reservation.objects.get()
    is_bens = (found.owner_kind, found.owner_id) == ("agent", ben.pk)
    assert (is_bens, found.state == "closed") in ((True, False), (False, True))
    assert offer.status == ("accepted" if is_bens else "rescinded")


def test_reopening_and_a_word_at_once_leave_one_open(maya: Person, phone: Endpoint, ana: Agent) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    calls: list[Callable[[], object]] = [partial(desk.reopen, conversation_id=closed.pk, agent=ana)]
    at_once([*calls, partial(phone.turn, "menu")])
    assert Conversation.objects.unclosed().of_person(maya.customer.pk).count() == 1
    assert Message.objects.filter(author="customer").count() == 2


@pytest.mark.scenario("HO-15")
def test_three_events_of_an_engine_at_once(sales: Queue, ana: Agent, ben: Agent) -> None:
    waiting, started = factories.waiting_in(sales), clock.now() - timedelta(minutes=10)
    centre = Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
    say = partial(engines.tell, conversation_id=waiting.pk, engine=centre)
    told = [
        partial(say, event_id="1", occurred_at=started, to="external"),
        partial(say, event_id="2", occurred_at=started + timedelta(minutes=1), to="agent", agent=ana),
        partial(say, event_id="3", occurred_at=started + timedelta(minutes=2), to="agent", agent=ben),
    ]
    assert refusals(at_once([*told, told[2]])) == []
    waiting.refresh_from_db()
    assert (waiting.owner_kind, waiting.owner_id) == ("agent", ben.pk)
    assert [epoch for epoch, _ in moves(waiting.pk)] == list(range(1, waiting.owner_epoch + 1))


def test_topics_that_are_given_at_once_are_all_kept(maya: Person, phone: Endpoint, ana: Agent) -> None:
    keys = [f"topic-{number}" for number in range(8)]
    Tag.objects.bulk_create([Tag(key=key, title=key) for key in keys])
    calls = [partial(tagging.add, conversation_id=maya.conversation.pk, agent=ana, key=key) for key in keys]
    assert at_once(calls) == [True] * 8
    assert tagging.keys_of(maya.conversation) == keys


def test_what_somebody_passes_on_while_it_is_taken_back_is_theirs(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, ben: Agent
) -> None:
    chloe, conversation = factories.agent("Chloe Martin", supervises=(sales,)), maya.conversation
    Conversation.objects.update(queue_id=sales.pk)
    for _ in range(4):
        ids, options = [conversation.public_id], {"agent": ben.pk}
        action = bulk.start(agent=chloe, verb="assign", options=options, ids=ids)
        taken = partial(leading.barge_in, conversation_id=conversation.pk, agent=chloe)
        calls: list[Callable[[], object]] = [partial(bulk.undo, action=action, agent=chloe), taken]
        at_once(calls)
        action.refresh_from_db()
        conversation.refresh_from_db()
        is_back = not bulk.kept(action)
        assert (is_back, bulk.put_back(action)) in ((True, 1), (False, 0))
        assert is_back or conversation.owner_id == chloe.pk
        assert gapless(conversation.pk)
        leading.force_assign(conversation_id=conversation.pk, agent=chloe, to=ana)

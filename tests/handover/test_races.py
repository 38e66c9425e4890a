"""What holds when things happen at once? Threads on real Postgres; exactly one wins, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from common import clock
from conversations import expiry, threads, timers
from conversations.content import Text
from conversations.models import Conversation, ConversationEvent, Delivery, JourneyRun, Message, Timer
from customers.models import Customer
from handover import capacity, desk, presence, routing
from handover import refusals as why
from handover.models import Agent, Queue
from tests import factories
from tests.handover.at_once import at_once, refusals, while_held
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
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    yield
    clock.shift_by(timedelta)


def team(queue: Queue, size: int) -> list[Agent]:
    return [factories.agent(f"Agent{number} Smith", queues=(queue,)) for number in range(size)]


def epochs(conversation_id: int) -> list[int | None]:
    moved = ConversationEvent.objects.filter(conversation_id=conversation_id, kind="owner_changed")
    return list(moved.order_by("seq").values_list("epoch", flat=True))


def gapless(conversation_id: int) -> bool:
    seqs = list(ConversationEvent.objects.filter(conversation_id=conversation_id).values_list("seq", flat=True))
    return sorted(seqs) == list(range(1, len(seqs) + 1))


@pytest.mark.scenario("HO-1")
def test_of_twenty_claims_one_wins(sales: Queue) -> None:
    waiting = factories.waiting_in(sales)
    calls = [partial(desk.claim, conversation_id=waiting.pk, agent=agent) for agent in team(sales, 20)]
    lost = refusals(at_once(calls))
    assert [type(error) for error in lost] == [why.AlreadyTaken] * 19
    assert epochs(waiting.pk) == [1, 2]
    assert gapless(waiting.pk)


@pytest.mark.scenario("HO-2")
def test_ten_assignments_do_not_exceed_a_capacity(sales: Queue, ana: Agent) -> None:
    Agent.objects.filter(pk=ana.pk).update(capacity=3)
    for _ in range(2):
        factories.give(factories.waiting_in(sales), ana)
    waiting = [factories.waiting_in(sales) for _ in range(10)]

    def assign(conversation: Conversation) -> bool:
        with transaction.atomic():
            return routing.assign(conversation=conversation, agent_id=ana.pk)

    given = at_once([partial(assign, one) for one in waiting])
    assert given.count(True) == 1
    assert capacity.load(ana.pk) == 3
    assert Conversation.objects.queued().count() == 9


@pytest.mark.scenario("HO-3")
def test_a_claim_may_exceed_a_capacity_and_an_assignment_may_not(sales: Queue, ana: Agent) -> None:
    Agent.objects.filter(pk=ana.pk).update(capacity=1)
    first, second = factories.waiting_in(sales), factories.waiting_in(sales)
    desk.claim(conversation_id=first.pk, agent=ana)
    with transaction.atomic():
        assert not routing.assign(conversation=second, agent_id=ana.pk)
    desk.claim(conversation_id=second.pk, agent=ana)
    assert capacity.load(ana.pk) == 2


@pytest.mark.scenario("HO-10")
def test_one_message_five_times_is_one_message_and_one_turn(phone: Endpoint, maya: Person) -> None:
    at_once([partial(phone.says, "hi", client_id="wamid.1")] * 5)
    assert Message.objects.filter(author="customer").count() == 1
    assert JourneyRun.objects.count() == 1
    assert len(phone.shown()) == 2


@pytest.mark.scenario("HO-11")
def test_two_first_messages_at_once_are_one_conversation(phone: Endpoint, maya: Person) -> None:
    failed = refusals(at_once([partial(phone.says, "hi"), partial(phone.says, "chair")]))
    assert failed == []
    assert (Conversation.objects.count(), Customer.objects.filter(pk=maya.customer.pk).count()) == (1, 1)
    assert Message.objects.filter(author="customer").count() == 2
    assert gapless(maya.conversation.pk)


@pytest.mark.scenario("HO-11")
@pytest.mark.scenario("HO-12")
def test_a_word_waits_for_whoever_has_the_person(phone: Endpoint, maya: Person) -> None:
    heard = threads.Heard(content=Text("hi"), text="hi", occurred_at=clock.now(), external_id="1")
    hold = partial(threads.lock_root, customer_id=maya.customer.pk)
    receive = transaction.atomic(partial(threads.receive, place=phone.place, heard=heard))
    received = while_held(hold, receive, Conversation.objects.count)
    assert received.is_new_conversation and Conversation.objects.count() == 1


@pytest.mark.scenario("HO-22")
@pytest.mark.scenario("HO-23")
def test_no_word_of_the_bot_is_left_after_a_takeover(maya: Person, ana: Agent) -> None:
    phone = maya.on_whatsapp()
    phone.says("hi")
    pk = maya.conversation.pk
    reply = partial(desk.reply, conversation_id=pk, agent=ana, content=Text("Ana here"), client_id="1")
    assert refusals(at_once([partial(phone.says, "2"), reply, partial(phone.says, "400")])) == []
    unsent = Delivery.objects.filter(state="queued")
    assert [row.message.author for row in unsent.select_related("message")] == ["agent"]
    taken = ConversationEvent.objects.get(conversation=pk, kind="owner_changed").seq
    later = ConversationEvent.objects.filter(conversation=pk, kind="message", seq__gt=taken)
    assert not later.filter(actor_kind="bot").exists()


@pytest.mark.scenario("HO-28")
def test_agent_twice_in_the_same_moment_is_one_handover(maya: Person, phone: Endpoint, ana: Agent) -> None:
    phone.says("hi")
    assert refusals(at_once([partial(phone.says, "agent")] * 2)) == []
    assert maya.conversation.events.filter(kind="handover_requested").count() == 1
    assert JourneyRun.objects.filter(purpose="intake", status="waiting").count() == 1


@pytest.mark.scenario("HO-29")
def test_expiry_and_a_message_in_the_same_second(maya: Person, phone: Endpoint, ana: Agent) -> None:
    phone.says("hi")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    clock.shift_by(lambda: timedelta(hours=24, minutes=1))
    assert refusals(at_once([expiry.sweep, partial(phone.says, "hello?"), expiry.sweep])) == []
    old, new = maya.conversations
    assert (old.state, old.close_reason, new.state) == ("closed", "expired", "open")
    assert Message.objects.filter(session__conversation=new, author="customer").count() == 1
    assert ConversationEvent.objects.filter(conversation=old, kind="closed").count() == 1


@pytest.mark.scenario("HO-30")
def test_a_close_and_a_message_at_once_lose_no_message(maya: Person, phone: Endpoint, ana: Agent) -> None:
    phone.says("hi")
    pk = desk.claim(conversation_id=maya.conversation.pk, agent=ana).pk
    seen = maya.conversation.head_seq
    close = partial(desk.close, conversation_id=pk, agent=ana, seen_seq=seen)
    results = at_once([close, partial(phone.says, "wait!", at=clock.now())])
    assert all(isinstance(error, why.UnseenMessages) for error in refusals(results))
    assert (maya.conversation.pk, maya.conversation.owner_id) == (pk, ana.pk)
    assert Message.objects.filter(session__conversation=pk, author="customer").count() == 2


@pytest.mark.scenario("J-15")
def test_a_button_tapped_twice_at_once_advances_once(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    payload = phone.shown()[-1].content["options"][1]["payload"]
    seq = maya.run().seq
    at_once([partial(phone.says, "Mesh executive", payload=payload)] * 2)
    assert (maya.run().seq, maya.run().step_id) == (seq + 1, "budget")
    assert len(phone.shown()) == 3


@pytest.mark.scenario("HO-41")
def test_one_step_answered_on_two_channels_at_once(maya: Person, phone: Endpoint) -> None:
    for said in ("hi", "2"):
        phone.says(said)
    shop = maya.on_web()
    shop.says(action="resume", payload=str(maya.run().public_id))
    heard = at_once([partial(phone.says, "400"), partial(shop.says, "500")])
    run = maya.run()
    assert (run.step_id, run.vars["budget"] in (400, 500)) == ("priority", True)
    lost = 0 if run.vars["budget"] == 500 else 1
    assert not {"400", "500", 400, 500}.intersection(set(run.vars.values()) - {run.vars["budget"]})
    said = heard[lost]
    assert isinstance(said, list) and "What matters most" in cast.words(said)
    assert {phone.place.channel, shop.place.channel} == {
        one.partition("/")[0] for one in (run.wait or {})["rendered_on"]
    }


@pytest.mark.scenario("HO-50")
def test_two_sweepers_fire_each_timer_once(maya: Person) -> None:
    fired: list[int] = []
    timers.on("test_bell", lambda timer: fired.append(timer.object_id))
    for number in range(30):
        timers.start(kind="test_bell", object_id=number, due_at=clock.now())
    assert sum(count for count in at_once([timers.sweep] * 4) if isinstance(count, int)) == 30
    assert sorted(fired) == list(range(30))
    assert not Timer.objects.exists()


@pytest.mark.scenario("J-23")
def test_an_answer_and_its_timer_at_once_count_once(maya: Person, phone: Endpoint) -> None:
    cast.publish(QUICK)
    phone.says("quick")
    clock.shift_by(lambda: timedelta(minutes=6))
    assert refusals(at_once([timers.sweep, partial(phone.says, "here I am")])) == []
    said = [row.content["text"] for row in phone.shown()]
    assert said.count("Thank you.") + said.count("Too late.") == 1
    assert maya.run("quick").status == "completed"


QUICK = """
journey: quick
title: Quick
languages: [en]
triggers: [{keyword: [quick]}]
steps:
  - {id: ask, type: ask, text: "Well?", expect: {kind: text}, timeout: {after: 5m, next: late}, on_invalid: late}
  - {id: bye, type: end, text: Thank you.}
  - {id: late, type: end, text: Too late.}
"""


def test_heartbeats_of_several_tabs_write_once(ana: Agent) -> None:
    at = clock.now() + timedelta(seconds=30)
    at_once([partial(presence.heartbeat, agent=ana, at=at)] * 4)
    assert Agent.objects.get(pk=ana.pk).last_seen_at == at

"""A human speaks: the bot is silent, the customer changes channel, and the way back to the bot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations import expiry, ownership, timers
from conversations.content import Text
from conversations.models import Conversation, Delivery, Message, Timer
from handover import desk, presence, refusals
from handover.models import Affinity, Agent, Queue, WrapUp
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def asks_for_an_agent(phone: Endpoint) -> list[str]:
    """From the order's second question to the end of the pre-chat questions."""
    for said in ("hi", "2", "agent", "Maya"):
        phone.says(said)
    return phone.says("Delivery to the third floor")


def owner(maya: Person) -> tuple[str, int | None]:
    return maya.conversation.owner_kind, maya.conversation.owner_id


def goes_away(agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(manual_status="offline")


@pytest.mark.scenario("HO-23")
def test_a_reply_without_a_claim_is_a_takeover_and_the_bot_is_silent(maya: Person, phone: Endpoint, ana: Agent) -> None:
    phone.says("hi")
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello, Ana here."), client_id="1")
    assert owner(maya) == ("agent", ana.pk)
    assert phone.news() == ["Hello, Ana here."]
    assert phone.says("2") == []


@pytest.mark.scenario("HO-22")
def test_what_the_bot_has_not_sent_is_cancelled_by_a_takeover(maya: Person, phone: Endpoint, ana: Agent) -> None:
    phone.says("hi")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    states = Delivery.objects.values_list("state", "reason")
    assert set(states) == {("cancelled", "taken_over")}


@pytest.mark.scenario("HO-21")
def test_a_timer_that_rings_after_a_takeover_says_nothing(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    cast.publish(
        """
journey: quick
title: Quick
languages: [en]
triggers: [{keyword: [quick]}]
steps:
  - {id: ask, type: ask, text: "Well?", expect: {kind: text}, timeout: {after: 4m, next: bye}, on_invalid: bye}
  - {id: bye, type: end, text: "Too late."}
"""
    )
    phone.says("quick")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    later(minutes=4, seconds=30)
    assert timers.sweep() == 1
    assert phone.news() == []


def test_a_release_takes_the_closed_edge_and_the_bot_speaks_again(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    desk.release(conversation_id=maya.conversation.pk, agent=ana)
    assert owner(maya) == ("bot", None)
    assert phone.news() == ["I am back. Write “menu” to see what else I can do."]


def test_a_release_of_a_takeover_asks_the_open_question_again(maya: Person, phone: Endpoint, ana: Agent) -> None:
    for said in ("hi", "2"):
        phone.says(said)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    desk.release(conversation_id=maya.conversation.pk, agent=ana)
    assert words(phone.news()).startswith("We were choosing your budget")
    assert "What matters most" in words(phone.says("400"))


def test_a_close_ends_sessions_and_the_menu_begins_anew_with_the_bot(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    asks_for_an_agent(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    assert (closed.state, closed.close_reason, closed.owner_kind) == ("closed", "resolved", "bot")
    assert not closed.sessions.filter(ended_at__isnull=True).exists()
    later(minutes=1)
    assert "How can I help you?" in words(phone.says("menu"))
    assert maya.conversation.pk != closed.pk


@pytest.mark.scenario("HO-57")
def test_hours_later_the_preferred_agent_gets_it_at_once(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    asks_for_an_agent(phone)
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(hours=3)
    ana.queues.update(delivery="auto")
    factories.agent("Ben Okafor", queues=(ana.queues.get(),))
    presence.heartbeat(agent=ana, at=clock.now())
    phone.says("chair")
    phone.says("agent")
    phone.says("It is me again")
    assert owner(maya) == ("agent", ana.pk)


@pytest.mark.scenario("HO-58")
def test_an_offline_preferred_agent_is_passed_over(maya: Person, phone: Endpoint, ana: Agent, later: Later) -> None:
    queue = ana.queues.get()
    factories.agent("Ben Okafor", queues=(queue,))
    asks_for_an_agent(phone)
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    goes_away(ana)
    for said in ("chair", "agent", "It is me again"):
        phone.says(said)
    assert owner(maya) == ("queue", queue.pk)
    assert maya.conversation.routing_plan["rule"] == 10


def test_a_full_preferred_agent_is_passed_over(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    Agent.objects.filter(pk=ana.pk).update(capacity=0)
    for said in ("chair", "agent", "It is me again"):
        phone.says(said)
    assert owner(maya) == ("queue", ana.queues.get().pk)


def test_the_notice_still_goes_out_when_an_agent_gets_it_at_once(maya: Person, phone: Endpoint, ana: Agent) -> None:
    ana.queues.update(delivery="auto")
    Affinity.objects.create(customer=maya.customer, scope="sales", agent=ana, handled_at=ana.last_seen_at)
    asks_for_an_agent(phone)
    assert owner(maya) == ("agent", ana.pk)
    notice = Delivery.objects.get(message=Message.objects.get(author="system"))
    assert (notice.state, notice.fence_epoch) == ("queued", None)


@pytest.mark.scenario("HO-66")
def test_the_bot_is_silent_for_a_day_and_then_greets_with_context(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    asks_for_an_agent(phone)
    later(hours=23, minutes=59)
    assert (expiry.sweep(), phone.says("anybody?")) == (0, [])
    later(hours=24, minutes=1)
    assert expiry.sweep() == 1
    answered = phone.says("I have a question")
    assert answered[0].startswith("Good to see you again, Maya. Last time we spoke about: Order an office chair.")
    assert "How can I help you?" in answered[1]


@pytest.mark.scenario("HO-67")
def test_a_closed_window_refuses_free_text_and_names_the_open_channels(
    maya: Person, phone: Endpoint, ana: Agent
) -> None:
    phone.says("hi")
    shop = maya.on_web()
    shop.says(action="resume", payload=str(maya.run().public_id))
    closed = maya.conversation.sessions.get(kind="whatsapp")
    type(closed).objects.filter(pk=closed.pk).update(window_expires_at=closed.opened_at)
    with pytest.raises(refusals.ChannelClosed) as refused:
        desk.reply(
            conversation_id=maya.conversation.pk, agent=ana, content=Text("Hi"), client_id="1", way=closed.public_id
        )
    assert "24-hour window" in refused.value.extra["reason"]
    assert [way["channel"] for way in refused.value.extra["open"]] == ["web-shop"]
    assert not Message.objects.filter(author="agent").exists()


@pytest.mark.scenario("HO-69")
def test_cancel_in_the_queue_gives_the_conversation_back_to_the_bot(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    answered = phone.says("cancel")
    assert answered[0] == "All right, you have left the queue. I am here again."
    assert owner(maya) == ("bot", None)
    assert maya.conversation.queued_at is None


@pytest.mark.scenario("HO-69")
def test_another_word_in_the_queue_changes_nothing(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    assert phone.says("please cancel my old order") == []
    assert owner(maya)[0] == "queue"


@pytest.mark.scenario("HO-30")
def test_what_was_written_before_the_close_reopens_it_for_the_same_agent(
    maya: Person, phone: Endpoint, ana: Agent
) -> None:
    asks_for_an_agent(phone)
    written = desk.claim(conversation_id=maya.conversation.pk, agent=ana).last_message_at
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    phone.news()
    assert phone.says("wait, one more thing", at=written) == []
    assert maya.conversation.pk == closed.pk
    assert owner(maya) == ("agent", ana.pk)


@pytest.mark.scenario("HO-30")
def test_late_words_bring_back_all_that_hangs_on_the_agents_having_it(
    maya: Person, phone: Endpoint, ana: Agent
) -> None:
    """The minute of wrapping up is over, the session goes on, the deadline for an answer runs, the day begins anew."""
    asks_for_an_agent(phone)
    pk = desk.claim(conversation_id=maya.conversation.pk, agent=ana).pk
    written = desk.reply(conversation_id=pk, agent=ana, content=Text("Done"), client_id="1").last_message_at
    desk.close(conversation_id=pk, agent=ana)
    assert WrapUp.objects.filter(done_at=None).exists()
    phone.turn("wait, one more thing", at=written)
    assert not WrapUp.objects.filter(done_at=None).exists()
    assert not Timer.objects.filter(kind="wrap_up", object_id=pk).exists()
    assert Timer.objects.get(kind="agent_remind", object_id=pk).guard == maya.conversation.owner_epoch
    assert maya.conversation.sessions.get().ended_at is None


def test_one_agent_answers_on_both_channels_in_one_conversation(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    shop, pk = maya.on_web(), maya.conversation.pk
    shop.says("I am at the shop now")
    desk.reply(conversation_id=pk, agent=ana, content=Text("I see you"), client_id="1")
    assert shop.news() == ["I see you"]
    phone.says("and now on the phone")
    desk.reply(conversation_id=pk, agent=ana, content=Text("Here too"), client_id="2")
    assert phone.news() == ["Here too"]
    assert Conversation.objects.count() == 1


def test_only_the_agent_who_has_it_may_close_it(maya: Person, phone: Endpoint, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(ana.queues.get(),))
    asks_for_an_agent(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    with pytest.raises(refusals.NotYours):
        desk.close(conversation_id=maya.conversation.pk, agent=ben)
    with pytest.raises(refusals.AlreadyTaken):
        desk.claim(conversation_id=maya.conversation.pk, agent=ben)


def test_a_claim_on_an_old_picture_is_refused(maya: Person, phone: Endpoint, ana: Agent) -> None:
    phone.says("hi")
    with pytest.raises(ownership.OwnerMoved):
        desk.claim(conversation_id=maya.conversation.pk, agent=ana, seen_epoch=7)

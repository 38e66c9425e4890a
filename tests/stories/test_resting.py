"""Parked, closed, passed on: the customer who comes back meets the same people, and nobody is ever left to nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from common import clock
from conversations import expiry, timers
from conversations.content import Text
from conversations.models import Conversation
from conversations.sessions import Place
from handover import capacity, desk, presence, routing
from handover.models import Agent, Disposition, Note, Queue, Reservation, Tag
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person, ana: Agent) -> Endpoint:
    """Ana has Maya's conversation, and has answered."""
    phone = maya.on_whatsapp()
    phone.says("hi")
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello, Ana here."), client_id="1")
    phone.news()
    return phone


@pytest.fixture
def ben(sales: Queue) -> Agent:
    return factories.agent("Ben Okafor", queues=(sales,))


def owner(maya: Person) -> tuple[str, int | None]:
    return maya.conversation.owner_kind, maya.conversation.owner_id


def is_there(*agents: Agent) -> None:
    for agent in agents:
        presence.heartbeat(agent=agent, at=clock.now())


@pytest.mark.scenario("HO-61")
def test_five_hours_later_the_answer_goes_to_the_same_agent(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    parked = desk.park(conversation_id=maya.conversation.pk, agent=ana, reason="The invoice")
    proof = parked.sessions.get().proven
    later(hours=5)
    is_there(ana)
    assert phone.says("Here is the invoice") == []
    assert (maya.conversation.pk, maya.conversation.state, owner(maya)) == (parked.pk, "open", ("agent", ana.pk))
    assert (maya.conversation.sessions.get().proven, maya.conversation.runs.filter(purpose="intake").count()) == (
        proof,
        0,
    )


@pytest.mark.parametrize(("minutes", "keeps"), [(2, True), (9, True), (11, False)])
def test_who_is_offline_by_their_own_word_keeps_what_they_parked_for_ten_minutes(
    maya: Person, phone: Endpoint, ana: Agent, ben: Agent, sales: Queue, later: Later, minutes: int, keeps: bool
) -> None:
    desk.park(conversation_id=maya.conversation.pk, agent=ana)
    presence.declare(agent=ana, status="offline")
    later(minutes=minutes)
    is_there(ana, ben)  # her page is open, and says so
    presence.declare(agent=ana, status="offline")
    phone.says("Any news?")
    assert owner(maya) == (("agent", ana.pk) if keeps else ("queue", sales.pk))


def test_parked_by_somebody_who_is_gone_it_waits_in_the_queue_since_the_parking(
    maya: Person, phone: Endpoint, ana: Agent, ben: Agent, sales: Queue, later: Later
) -> None:
    desk.park(conversation_id=maya.conversation.pk, agent=ana)
    parked_at = clock.now()
    later(minutes=30)
    is_there(ben)
    assert "I am passing you to our team." in words(phone.says("Any news?"))
    assert owner(maya) == ("queue", sales.pk)
    assert maya.conversation.queued_at is not None
    assert abs(maya.conversation.queued_at - parked_at) < timedelta(seconds=5)


def test_parked_and_nobody_there_it_becomes_a_message_and_the_customer_is_told(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    desk.park(conversation_id=maya.conversation.pk, agent=ana)
    later(minutes=30)
    assert phone.says("Any news?") != []
    assert maya.conversation.mode == "ticket"


def test_when_the_time_is_up_it_is_back_on_the_desk(maya: Person, phone: Endpoint, ana: Agent, later: Later) -> None:
    desk.park(conversation_id=maya.conversation.pk, agent=ana, until=clock.now() + timedelta(hours=1))
    later(hours=1, minutes=1)
    is_there(ana)
    timers.sweep()
    assert (maya.conversation.state, owner(maya)) == ("open", ("agent", ana.pk))
    assert phone.news() == []


@pytest.mark.parametrize("way", ["the time", "by hand"])
def test_what_rested_for_days_is_not_over_when_it_wakes(
    maya: Person, phone: Endpoint, ana: Agent, later: Later, way: str
) -> None:
    until = clock.now() + timedelta(days=2) if way == "the time" else None
    parked = desk.park(conversation_id=maya.conversation.pk, agent=ana, until=until)
    later(days=2, seconds=5)
    is_there(ana)
    if way == "by hand":
        desk.unpark(conversation_id=parked.pk, agent=ana)
    timers.sweep()
    assert expiry.sweep() == 0
    assert (maya.conversation.state, owner(maya)) == ("open", ("agent", ana.pk))
    later(hours=24, seconds=1)
    assert expiry.sweep() == 1


@pytest.mark.scenario("HO-8")
def test_what_wakes_may_exceed_a_full_desk_and_no_automatic_work_follows(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue
) -> None:
    Agent.objects.filter(pk=ana.pk).update(capacity=1)
    desk.park(conversation_id=maya.conversation.pk, agent=ana)
    desk.claim(conversation_id=factories.waiting_in(sales, name="Tom Hardy").pk, agent=ana)
    phone.says("Here I am again")
    assert (maya.conversation.state, capacity.load(ana.pk)) == ("open", 2)
    with transaction.atomic():
        assert not routing.assign(conversation=factories.waiting_in(sales, name="Eve Holt"), agent_id=ana.pk)


@pytest.mark.scenario("HO-9")
def test_a_sleeping_conversation_that_wakes_is_allowed_and_a_third_is_not(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, later: Later
) -> None:
    Agent.objects.filter(pk=ana.pk).update(capacity=2)
    later(minutes=11)
    is_there(ana)
    assert capacity.load(ana.pk) == 0.25
    with transaction.atomic():
        assert routing.assign(conversation=factories.waiting_in(sales, name="Tom Hardy"), agent_id=ana.pk)
    phone.says("Back again")
    assert (owner(maya), capacity.load(ana.pk)) == (("agent", ana.pk), 2)
    with transaction.atomic():
        assert not routing.assign(conversation=factories.waiting_in(sales, name="Eve Holt"), agent_id=ana.pk)


def test_what_was_resolved_goes_on_with_the_same_people(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(hours=3)
    is_there(ana)
    phone.news()
    answered = words(phone.says("It wobbles again"))
    assert (maya.conversation.pk, maya.conversation.closed_at) == (closed.pk, None)
    assert "How can I help you?" not in answered
    offered = Reservation.objects.filter(status="pending").values_list("agent_id", flat=True)
    assert list(offered) == [ana.pk] or owner(maya) == ("agent", ana.pk)
    assert (maya.conversation.routing_plan or {})["rule"] == 5


@pytest.mark.parametrize("said", ["chair", "menu", "español"])
def test_who_names_something_else_begins_with_the_bot(maya: Person, phone: Endpoint, ana: Agent, said: str) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    phone.says(said)
    assert maya.conversation.pk != closed.pk
    assert owner(maya) == ("bot", None)


@pytest.mark.parametrize("reason", ["spam", "abandoned"])
def test_what_was_not_resolved_stays_closed(maya: Person, phone: Endpoint, ana: Agent, reason: str) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana, reason=reason)
    phone.says("It wobbles again")
    assert maya.conversation.pk != closed.pk


def test_a_day_later_or_with_nobody_there_it_is_the_bots(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(hours=2)
    phone.says("It wobbles again")
    assert (maya.conversation.pk != closed.pk, owner(maya)) == (True, ("bot", None))


@pytest.mark.scenario("HO-30")
def test_a_word_during_the_wrap_up_is_the_same_agents(maya: Person, phone: Endpoint, ana: Agent, later: Later) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(seconds=30)
    phone.says("One more thing about it")
    assert (maya.conversation.pk, owner(maya), capacity.load(ana.pk)) == (closed.pk, ("agent", ana.pk), 1)


@pytest.mark.scenario("HO-70")
def test_thanks_during_the_wrap_up_leave_it_closed(maya: Person, phone: Endpoint, ana: Agent) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    phone.says("thanks a lot!")
    assert Conversation.objects.get(pk=closed.pk).state == "closed"


@pytest.mark.scenario("HO-56")
def test_three_channels_are_one_matter(maya: Person, ana: Agent) -> None:
    server = factories.identity(maya.customer, "discord_user", "778899")
    letters = factories.identity(maya.customer, "email", "maya@example.com")
    discord = Endpoint(Place(server, "discord-demo", "discord", (server.pk,), "attested"))
    mail = Endpoint(Place(letters, "email-demo", "email", (letters.pk,), "attested"))
    discord.says("My chair is broken")
    answer = partial(desk.reply, conversation_id=maya.conversation.pk, agent=ana)
    answer(content=Text("I see. Which one?"), client_id="1")
    mail.says("It is the mesh one, see the order attached")
    answer(content=Text("A photo would help"), client_id="2")
    maya.on_whatsapp().says("Here it is")
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    [one] = maya.conversations
    assert sorted(one.sessions.values_list("kind", flat=True)) == ["discord", "email", "whatsapp"]
    assert (one.close_reason, one.events.filter(kind="closed").count()) == ("resolved", 1)


def test_what_was_noted_at_the_end_is_on_the_next_card(maya: Person, phone: Endpoint, ana: Agent, later: Later) -> None:
    Tag.objects.create(key="delivery", title="Delivery")
    Disposition.objects.create(key="solved", title="Solved")
    pk = desk.close(conversation_id=maya.conversation.pk, agent=ana, tags=["delivery"], disposition="solved").pk
    later(hours=25)
    phone.says("hi")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    [earlier] = Note.objects.filter(kind="card").latest("pk").card["context"]["previous"]
    assert (earlier["topics"], earlier["outcome"], maya.conversation.pk != pk) == ("Delivery", "Solved", True)


@pytest.mark.scenario("HO-70")
def test_after_thanks_the_matter_itself_goes_on(maya: Person, phone: Endpoint, ana: Agent, later: Later) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(minutes=5)
    is_there(ana)
    phone.says("thanks!")
    aside = maya.conversation
    phone.says("🙏")
    phone.says("Oh, it wobbles again")
    aside.refresh_from_db()
    assert (maya.conversation.pk, aside.state, aside.close_reason) == (closed.pk, "closed", "joined")


def test_after_thanks_and_the_menu_the_bot_goes_on(maya: Person, phone: Endpoint, ana: Agent, later: Later) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(minutes=5)
    is_there(ana)
    for said in ("thanks!", "menu", "Oh, it wobbles again"):
        phone.says(said)
    assert (maya.conversation.pk != closed.pk, owner(maya)) == (True, ("bot", None))

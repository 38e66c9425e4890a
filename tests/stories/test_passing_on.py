"""Passed on to a colleague who takes it, declines, is silent or leaves: it is never nobody's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from common import clock
from conversations import threads, timers
from conversations.models import Conversation, Message
from handover import desk, owning, routing
from handover.models import Agent, Note, Queue, Reservation
from handover.routing import offers
from tests import factories
from tests.stories.cast import Endpoint, Person, words
from tests.stories.test_resting import Later, ben, is_there, maya, owner, phone

__all__ = ["ben", "maya", "phone"]


@pytest.mark.scenario("HO-38")
@pytest.mark.parametrize("answer", ["declines", "is silent", "goes offline"])
def test_a_transfer_that_nobody_takes_is_back_in_the_senders_queue(
    maya: Person, phone: Endpoint, ana: Agent, ben: Agent, sales: Queue, later: Later, answer: str
) -> None:
    conversation = maya.conversation
    desk.transfer(conversation_id=conversation.pk, agent=ana, to=ben, note="You know chairs")
    assert owner(maya) == ("agent", ana.pk)
    if answer == "declines":
        offers.decline(offer_id=Reservation.objects.get().public_id, agent=ben)
    else:
        Agent.objects.filter(pk=ben.pk).update(manual_status="offline" if answer == "goes offline" else "online")
        later(seconds=61)
        is_there(ana)
        timers.sweep()
    assert owner(maya)[0] == "queue" or (owner(maya), Reservation.objects.count()) == (("agent", ana.pk), 2)
    assert conversation.events.filter(kind="owner_changed", data__cause="transfer_back").count() == 1


@pytest.mark.parametrize(("answered", "told"), [(True, False), (False, True)])
def test_who_was_answered_hears_nothing_of_a_transfer_that_nobody_took(
    maya: Person, phone: Endpoint, ana: Agent, ben: Agent, answered: bool, told: bool
) -> None:
    if not answered:
        phone.says("Which colour is it?")
    desk.transfer(conversation_id=maya.conversation.pk, agent=ana, to=ben, note="You know chairs")
    offers.decline(offer_id=Reservation.objects.get().public_id, agent=ben)
    assert owner(maya)[0] == "queue" or maya.conversation.reservations.filter(status="pending").exists()
    assert ("somebody else of our team" in words(phone.news())) == told


@pytest.fixture
def support(sales: Queue) -> Queue:
    """A second team, with somebody there."""
    queue = factories.queue("support")
    factories.agent("Gus Green", queues=(queue,))
    return queue


def passes_on(verb: str, maya: Person, ana: Agent, queue: Queue) -> Conversation:
    if verb == "transfer":
        return desk.transfer(conversation_id=maya.conversation.pk, agent=ana, queue=queue, note="For you")
    return desk.escalate(conversation_id=maya.conversation.pk, agent=ana, reason="urgent", queue=queue, note="For you")


@pytest.mark.parametrize("verb", ["transfer", "escalate"])
def test_who_has_written_and_waits_is_passed_on_with_the_time_they_have_waited(
    maya: Person, phone: Endpoint, ana: Agent, support: Queue, later: Later, verb: str
) -> None:
    phone.says("Which colour is it?")
    word = Message.objects.filter(author="customer").latest("pk").recorded_at
    later(minutes=20)
    phone.says("Hello?")
    is_there(ana, *support.agents.all())
    phone.news()
    moved = passes_on(verb, maya, ana, support)
    assert (moved.queued_at, moved.ranked_at) == (word, routing.rank(word, moved.priority))
    assert phone.news() == ["I am looking for somebody else of our team for you. The time that you have waited counts."]
    later(minutes=5)
    is_there(*support.agents.all())
    again = passes_on("transfer", maya, support.agents.get(), Queue.objects.get(key="sales"))
    assert again.queued_at == word


@pytest.mark.parametrize("verb", ["transfer", "escalate"])
def test_who_was_answered_begins_to_wait_and_hears_nothing(
    maya: Person, phone: Endpoint, ana: Agent, support: Queue, later: Later, verb: str
) -> None:
    later(minutes=20)
    is_there(ana, *support.agents.all())
    moved = passes_on(verb, maya, ana, support)
    assert moved.queued_at is not None and clock.now() - moved.queued_at < timedelta(minutes=1)
    assert phone.news() == []


def test_who_was_taken_from_the_bot_waits_since_then(
    maya: Person, phone: Endpoint, ana: Agent, support: Queue, later: Later
) -> None:
    desk.release(conversation_id=maya.conversation.pk, agent=ana)
    phone.says("menu")
    later(hours=1)
    is_there(ana)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    taken = maya.conversation.events.filter(kind="owner_changed").latest("seq").recorded_at
    later(minutes=10)
    is_there(*support.agents.all())
    assert passes_on("transfer", maya, ana, support).queued_at == taken


@pytest.mark.parametrize("why", ["the agent is silent", "nobody takes it"])
def test_who_was_taken_from_the_bot_and_comes_back_to_the_queue_has_waited_since_then(
    maya: Person, phone: Endpoint, ana: Agent, ben: Agent, later: Later, why: str
) -> None:
    desk.release(conversation_id=maya.conversation.pk, agent=ana)
    phone.says("menu")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    taken = maya.conversation.events.filter(kind="owner_changed").latest("seq").recorded_at
    later(minutes=4)
    if why == "nobody takes it":
        is_there(ben)
        desk.transfer(conversation_id=maya.conversation.pk, agent=ana, to=Agent.objects.get(pk=ben.pk), note="For you")
        offers.decline(offer_id=Reservation.objects.get().public_id, agent=ben)
    later(minutes=5, seconds=1)
    is_there(ana, ben)
    timers.sweep()
    assert maya.conversation.queued_at == taken


@pytest.mark.parametrize("had", ["external", "bot"])
def test_what_no_agent_has_can_be_passed_on_and_taken(
    maya: Person, phone: Endpoint, ana: Agent, ben: Agent, had: Conversation.Owner
) -> None:
    User.objects.filter(pk=ana.user_id).update(is_superuser=True)
    with transaction.atomic():
        owner_id = ana.pk if had == "external" else None
        owning.move(
            conversation=threads.lock(conversation_id=maya.conversation.pk), to=had, owner_id=owner_id, cause="test"
        )
    chief = Agent.objects.select_related("user").get(pk=ana.pk)
    desk.transfer(conversation_id=maya.conversation.pk, agent=chief, to=ben, note="For you")
    offers.accept(offer_id=Reservation.objects.get().public_id, agent=ben)
    assert owner(maya) == ("agent", ben.pk)
    assert Note.objects.filter(conversation=maya.conversation, kind="card").exists()


def test_what_no_agent_has_stays_where_it_is_if_nobody_takes_it(
    maya: Person, phone: Endpoint, ana: Agent, ben: Agent
) -> None:
    User.objects.filter(pk=ana.user_id).update(is_superuser=True)
    with transaction.atomic():
        conversation = threads.lock(conversation_id=maya.conversation.pk)
        owning.move(conversation=conversation, to=Conversation.Owner.EXTERNAL, owner_id=ana.pk, cause="test")
    chief = Agent.objects.select_related("user").get(pk=ana.pk)
    desk.transfer(conversation_id=maya.conversation.pk, agent=chief, to=ben, note="For you")
    offers.decline(offer_id=Reservation.objects.get().public_id, agent=ben)
    assert owner(maya)[0] == "external"


def test_a_transfer_that_is_taken_moves_once(maya: Person, phone: Endpoint, ana: Agent, ben: Agent) -> None:
    desk.transfer(conversation_id=maya.conversation.pk, agent=ana, to=ben, note="You know chairs")
    offers.accept(offer_id=Reservation.objects.get().public_id, agent=ben)
    assert owner(maya) == ("agent", ben.pk)
    with pytest.raises(offers.OfferOver):
        offers.accept(offer_id=Reservation.objects.get().public_id, agent=ben)
    assert maya.conversation.events.filter(kind="owner_changed", data__cause="transfer").count() == 1

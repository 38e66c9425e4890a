"""Who declined is left in peace for ten minutes: unless they have had it since; and whoever is passed over is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from common import clock
from conversations import threads
from conversations.content import Text
from conversations.models import Conversation
from handover import desk, presence, routing
from handover.models import Agent, Queue
from handover.routing import declining, explaining, offering, offers
from tests import factories
from tests.handover.routing import cast as routed
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    Queue.objects.filter(pk=sales.pk).update(strategy="least_busy", delivery="offer")
    return cast.maya()


@pytest.fixture
def phone(maya: Person, ana: Agent) -> Endpoint:
    """Maya waits for a human."""
    phone = maya.on_whatsapp()
    for said in ("hi", "2", "agent", "Maya", "Delivery to the third floor"):
        phone.says(said)
    return phone


@pytest.fixture
def waits(maya: Person, phone: Endpoint, ana: Agent) -> Conversation:
    """Maya waits, and Ana did not want her."""
    offers.decline(offer_id=offered(maya.conversation, ana), agent=ana)
    offers.back(agent=Agent.objects.get(pk=ana.pk))
    return maya.conversation


def offered(conversation: Conversation, agent: Agent) -> UUID:
    with transaction.atomic():
        made = offering.make(
            conversation=threads.lock(conversation_id=conversation.pk), agent_id=agent.pk, lasts=timedelta(seconds=45)
        )
    assert made is not None
    return made.public_id


def declined(conversation: Conversation) -> dict[int, set[int]]:
    return declining.of([conversation.pk], clock.now())


def takes(way: str, conversation: Conversation, agent: Agent) -> None:
    if way == "claim":
        desk.claim(conversation_id=conversation.pk, agent=agent)
    else:
        offers.accept(offer_id=offered(conversation, agent), agent=agent)


@pytest.mark.scenario("HO-57")
@pytest.mark.parametrize("way", ["claim", "offer"])
def test_who_took_it_after_all_is_asked_first_when_the_customer_returns(
    maya: Person, phone: Endpoint, waits: Conversation, ana: Agent, later: Later, way: str
) -> None:
    factories.agent("Ben Okafor", queues=(Queue.objects.get(key="sales"),))
    takes(way, waits, ana)
    desk.reply(conversation_id=waits.pk, agent=ana, content=Text("Hello"), client_id="1")
    desk.close(conversation_id=waits.pk, agent=ana)
    later(seconds=90)
    presence.heartbeat(agent=Agent.objects.get(pk=ana.pk), at=clock.now())
    phone.says("It still wobbles")
    assert (maya.conversation.pk, routed.offer(maya.conversation).agent_id) == (waits.pk, ana.pk)
    assert explaining.sentence(maya.conversation, ana).endswith("the same people come first.")


def test_who_took_it_and_let_it_go_again_is_among_those_who_are_asked(waits: Conversation, ana: Agent) -> None:
    assert declined(waits) == {waits.pk: {ana.pk}}
    takes("offer", waits, ana)
    assert declined(waits) == {}


@pytest.mark.scenario("HO-7")
def test_who_declines_once_more_is_left_in_peace_again(waits: Conversation, sales: Queue, ana: Agent) -> None:
    takes("offer", waits, ana)
    desk.reply(conversation_id=waits.pk, agent=ana, content=Text("Hello"), client_id="1")
    desk.transfer(conversation_id=waits.pk, agent=ana, note="For somebody else", queue=sales)
    offers.decline(offer_id=offered(waits, ana), agent=ana)
    assert declined(waits) == {waits.pk: {ana.pk}}


def test_another_ones_yes_is_not_theirs(waits: Conversation, sales: Queue, ana: Agent) -> None:
    takes("offer", waits, factories.agent("Ben Okafor", queues=(sales,)))
    assert declined(waits) == {waits.pk: {ana.pk}}


def test_who_is_passed_over_for_their_no_is_named(maya: Person, waits: Conversation, sales: Queue, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    facts = routing.facts_for(conversation=waits, root=maya.customer, queue=sales, skill="", agent=ana)
    made = routing.plan(facts, clock.now())
    assert made.agent_id is None and routing.Plan.from_json(made.to_json()) == made
    Conversation.objects.filter(pk=waits.pk).update(routing_plan=made.to_json())
    said = explaining.sentence(maya.conversation, ben)
    assert said.endswith("Ana Sousa declined it or let it pass shortly before, and was not asked again.")

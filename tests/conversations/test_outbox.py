"""How does a word leave us? One message, its deliveries, its event; a bot never talks over a human."""

from __future__ import annotations

import pytest

from conversations import outbox
from conversations.content import Text
from conversations.models import Conversation, Delivery, Message
from conversations.threads import Received
from handover.models import Agent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Received:
    _, phone = factories.maya()
    return factories.receive(factories.whatsapp(phone), "hello")


@pytest.fixture
def ana() -> Agent:
    return factories.agent(queues=(factories.queue(),))


def bot_tries(here: Received, epoch: int, author: str = "bot") -> Message | None:
    here.conversation.refresh_from_db()
    return outbox.say(
        conversation=here.conversation, session=here.session, content=Text("Hi"), author=author, fence_epoch=epoch
    )


def test_the_bots_words_are_queued_with_their_epoch(here: Received) -> None:
    said = bot_tries(here, 0)
    assert said is not None
    delivery = said.deliveries.get()
    assert (delivery.state, delivery.fence_epoch, delivery.part) == ("queued", 0, 0)


def test_the_bot_says_nothing_on_an_old_epoch(here: Received) -> None:
    assert bot_tries(here, 7) is None
    assert not Message.objects.filter(author="bot").exists()


@pytest.mark.scenario("HO-21")
def test_the_bot_says_nothing_while_an_agent_owns(here: Received, ana: Agent) -> None:
    epoch = factories.give(here.conversation, ana).owner_epoch
    assert bot_tries(here, epoch) is None


def test_a_notice_may_be_said_while_a_queue_owns_but_not_on_an_old_epoch(here: Received) -> None:
    epoch = factories.give(here.conversation, factories.queue()).owner_epoch
    assert bot_tries(here, epoch, "system") is not None
    assert bot_tries(here, epoch - 1, "system") is None


def test_a_page_that_pulls_needs_no_provider() -> None:
    person, _ = factories.maya()
    shop = factories.receive(factories.web(factories.site_user(person)), "hello")
    assert factories.bot_says(shop.session, "Hi").deliveries.get().state == "sent"


def test_an_agents_words_are_not_fenced_and_wait_for_the_customer(here: Received, ana: Agent) -> None:
    factories.give(here.conversation, ana)
    said = factories.agent_says(here.session, "Hello", ana)
    assert said.deliveries.get().fence_epoch is None
    here.conversation.refresh_from_db()
    assert here.conversation.waiting_on == "customer"
    assert here.conversation.last_agent_at == here.conversation.last_message_at


def test_a_handover_lifts_the_fence_of_what_was_said_before(here: Received) -> None:
    said = factories.bot_says(here.session, "I am passing you on")
    moved = factories.give(here.conversation, factories.queue())
    outbox.refence(conversation=moved, from_epoch=0)
    assert said.deliveries.get().fence_epoch == moved.owner_epoch


@pytest.mark.scenario("HO-22")
def test_a_takeover_cancels_the_unsent_and_only_the_bots(here: Received, ana: Agent) -> None:
    factories.bot_says(here.session, "one")
    sent = factories.bot_says(here.session, "two").deliveries.get()
    Delivery.objects.filter(pk=sent.pk).update(state="sent")
    factories.agent_says(here.session, "three", ana)
    conversation = Conversation.objects.get(pk=here.conversation.pk)
    assert outbox.cancel_unsent(conversation=conversation) == 1
    states = Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "sent", "queued"]
    assert conversation.events.filter(kind="delivery", data__state="cancelled").count() == 1

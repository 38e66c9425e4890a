"""An agent gives a conversation back and says where the bot goes on."""

from __future__ import annotations

import pytest

from conversations.models import JourneyRun
from handover import desk, refusals
from handover.models import Agent, Queue
from tests.handover.inbox.cast import client_of
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words
from tests.stories.test_back_to_the_bot import asks_for_an_agent, owner


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def test_a_release_at_a_step_asks_there_whatever_was_said(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    desk.release(conversation_id=maya.conversation.pk, agent=ana, to="step", step="chair")
    assert owner(maya) == ("bot", None)
    assert words(phone.news()).startswith("Which chair")
    assert "What is your budget for the Mesh executive" in words(phone.says("2"))
    chosen = maya.conversation.events.get(kind="sent_back")
    assert (chosen.actor_id, chosen.data) == (ana.pk, {"to": "step", "step": "chair", "journey": "order_chair"})


def test_a_release_to_the_menu_leaves_nothing_that_waits_for_an_agent(
    maya: Person, phone: Endpoint, ana: Agent
) -> None:
    asks_for_an_agent(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    desk.release(conversation_id=maya.conversation.pk, agent=ana, to="menu")
    assert phone.news()
    run = JourneyRun.objects.get(version__journey__key="order_chair")
    assert (run.status, run.end_reason) == ("cancelled", "sent_back")


@pytest.mark.parametrize("step", ["", "gone", "agent", "clear_budget"])
def test_a_step_where_it_cannot_go_on_is_refused_and_nothing_moves(
    maya: Person, phone: Endpoint, ana: Agent, step: str
) -> None:
    asks_for_an_agent(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    with pytest.raises(refusals.NoSuchStep) as refused:
        desk.release(conversation_id=maya.conversation.pk, agent=ana, to="step", step=step)
    assert refused.value.extra["journey"] == "order_chair" and "budget" in refused.value.extra["steps"]
    assert (owner(maya), phone.news()) == (("agent", ana.pk), [])


def test_a_journey_that_only_says_goodbye_is_said_to_end(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    shown = client_of(ana).get(f"/inbox/c/{maya.conversation.public_id}/ask/release").content.decode()
    assert "Order an office chair · the journey ends" in shown and 'value="step"' in shown


def test_the_dialog_says_where_it_stopped_and_offers_the_steps(maya: Person, phone: Endpoint, ana: Agent) -> None:
    for said in ("hi", "2"):
        phone.says(said)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    page = client_of(ana)
    shown = page.get(f"/inbox/c/{maya.conversation.public_id}/ask/release").content.decode()
    assert "Order an office chair · Budget" in shown and '<option value="priority">What matters most</option>' in shown
    given = {"to": "step", "step": "priority"}
    page.post(f"/inbox/c/{maya.conversation.public_id}/release", given, headers={"Accept": "application/json"})
    assert words(phone.news()).startswith("What matters most")
    shown = page.get(f"/inbox/c/{maya.conversation.public_id}/").content.decode()
    assert "Ana Sousa let it go on at “Priority”" in shown

"""What does a customer read whom people of ours answer? One word where they come to, in their own language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.content import Text
from conversations.journeys.sentences import LANGUAGES
from handover import desk
from handover.models import Agent, Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

WITH_TEAM = "You are talking to our team. They see what you write here too."


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person, ana: Agent) -> Endpoint:
    """Maya waits for somebody on WhatsApp."""
    phone = maya.on_whatsapp()
    for said in ("hi", "2", "agent", "Maya", "Delivery to the third floor"):
        phone.says(said)
    return phone


def test_who_comes_to_another_channel_is_told_once_that_the_team_listens(maya: Person, phone: Endpoint) -> None:
    shop = maya.on_web()
    assert shop.says("are you there?") == [WITH_TEAM]
    assert [shop.shown()[-1].author, maya.conversation.owner_kind] == ["system", "queue"]
    assert shop.says("hello?") == []
    assert phone.says("hello??") == []
    assert shop.says("hello???") == []


def test_an_agent_who_owns_counts_as_the_team_and_goes_on_owing_the_answer(
    maya: Person, phone: Endpoint, ana: Agent
) -> None:
    cast.take_over(phone, ana)
    assert maya.on_web().says("are you there?") == [WITH_TEAM]
    assert (maya.conversation.owner_kind, maya.conversation.waiting_on) == ("agent", "us")


def test_where_an_agent_spoke_last_nothing_is_said(maya: Person, ana: Agent) -> None:
    shop, phone = maya.on_web(), maya.on_whatsapp()
    shop.says("hi")
    phone.says("hello")
    cast.take_over(phone, ana)
    on_web = maya.conversation.sessions.get(kind="web").public_id
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Ana."), client_id="1", way=on_web)
    shop.news()
    assert shop.says("thank you") == []


def test_in_a_public_place_nothing_is_said(maya: Person, phone: Endpoint, ana: Agent) -> None:
    cast.take_over(phone, ana)
    shop = maya.on_web()
    public = Endpoint(replace(shop.place, is_public=True))
    assert public.says("hello all") == []


def test_the_channel_where_the_handover_began_hears_it_no_second_time(maya: Person, phone: Endpoint) -> None:
    maya.on_web().says("are you there?")
    phone.news()
    assert phone.says("still waiting") == []


def test_a_left_message_is_safe_wherever_its_author_writes(maya: Person, sales: Queue) -> None:
    phone = maya.on_whatsapp()
    for said in ("hi", "agent", "1", "Please call me"):
        phone.says(said)
    shop = maya.on_web()
    assert shop.says("did you get it?") == ["Your message is with our team. They will answer you here."]
    assert shop.says("hello?") == []


@pytest.mark.scenario("J-22")
def test_a_spanish_customer_is_passed_on_and_told_in_spanish(maya: Person, phone: Endpoint) -> None:
    factories.attribute(maya.customer, "language", "es")
    assert maya.on_web().says("¿hola?") == ["Estás hablando con nuestro equipo. También ven lo que escribes aquí."]
    assert phone.says("cancel")[0] == "De acuerdo, has salido de la cola. Aquí estoy de nuevo."
    phone.says("agente")
    assert "Te paso con nuestro equipo." in words(phone.says("Una entrega"))


def test_every_sentence_of_ours_is_there_in_every_language() -> None:
    assert {frozenset(table) for table in LANGUAGES.values()} == {frozenset(LANGUAGES["en"])}

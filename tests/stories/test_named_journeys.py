"""What is a journey called when it is spoken about? As its author translated it, in the language of whoever reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations import recall
from conversations.models import JourneyRun
from handover import desk
from handover.models import Agent, Queue
from tests import factories
from tests.handover.inbox.cast import client_of
from tests.stories import cast
from tests.stories.cast import Person, words

Later = Callable[..., None]

BLUE = """
journey: blue_widgets
title: Blue widgets
languages: [en, es]
triggers: [{keyword: [blue]}]
steps:
  - {id: size, type: ask, title: Size, text: "Which size?", resume: We were choosing a size.}
  - {id: bye, type: end, text: Thank you.}
translations: {es: {title: Cosas azules, size.title: Talla, size.text: "¿Qué talla?", size.resume: Era la talla.,
  bye.text: Gracias.}}
"""


@pytest.fixture
def maya(sales: Queue) -> Person:
    cast.publish(BLUE)
    person = cast.maya()
    factories.attribute(person.customer, "language", "es-MX")
    person.on_whatsapp().says("blue")
    return person


def left(status: str = "expired") -> None:
    JourneyRun.objects.update(status=status, ended_at=clock.now(), wait=None)


@pytest.mark.scenario("J-10")
def test_the_welcome_names_an_open_journey_in_the_customers_language(maya: Person, later: Later) -> None:
    later(hours=25)
    said = maya.on_whatsapp().says("hello")
    assert said[1] == "Me alegra verte de nuevo. La última vez hablamos de: Cosas azules (Talla)."


def test_the_welcome_and_the_offer_name_what_was_left_in_the_customers_language(maya: Person, later: Later) -> None:
    left()
    later(hours=5)
    welcomed, offered = maya.on_web().says("buenos días")
    assert welcomed.endswith("La última vez hablamos de: Cosas azules.")
    assert offered.startswith("Estábamos en esto: Cosas azules.")


def test_a_journey_that_asks_where_another_stands_is_told_in_the_customers_language(maya: Person) -> None:
    assert recall.last_journey(maya.run("blue_widgets"), "es")["title"] == "Cosas azules"
    assert recall.last_journey(maya.run("blue_widgets"), "de")["title"] == "Blue widgets"
    assert recall.last_journey(maya.run("blue_widgets"))["title"] == "Blue widgets"


def test_the_ready_greeting_is_for_the_customer_and_the_card_for_the_agent(maya: Person, ana: Agent) -> None:
    cast.take_over(maya.on_whatsapp(), ana)
    address = f"/inbox/c/{maya.conversation.public_id}/"
    page = client_of(ana).get(address).content.decode()
    assert "Veo que estabas en «Cosas azules»." in page
    assert "Blue widgets" in page and "Journey “Blue widgets” started" in page
    ana.language = "es"
    ana.save(update_fields=["language"])
    page = client_of(ana).get(address).content.decode()
    assert "Cosas azules" in page and "Talla" in page and "Blue widgets" not in page
    shown = client_of(ana).get(f"{address}ask/release").content.decode()
    assert '<option value="size">Talla</option>' in shown and "Cosas azules" in shown


def test_what_the_last_conversation_was_about_is_greeted_in_the_customers_language(
    maya: Person, ana: Agent, later: Later
) -> None:
    phone = maya.on_whatsapp()
    cast.take_over(phone, ana)
    left("completed")
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(days=2)
    phone.says("qwertz")
    cast.take_over(phone, ana)
    card = maya.conversation.notes.filter(kind="card").latest("pk").card
    assert "¿Se trata otra vez de «Cosas azules»" in card["greeting"]
    assert words([one["topic"] for one in card["context"]["previous"]]) == "Blue widgets"

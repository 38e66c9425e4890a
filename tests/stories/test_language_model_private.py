"""What a person said in private to a journey: does a language model hear of it?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from conversations.assistant import materials
from conversations.journeys.scene import Scene
from conversations.models import Session
from handover import answered
from handover.models import Queue
from tests import factories
from tests.stories import cast, models
from tests.stories.cast import Endpoint, Person
from tests.stories.models import Model


@pytest.fixture
def maya(sales: Queue) -> Person:
    models.knows("bundles", "Every bundle", models.SHIPPING)
    models.knows("walks", "Every walk", "It is good for the back.")
    person = cast.maya()
    models.agrees(person.phone)
    return person


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.fixture
def model(settings: Settings) -> Iterator[Model]:
    with models.running() as model:
        settings.LLM_URL, settings.LLM_KEY, settings.LLM_MODEL, settings.LLM_TIMEOUT = model.url, "key", "demo", 1
        yield model


PRIVATE = """
journey: visit
title: Visit the showroom
languages: [en]
triggers: [{keyword: [showroom]}]
vars: {home: {type: text, pii: true}}
steps:
  - {id: colour, type: ask, text: "Which colour?", resume: We were at the colour.}
  - {id: home, type: ask, text: "Where do you live?", resume: We were at your home.}
  - {id: bye, type: end, text: "We come to {{ vars.home }}."}
"""


@pytest.mark.scenario("J-53")
def test_the_answer_to_a_private_question_does_not_leave_the_house(phone: Endpoint, model: Model) -> None:
    cast.publish(PRIVATE)
    for text in ("showroom", "light red", "Elm Street 12, AB12CD34"):
        phone.says(text)
    model.says(action="none")
    phone.says("does a bundle walk to elm street 12")
    assert answered.serve()
    sent = model.sent()
    assert "elm" not in str(sent).lower() and "CD34" not in str(sent)
    assert sent["question"] == "does a bundle walk to [private]"
    assert {"who": "customer", "text": "light red"} in sent["history"]
    assert {"who": "bot", "text": "We come to [private]."} in sent["history"]


@pytest.mark.scenario("J-53")
def test_a_name_that_may_not_be_shown_here_is_masked_all_the_same(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    factories.attribute(maya.customer, "name", "Zora Quint")
    Session.objects.update(assurance="none")
    scene = Scene(maya.conversation, maya.conversation.sessions.get(), maya.customer)
    assert scene.attributes.get("name") != "Zora Quint"
    assert materials.masking(scene).hide("I am Zora") == "I am [name]"

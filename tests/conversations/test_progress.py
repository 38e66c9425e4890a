"""Where does a person's journey stand, and who may know of it?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations import recall
from conversations.journeys import resume_cards
from conversations.journeys.state import place
from handover.models import Queue
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db

CAREFUL = """
journey: careful
title: Your contract
languages: [en]
triggers: [{keyword: [contract]}]
policy: {requires: strong}
steps:
  - {id: ask, type: ask, title: Reason, text: "Why?", expect: {kind: text}, on_invalid: bye, resume: We were at why.}
  - {id: bye, type: end, text: Bye.}
"""


@pytest.fixture
def maya(db: None) -> Person:
    cast.sales()
    cast.library()
    return cast.maya()


def card(maya: Person, *visible: int, **more: object) -> resume_cards.ResumeCard | None:
    known = {"assurance": "strong", "now": clock.now(), **more}
    return resume_cards.resumable(root=maya.customer, visible=visible, **known)  # type: ignore[arg-type]  # what is known in words


def test_the_card_is_for_eyes_that_saw_what_was_said(maya: Person) -> None:
    maya.on_whatsapp().says("hi")
    shown = card(maya, maya.phone.pk)
    assert shown is not None
    assert (shown.run, shown.step, shown.status) == (maya.run().public_id, "Chair", "auto")
    assert card(maya, 0) is None


def test_after_a_day_it_is_an_offer_and_after_a_week_there_is_none(maya: Person) -> None:
    maya.on_whatsapp().says("hi")
    day, week = clock.now() + timedelta(hours=25), clock.now() + timedelta(days=8)
    shown = card(maya, maya.phone.pk, now=day)
    assert shown is not None and shown.status == "offer"
    assert card(maya, maya.phone.pk, now=week) is None


def test_a_question_that_stands_here_is_no_card(maya: Person) -> None:
    maya.on_whatsapp().says("hi")
    assert card(maya, maya.phone.pk, here=place(cast.WHATSAPP, str(maya.phone.pk))) is None


def test_a_journey_that_requires_more_proof_is_not_even_named(maya: Person) -> None:
    cast.publish(CAREFUL)
    maya.on_web().says("contract")
    assert card(maya, maya.phone.pk) is not None
    assert card(maya, maya.phone.pk, assurance="verified") is None
    answered = cast.words(maya.on_whatsapp().says("why was it?"))
    assert "contract" not in answered
    assert "sign in" in answered


def test_the_main_menu_is_no_journey_to_come_back_to(maya: Person) -> None:
    maya.on_whatsapp().says("qwertz")
    assert card(maya, maya.phone.pk) is None
    assert recall.open_run(maya.customer.pk) is None


def test_the_block_for_the_team_names_journey_answers_and_channels(maya: Person) -> None:
    phone = maya.on_whatsapp()
    for said in ("hi", "2"):
        phone.says(said)
    block = recall.block(root_id=maya.customer.pk)
    assert block.last_journey is not None
    assert (block.last_journey["title"], block.last_journey["label"]) == ("Order an office chair", "Budget")
    assert block.answers == [{"label": "Chair", "value": "Mesh executive"}]
    assert block.channels == ["whatsapp"]


def echoed(maya: Person) -> Endpoint:
    """Somebody has answered the bot by machine for a while."""
    phone = maya.on_whatsapp()
    phone.says("hi")
    for _ in range(15):
        phone.says("help")
    return phone


@pytest.mark.scenario("HO-45")
def test_a_chatty_echo_is_cut_with_one_sentence_and_one_alert(maya: Person) -> None:
    phone = echoed(maya)
    said = [row.content["text"] for row in phone.shown()]
    assert len([text for text in said if "round in circles" in text]) == 1
    assert len(said) <= 22
    assert maya.conversation.events.filter(kind="alert").count() == 1


def test_after_the_cut_an_agent_can_still_be_asked_for(maya: Person) -> None:
    cast.ana(Queue.objects.get(key="sales"))
    phone = echoed(maya)
    assert phone.says("help") == []
    assert "first name" in cast.words(phone.says("agent"))
    assert "what can our team do" in cast.words(phone.says("Maya"))

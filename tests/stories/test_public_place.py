"""Where others read along: what is said there, and what stays as it is in private?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conversations.journeys.sentences import sentence
from conversations.models import Conversation, JourneyRun
from handover.models import Agent, Queue
from tests import factories
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person

INVITATION = sentence("public")
OPEN = """
journey: hours
title: Opening hours
languages: [en]
triggers: [{keyword: [hours]}]
policy: {audience: public}
steps:
  - {id: day, type: ask, text: "Which day?", expect: {kind: text}}
  - {id: bye, type: end, text: "On {{ vars.day }} from nine to five.", then: order_chair}
"""


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


def in_public(person: Person) -> Endpoint:
    return Endpoint(replace(person.on_whatsapp().place, channel="discord-demo", kind="discord", is_public=True))


def runs() -> list[tuple[object, ...]]:
    rows = JourneyRun.objects.order_by("pk")
    return [(r.pk, r.status, r.step_id, r.seq, r.wait, r.session_id, r.touched_at, dict(r.vars)) for r in rows]


@pytest.mark.scenario("J-12")
@pytest.mark.parametrize("words", ["hello", "hi", "2", "400", "agent", "chair", "menu", "what is my name?"])
def test_in_public_there_is_an_invitation_and_the_private_run_is_as_it_was(maya: Person, words: str) -> None:
    phone = maya.on_whatsapp()
    phone.says("hi")
    assert "budget" in phone.says("2")[-1]
    before = runs()
    assert in_public(maya).says(words) == [INVITATION]
    assert runs() == before and phone.news() == []


@pytest.mark.scenario("J-12")
def test_the_private_journey_goes_on_with_its_answer_after_words_in_public(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("hi")
    phone.says("2")
    in_public(maya).says("hello")
    assert maya.run().status == "waiting"
    phone.says("400")
    assert maya.run().vars["budget"] == 400


@pytest.mark.scenario("J-12")
@pytest.mark.parametrize("words", ["hi", "2", "agent", "chair", "menu", "/start"])
def test_who_begins_in_public_is_invited_and_nothing_begins(maya: Person, ana: Agent, words: str) -> None:
    factories.attribute(maya.customer, "first_name", "Maya")
    assert in_public(maya).says(words) == [INVITATION]
    assert not runs() and maya.conversation.owner_kind == Conversation.Owner.BOT


def test_the_invitation_is_in_the_customers_language(maya: Person) -> None:
    factories.attribute(maya.customer, "language", "es")
    assert in_public(maya).says("hola") == [sentence("public", "es")]


def test_a_journey_for_a_public_place_runs_there_and_what_follows_in_private_is_not_begun(maya: Person) -> None:
    cast.publish(OPEN)
    place = in_public(maya)
    assert place.says("hours") == ["Which day?"]
    assert place.says("Monday") == ["On Monday from nine to five.", INVITATION]
    assert [row[1] for row in runs()] == ["completed"]


def test_what_a_job_reports_is_not_told_in_public(maya: Person, later: Callable[..., None]) -> None:
    modem.published()
    phone = maya.on_whatsapp()
    phone.says("gadget")
    modem.answered()
    phone.news()
    modem.report(modem.newest(), 1, "failed", text="no line")
    assert in_public(maya).says("hello") == [INVITATION]
    modem.time_passes()
    assert "failed" in phone.news()[-1]
    assert in_public(maya).says("R")[-1] == INVITATION and modem.newest().attempt == 1

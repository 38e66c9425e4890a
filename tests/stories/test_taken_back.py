"""Is a journey again where it was, once something that was done to many is taken back?"""

from __future__ import annotations

from typing import Any

import pytest

from conversations.models import Conversation, JourneyRun
from handover import bulk, desk, going_back, holding, refusals
from handover.models import Agent, BulkAction, Queue
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

STANDS = ("status", "step_id", "wait", "lane", "touched_at", "ended_at", "end_reason", "session_id")
PERSON = """
journey: person
title: A person
languages: [en]
triggers: [{keyword: [person]}]
steps:
  - {id: human, type: handover, mode: live, intake: prechat_sales, on: {closed: closed, offline: bye}}
  - {id: closed, type: end, then: order_chair}
  - {id: bye, type: end, text: Bye.}
"""


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.fixture
def hers(maya: Person, phone: Endpoint, ana: Agent) -> Conversation:
    """Handed over at the budget of the order, and Ana's by now."""
    for said in ("hi", "2", "agent", "Maya", "Delivery to the third floor"):
        phone.says(said)
    return desk.claim(conversation_id=maya.conversation.pk, agent=ana)


def done(by: Agent, verb: str, row: Conversation) -> BulkAction:
    return bulk.start(agent=by, verb=verb, options={}, ids=[row.public_id])


def look() -> list[dict[str, Any]]:
    """Every run as it stands."""
    runs = JourneyRun.objects.order_by("pk")
    return [{**{name: getattr(run, name) for name in STANDS}, "vars": dict(run.vars)} for run in runs]


def places(row: Conversation) -> going_back.Places:
    return going_back.places(holding.scene_of(row.pk))


def test_a_close_that_is_taken_back_leaves_the_journey_where_it_was(
    maya: Person, phone: Endpoint, hers: Conversation, ana: Agent
) -> None:
    before, offered = look(), places(hers)
    action = done(ana, "close", hers)
    assert (maya.run().status, places(hers)) == ("completed", going_back.Places())
    assert bulk.kept(bulk.undo(action=action, agent=ana)) == {}
    assert (look(), places(hers)) == (before, offered) and offered.steps
    phone.news()
    desk.release(conversation_id=hers.pk, agent=ana, to="step", step="budget")
    assert "What is your budget" in words(phone.news())
    assert "What matters most" in words(phone.says("400"))


def test_it_takes_its_end_when_it_is_closed_for_good(maya: Person, hers: Conversation, ana: Agent) -> None:
    bulk.undo(action=done(ana, "close", hers), agent=ana)
    desk.close(conversation_id=hers.pk, agent=ana)
    assert (maya.run().status, maya.run().step_id) == ("completed", "closed")


@pytest.mark.parametrize(("earlier", "then"), [((), "cancelled"), (("hi", "2"), "suspended")])
def test_what_began_or_came_back_with_the_close_is_no_more_in_front(
    maya: Person, phone: Endpoint, ana: Agent, earlier: tuple[str, ...], then: str
) -> None:
    cast.publish(PERSON)
    for said in (*earlier, "person", "Maya", "A leg is loose"):
        phone.says(said)
    row = desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    before = look()
    action = done(ana, "close", row)
    assert maya.run("order_chair").status == "waiting"
    bulk.undo(action=action, agent=ana)
    assert look()[: len(before)] == before and maya.run("order_chair").status == then


def test_a_journey_that_went_on_since_stays_there(maya: Person, hers: Conversation, ana: Agent) -> None:
    action = done(ana, "close", hers)
    run = maya.run()
    JourneyRun.objects.filter(pk=run.pk).update(seq=run.seq + 1, end_reason="elsewhere")
    assert bulk.put_back(bulk.undo(action=action, agent=ana)) == 1
    assert (maya.run().status, maya.run().end_reason) == ("completed", "elsewhere")


def test_who_has_written_since_keeps_what_they_began(
    maya: Person, phone: Endpoint, hers: Conversation, ana: Agent
) -> None:
    action = done(ana, "close", hers)
    phone.says("hola")
    before = look()
    assert set(bulk.kept(bulk.undo(action=action, agent=ana)).values()) <= {"owner_moved", refusals.GoesOn.code}
    assert look() == before


def test_whom_one_took_from_the_questions_before_a_human_is_asked_on(maya: Person, phone: Endpoint, ana: Agent) -> None:
    for said in ("hi", "2", "agent"):
        phone.says(said)
    before = look()
    action = done(ana, "assign", maya.conversation)
    assert maya.run("prechat_sales").end_reason == "taken_over"
    bulk.undo(action=action, agent=ana)
    assert look() == before
    phone.says("Maya")
    phone.says("Delivery to the third floor")
    assert maya.conversation.owner_kind == "queue"

"""Journeys beneath one another: values down, values up, and the words that work everywhere in the middle of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from common import clock
from conversations.journeys import publishing
from conversations.models import Journey
from handover import desk
from handover.models import Agent, Queue
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]

TRIP = """
journey: trip
title: A trip
languages: [en]
triggers: [{keyword: [trip]}]
vars: {who: {type: text, default: nobody}}
steps:
  - {id: papers, type: journey, run: passport, with: {country: Sweden}, returns: {vars.who: holder},
     on: {done: thanks, failed: sorry}}
  - {id: thanks, type: end, text: "Thank you, {{ vars.who }}."}
  - {id: sorry, type: end, text: No trip then.}
"""
PASSPORT = """
journey: passport
title: A passport
languages: [en]
triggers: [{keyword: [passport]}]
vars: {country: {type: text, default: nowhere}}
steps:
  - {id: holder, type: ask, text: "Whose passport of {{ vars.country }} is it?", resume: We were at the passport.}
  - {id: number, type: ask, text: "Which number has it?", resume: We were at its number.}
  - {id: done, type: end}
"""
BOTTOM = """
journey: bottom
title: The bottom
languages: [en]
steps: [{id: far, type: end, text: Too deep.}]
"""
ASKING = """
journey: {key}
title: A question
languages: [en]
triggers: [{{keyword: [{key}]}}]
steps:
  - {{id: age, type: ask, text: "How old?", expect: {{kind: number}}, resume: We were at your age.}}
  - {{id: done, type: end}}
"""
LOOP = """
journey: {key}
title: Deeper
languages: [en]
triggers: [{{keyword: [{key}]}}]
steps:
  - {{id: down, type: journey, run: {below}, on: {{failed: refused}}}}
  - {{id: fine, type: end, text: Back from below.}}
  - {{id: refused, type: end, text: "{key} goes no deeper."}}
"""


@pytest.fixture
def maya(sales: Queue) -> Person:
    for text in (PASSPORT, TRIP):
        cast.publish(text)
    return cast.maya()


@pytest.fixture
def sales(db: None) -> Queue:
    queue = cast.sales()
    cast.library()
    return queue


@pytest.fixture
def later() -> Iterator[Later]:
    yield lambda **amount: clock.shift_by(lambda: timedelta(**amount))
    clock.shift_by(timedelta)


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def test_values_go_down_and_come_back(maya: Person, phone: Endpoint) -> None:
    assert phone.says("trip") == ["Whose passport of Sweden is it?"]
    phone.says("Ada")
    assert phone.says("X1") == ["Thank you, Ada."]
    assert (maya.run("trip").status, maya.run("passport").parent_id) == ("completed", maya.run("trip").pk)


def test_cancel_ends_the_one_beneath_and_the_one_above_takes_its_edge(maya: Person, phone: Endpoint) -> None:
    phone.says("trip")
    phone.says("cancel")
    assert phone.says("yes")[-1] == "No trip then."
    assert (maya.run("passport").status, maya.run("trip").status) == ("cancelled", "completed")


def test_restart_begins_the_one_beneath_again_with_what_it_was_given(maya: Person, phone: Endpoint) -> None:
    phone.says("trip")
    phone.says("Ada")
    assert phone.says("restart") == ["Whose passport of Sweden is it?"]
    phone.says("Bob")
    assert phone.says("X1") == ["Thank you, Bob."]


def test_a_person_may_be_asked_for_in_the_middle_and_gives_it_back(phone: Endpoint, sales: Queue) -> None:
    ana: Agent = cast.ana(sales)
    phone.says("trip")
    phone.says("agent")
    conversation = cast.take_over(phone, ana)
    desk.release(conversation_id=conversation.pk, agent=ana)
    assert "Whose passport of Sweden is it?" in words(phone.news())
    phone.says("Ada")
    assert phone.says("X1") == ["Thank you, Ada."]


def test_another_journey_in_the_middle_leaves_both_and_comes_back(maya: Person, phone: Endpoint) -> None:
    phone.says("trip")
    phone.says("menu")
    assert {maya.run("trip").status, maya.run("passport").status} == {"suspended"}
    assert "Whose passport of Sweden is it?" in words(phone.says("cancel"))
    phone.says("Ada")
    assert phone.says("X1") == ["Thank you, Ada."]


def test_a_journey_beneath_that_is_not_live_has_failed(phone: Endpoint) -> None:
    Journey.objects.filter(key="passport").update(is_enabled=False)
    publishing.forget()
    assert phone.says("trip") == ["No trip then."]


def test_at_most_three_journeys_are_open_beneath_one_another(maya: Person, phone: Endpoint) -> None:
    """The linter sees what is live when a journey is published; what is published later may make the chain longer."""
    cast.publish(LOOP.format(key="second", below="passport"))
    cast.publish(LOOP.format(key="first", below="second"))
    cast.publish(BOTTOM)
    cast.publish(LOOP.format(key="passport", below="bottom"))
    assert phone.says("first") == ["passport goes no deeper.", "Back from below.", "Back from below."]
    assert maya.conversation.events.filter(kind="alert", data__code="limit_depth").count() == 1


def test_one_that_expires_takes_those_above_with_it(maya: Person, phone: Endpoint, later: Later) -> None:
    phone.says("trip")
    later(days=8)
    assert "How can I help you?" in words(phone.says("hello"))
    assert (maya.run("passport").status, maya.run("trip").status) == ("expired", "expired")


def test_runs_above_count_as_one_with_what_is_beneath_them(maya: Person, phone: Endpoint) -> None:
    """Three are kept beside the one in front; the one that is pushed out goes with the one above it."""
    phone.says("trip")
    for key in ("one", "two", "three"):
        cast.publish(ASKING.format(key=key))
        phone.says(action=f"start:{key}")
    assert (maya.run("trip").status, maya.run("passport").status) == ("suspended", "suspended")
    cast.publish(ASKING.format(key="four"))
    phone.says(action="start:four")
    assert (maya.run("trip").status, maya.run("passport").status) == ("cancelled", "cancelled")

"""A link's word begins a journey on every channel, a conversation's beginning begins one, and neither does more."""

from __future__ import annotations

from typing import Any

import pytest

from channels_app import hearing
from channels_app.adapters.base import Inbound
from common import clock
from conversations.content import Text
from conversations.threads import Heard
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

CHAIRS = """
journey: chairs
title: Chairs
languages: [en]
triggers: [{link: chairs}]
steps:
  - {id: budget, type: ask, text: "What is your budget?", resume: We were at your budget.}
  - {id: bye, type: end, text: Noted.}
"""
WELCOME = """
journey: hello
title: Hello
languages: [en]
triggers: [{start: true}]
steps: [{id: hi, type: menu, text: "Welcome to the shop.", options: [{id: fine, label: Fine, next: bye}]},
        {id: bye, type: end, text: Good.}]
"""
HIDDEN = """
journey: inner
title: For others to begin
languages: [en]
triggers: [{api: true}]
steps: [{id: bye, type: end, text: Not for a page.}]
"""


@pytest.fixture
def maya(db: None) -> Person:
    cast.sales()
    cast.library()
    cast.publish(CHAIRS)
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def comes(endpoint: Endpoint, text: str, **more: Any) -> list[str]:
    """A message with what its deep link brought along."""
    inbound = Inbound(Text(text), clock.now(), text=text, **more)
    heard = Heard(content=Text(text), occurred_at=clock.now(), text=text)
    hearing.hear(place=endpoint.place, inbound=inbound, heard=heard, is_part=lambda: False)
    return endpoint.news()


@pytest.mark.parametrize("brought", [{"code": "chairs"}, {"referral": {"ref": "chairs"}}])
def test_a_links_word_begins_its_journey(phone: Endpoint, brought: dict[str, Any]) -> None:
    assert comes(phone, "Hello, I saw your window", **brought) == ["What is your budget?"]


def test_it_is_a_wish_and_no_answer_to_an_open_question(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    phone.says("2")
    assert comes(phone, "400", referral={"ref": "chairs"}) == ["What is your budget?"]
    assert "budget" not in maya.run("order_chair").vars


def test_a_word_that_begins_nothing_is_a_message_like_any_other(phone: Endpoint) -> None:
    assert "How can I help you?" in words(comes(phone, "Ahoy", referral={"ref": "summer-sale"}))


def test_a_one_time_code_is_not_taken_for_a_word(phone: Endpoint) -> None:
    assert "What is your budget?" not in words(comes(phone, "Hello", code="ABCDEFGHIJKLMNOP"))


def test_a_page_begins_a_journey_by_its_links_word_or_its_key(phone: Endpoint) -> None:
    assert phone.says(action="start:chairs") == ["What is your budget?"]


def test_a_page_begins_nothing_that_a_customer_could_not(maya: Person, phone: Endpoint) -> None:
    cast.publish(HIDDEN)
    assert phone.says(action="start:inner") == []


def test_a_conversation_begins_with_its_journey_and_goes_on_without(phone: Endpoint) -> None:
    cast.publish(WELCOME)
    assert "Welcome to the shop." in words(phone.says("good morning"))
    phone.says("Fine")
    assert "Welcome to the shop." not in words(phone.says("what else"))


def test_what_a_first_message_names_comes_before(phone: Endpoint) -> None:
    cast.publish(WELCOME)
    assert "Which chair" in words(phone.says("hi"))


def test_telegrams_start_begins_it_again(phone: Endpoint) -> None:
    cast.publish(WELCOME)
    phone.says("good morning")
    phone.says("Fine")
    assert "Welcome to the shop." in words(phone.says("/start"))

"""Does a journey begin when somebody new opens the chat: once, and never over what is there already?"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from channels_app import ingest, limits
from channels_app.models import Channel, InboundEvent
from common import clock
from conversations.models import Conversation, JourneyRun
from customers import facts
from customers.models import Customer
from tests import factories
from tests.channels_app import storefront
from tests.channels_app.storefront import KEY, Browser, login
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)
HELLO = """
journey: hello
title: Hello
languages: [en]
triggers: [{{start: true, opening: {opening}}}]
steps:
  - {{id: what, type: ask, text: "Hello! What are you looking for?", resume: We had just begun.}}
  - {{id: bye, type: end, text: Thank you.}}
"""


@pytest.fixture
def shop() -> Channel:
    limits.OPENINGS.forget()
    cast.sales(), cast.library()
    return storefront.open_shop()


def opens(browser: Browser, name: str = "open-12345678", **body: Any) -> None:
    assert browser.post("messages", {"type": "action", "action": "open", "id": name, **body}).status_code == 200
    ingest.drain()


def history(browser: Browser) -> list[str]:
    found = browser.visit()["history"]
    return [one["data"]["content"]["text"] for one in found if one["type"] == "message"]


@pytest.mark.parametrize("opening", ["true", f"[{KEY}]"])
def test_somebody_new_is_spoken_to_first_and_the_answer_counts(shop: Channel, opening: str) -> None:
    cast.publish(HELLO.format(opening=opening))
    browser = Browser()
    assert browser.visit()["config"]["begins"] is True
    opens(browser)
    assert history(browser) == ["Hello! What are you looking for?"]
    browser.say("a chair")
    ingest.drain()
    assert history(browser)[-1] == "Thank you."


@pytest.mark.parametrize("opening", ["false", "[another-page]"])
def test_where_it_is_not_wished_nothing_begins_and_nothing_is_kept(shop: Channel, opening: str) -> None:
    cast.publish(HELLO.format(opening=opening))
    browser = Browser()
    assert browser.visit()["config"]["begins"] is False
    opens(browser)
    assert not Conversation.objects.exists() and not JourneyRun.objects.exists()


def test_a_page_that_is_looked_at_makes_nobody(shop: Channel) -> None:
    cast.publish(HELLO.format(opening="true"))
    for path in ("/widget.js", f"/widget/{KEY}/app"):
        assert Client().get(path).status_code == 200
    assert not Customer.objects.exists()


def test_two_tabs_and_a_reload_begin_it_once(shop: Channel) -> None:
    cast.publish(HELLO.format(opening="true"))
    browser = Browser()
    browser.visit()
    for name in ("open-12345678", "open-12345678", "open-another-tab"):
        opens(browser, name)
    assert JourneyRun.objects.count() == 1 and len(history(browser)) == 1
    JourneyRun.objects.update(status="completed")
    Conversation.objects.update(state="closed", close_reason="expired", closed_at=clock.now())
    opens(browser, "open-much-later")
    assert JourneyRun.objects.count() == 1


def test_who_has_spoken_with_us_anywhere_is_not_spoken_to_first(shop: Channel) -> None:
    cast.publish(HELLO.format(opening="true"))
    person, phone = factories.maya()
    cast.Person(person, phone).on_whatsapp().says("order")
    browser = Browser()
    browser.visit(jwt=login())
    opens(browser)
    assert JourneyRun.objects.count() == 1 and Conversation.objects.count() == 1


def test_an_address_that_opens_chat_after_chat_is_not_answered(shop: Channel) -> None:
    cast.publish(HELLO.format(opening="true"))
    browser = Browser()
    browser.visit()
    while not limits.OPENINGS.wait("127.0.0.1"):
        pass
    opens(browser)
    assert not InboundEvent.objects.exists()


def test_who_was_only_greeted_is_as_silent_as_who_was_not(shop: Channel) -> None:
    cast.publish(HELLO.format(opening="true"))
    browser = Browser()
    browser.visit()
    opens(browser)
    someone = Customer.objects.get()
    assert facts.of([someone.pk])["messages"] == 1 and facts.written([someone.pk]) == 0
    browser.say("a chair")
    ingest.drain()
    assert facts.written([someone.pk]) == 1

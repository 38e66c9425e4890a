"""What can a journey's text and an API client know of what went before? The topic and where the last journey stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from handover.models import Queue
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

NEWS = """
journey: news
title: News
languages: [en]
triggers: [{keyword: [news]}]
policy: {audience: public}
steps:
  - {id: about, type: message, text: "Before: {{ context.topic|default('nothing') }}"}
  - {id: open, type: end, text: "Open: {{ context.last_journey.title|default('nothing') }}"}
"""
SUMMER = """
journey: summer
title: Summer
languages: [en]
triggers: [{link: summer}]
steps:
  - {id: size, type: ask, title: Size, text: "Which size?", resume: We were at the size.}
  - {id: bye, type: end, text: "You came by: {{ link.word|default('no link') }}"}
"""
CHAIR = "Order an office chair (Budget)"


@pytest.fixture
def maya(sales: Queue) -> Person:
    cast.publish(NEWS)
    return cast.maya()


def at_the_budget(endpoint: Endpoint) -> None:
    for said in ("hi", "2"):
        endpoint.says(said)


@pytest.mark.scenario("J-10")
def test_a_text_may_name_the_topic_and_the_open_journey(maya: Person) -> None:
    phone = maya.on_whatsapp()
    assert phone.says("news")[:2] == ["Before: nothing", "Open: nothing"]
    at_the_budget(phone)
    assert phone.says("news")[:2] == [f"Before: {CHAIR}", "Open: Order an office chair"]


@pytest.mark.scenario("J-12")
def test_neither_is_named_where_others_read_along_or_nothing_is_proven(maya: Person) -> None:
    at_the_budget(maya.on_whatsapp())
    shop = maya.on_web(knows_phone=False)
    assert shop.says("news")[:2] == ["Before: nothing", "Open: nothing"]
    public = Endpoint(replace(maya.on_web().place, is_public=True))
    assert public.says("news")[:2] == ["Before: nothing", "Open: nothing"]


def test_a_journey_that_names_neither_asks_nothing_of_the_memory(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("hi")
    with CaptureQueriesContext(connection) as spent:
        phone.turn("2")
    assert not [query for query in spent.captured_queries if "article_answered" in query["sql"]]


@pytest.mark.scenario("J-5")
def test_the_api_shows_where_the_last_journey_stands_until_it_ends(maya: Person) -> None:
    client = APIClient()
    client.force_authenticate(get_user_model().objects.create_superuser("root", password="a-long-password"))
    path = f"/api/v1/customers/{maya.customer.public_id}/"
    assert client.get(path).json()["last_journey"] is None
    phone = maya.on_whatsapp()
    at_the_budget(phone)
    found = client.get(path).json()["last_journey"]
    assert [found[key] for key in ("key", "title", "step", "label", "channel", "status")] == [
        "order_chair", "Order an office chair", "budget", "Budget", cast.WHATSAPP, "waiting"]  # fmt: skip
    assert found["since"] <= found["touched_at"]
    for said in ("cancel", "1"):
        phone.says(said)
    assert client.get(path).json()["last_journey"] is None


def test_a_text_may_name_the_word_of_the_link_that_began_it(maya: Person) -> None:
    cast.publish(SUMMER)
    phone = maya.on_whatsapp()
    phone.says("hello", link="summer")
    assert phone.says("large")[0] == "You came by: summer"

"""How does a text become a live version? Linted, immutable, and refused with a line when it is wrong."""

from __future__ import annotations

import pytest

from conversations.journeys import publishing
from conversations.models import Connection, Journey, JourneyVersion
from tests import factories

pytestmark = pytest.mark.django_db

HELLO = """
journey: hello
title: Hello
languages: [en]
triggers: [{keyword: [hullo]}]
steps:
  - {id: hi, type: message, text: Hello.}
  - {id: bye, type: end, text: Bye.}
"""


def test_a_good_text_is_the_live_version() -> None:
    version = publishing.publish(text=HELLO)
    assert (version.number, publishing.live()["hello"]) == (1, version.pk)
    assert publishing.definition(version.pk).title == "Hello"
    assert publishing.table().keywords["hullo"].journey == "hello"


def test_a_bad_text_is_refused_with_rule_and_line_and_nothing_is_live() -> None:
    with pytest.raises(publishing.Refused) as refused:
        publishing.publish(text=HELLO.replace("text: Hello.}", "text: Hello., next: nowhere}"))
    assert refused.value.extra["findings"][0]["line"] == 7
    assert not Journey.objects.exists()


@pytest.mark.scenario("HO-55")
def test_a_live_handover_without_pre_chat_questions_is_refused() -> None:
    factories.queue("sales", skill="sales")
    handover = "{id: bye, type: handover, skill: sales, on: {offline: hi}}"
    with pytest.raises(publishing.Refused) as refused:
        publishing.publish(text=HELLO.replace("{id: bye, type: end, text: Bye.}", handover))
    assert "L11" in {finding["rule"] for finding in refused.value.extra["findings"]}


def test_the_same_text_again_adds_no_version() -> None:
    publishing.publish(text=HELLO)
    publishing.publish(text=HELLO)
    assert JourneyVersion.objects.count() == 1


def test_another_text_adds_one_and_keeps_the_first() -> None:
    first = publishing.publish(text=HELLO)
    second = publishing.publish(text=HELLO.replace("Bye.", "See you."))
    assert (first.number, second.number) == (1, 2)
    assert JourneyVersion.objects.get(pk=first.pk).sha256 == first.sha256


def test_a_library_journey_waits_for_its_connection_as_a_draft() -> None:
    factories.queue("sales", skill="sales", is_default=True, intake="prechat_sales")
    publishing.load_library()
    waiting = Journey.objects.get(key="booking")
    assert waiting.live_version is None and "connection: demo_shop" in waiting.draft
    Connection.objects.create(key="demo_shop", base_url="https://shop.example", methods=["GET", "POST"])
    publishing.load_library()
    assert Journey.objects.get(key="booking").live_version is not None


def test_a_library_journey_whose_word_is_taken_stays_a_draft_and_the_others_go_live() -> None:
    factories.queue("sales", skill="sales", is_default=True, intake="prechat_sales")
    publishing.publish(text=HELLO.replace("hullo", "quote"))
    publishing.load_library()
    assert Journey.objects.get(key="lead_capture").live_version is None
    assert Journey.objects.get(key="find_chair").live_version is not None


def test_the_whole_library_is_published_and_once() -> None:
    factories.queue("sales", skill="sales", is_default=True, intake="prechat_sales")
    for key in ("demo_shop", "telco"):
        Connection.objects.create(key=key, base_url="https://shop.example", methods=["GET", "POST"])
    publishing.load_library()
    publishing.load_library()
    assert JourneyVersion.objects.count() == Journey.objects.count() == len(list(publishing.LIBRARY.glob("*.yaml")))


def test_a_disabled_journey_is_not_live() -> None:
    publishing.publish(text=HELLO)
    Journey.objects.update(is_enabled=False)
    publishing.forget()
    assert publishing.live() == {}


def test_a_sensitive_attribute_is_not_read_without_proof() -> None:
    text = HELLO.replace("Hello.}", '"Hello {{ customer.phone }}."}')
    assert [finding.rule for finding in publishing.check(text).errors] == ["L13"]
    assert publishing.check(text.replace("type: message", "type: message, requires: verified")).errors == ()

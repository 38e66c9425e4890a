"""Which journey does the widget offer to go on with, when it was not the last thing that happened?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from channels_app import ingest
from channels_app.models import Channel
from common import clock
from handover import desk
from tests import factories
from tests.channels_app.storefront import Browser, login
from tests.channels_app.test_widget import chairs, maya_stopped_on_whatsapp, shop, texts
from tests.stories import cast

__all__ = ["chairs", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_journey_that_was_set_aside_is_offered_and_the_menu_before_it_is_not(shop: Channel, chairs: None) -> None:
    whatsapp = maya_stopped_on_whatsapp()
    whatsapp.says("menu")
    assert [*cast.JourneyRun.objects.filter(status="suspended").values_list("version__journey__key", flat=True)] == [
        "order_chair"
    ]
    browser = Browser()
    card = browser.visit(jwt=login())["resume"]
    assert (card["title"], card["step"]) == ("Order an office chair", "Budget")
    browser.post("messages", {"type": "action", "id": str(uuid4()), "action": "resume", "run": card["run"]})
    ingest.drain()
    assert "your budget for the Ergo task chair" in texts(browser.visit())[-1]


def test_the_card_is_in_the_language_of_the_customer(shop: Channel, chairs: None) -> None:
    phone = maya_stopped_on_whatsapp()
    factories.attribute(phone.place.identity.customer, "language", "es")
    card = Browser().visit(jwt=login())["resume"]
    assert (card["title"], card["step"]) == ("Pedir una silla de oficina", "Presupuesto")
    assert "presupuesto" in card["text"]


def test_a_menu_alone_is_no_journey_to_go_on_with(shop: Channel, chairs: None) -> None:
    cast.Person(*factories.maya()).on_whatsapp().says("menu")
    assert cast.JourneyRun.objects.filter(status="waiting").exists()
    assert Browser().visit(jwt=login())["resume"] is None


def test_after_an_agent_has_closed_no_menu_is_offered(shop: Channel, chairs: None) -> None:
    phone = cast.Person(*factories.maya()).on_whatsapp()
    phone.says("menu")
    ana = factories.agent("Ana Sousa", queues=(factories.queue("support"),))
    desk.close(conversation_id=cast.take_over(phone, ana).pk, agent=ana)
    assert Browser().visit(jwt=login())["resume"] is None
    phone.says("thanks")
    assert Browser().visit(jwt=login())["resume"] is None


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    yield lambda passed: clock.shift_by(lambda: passed)
    clock.shift_by(timedelta)


@pytest.mark.scenario("J-10")
def test_the_opened_chat_welcomes_once_by_name_and_topic(
    shop: Channel, chairs: None, later: Callable[[timedelta], None]
) -> None:
    maya_stopped_on_whatsapp()
    later(timedelta(hours=5))
    browser = Browser()
    told = browser.visit(jwt=login())["welcome"]
    assert told == "Good to see you again, Maya. Last time we spoke about: Order an office chair (Budget)."
    assert browser.visit()["welcome"] == ""
    browser.say("hello")
    ingest.drain()
    assert "Good to see you again" not in "\n".join(texts(browser.visit()))


@pytest.mark.scenario("J-13")
def test_after_a_logout_the_next_visitor_is_told_nothing(
    shop: Channel, chairs: None, later: Callable[[timedelta], None]
) -> None:
    maya_stopped_on_whatsapp()
    later(timedelta(hours=5))
    browser = Browser()
    browser.visit(jwt=login())
    left = browser.post("logout").json()
    assert (left["welcome"], left["resume"], left["history"], left["signed_in"]) == ("", None, [], False)
    assert Browser().visit()["welcome"] == ""


@pytest.mark.scenario("J-13")
def test_who_writes_after_a_logout_on_the_same_device_learns_nothing_and_moves_nothing(
    shop: Channel, chairs: None, later: Callable[[timedelta], None]
) -> None:
    maya_stopped_on_whatsapp()
    later(timedelta(hours=5))
    browser = Browser()
    browser.visit(jwt=login())
    run = cast.JourneyRun.objects.get()
    before = (run.status, run.step_id, run.seq, run.wait, run.session_id, run.touched_at, dict(run.vars))
    browser.token = browser.post("logout").json()["token"]
    for words in ("hello", "400"):
        browser.say(words)
        ingest.drain()
    said = "\n".join(texts(browser.visit()))
    assert "Let us find you a chair" in said
    assert not any(word in said for word in ("Good to see", "Maya", "were at", "budget for"))
    run.refresh_from_db()
    assert before == (run.status, run.step_id, run.seq, run.wait, run.session_id, run.touched_at, dict(run.vars))

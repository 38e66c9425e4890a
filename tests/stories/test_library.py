"""Do the library's journeys do what they say? Each from its beginning to its end, by words and by events."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations import timers
from conversations.answers import articles
from conversations.models import Conversation, JourneyRun
from customers import attributes
from handover import happenings
from handover.models import Queue
from tests.stories import cast
from tests.stories.cast import Person, words

Later = Callable[..., None]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


def reports(person: Person, event: str, **data: object) -> None:
    """The shop's own system says what has happened."""
    happenings.happened(customer=person.customer, name=event, data=data, occurred_at=clock.now())


def test_who_sits_all_day_is_recommended_the_chair_for_it_and_where_to_buy_it(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("can you recommend something?")
    phone.taps("Work at a desk")
    assert "Ergo task chair" in words(phone.says("9"))
    assert "/demo/shop/" in words(phone.taps("Yes, send the link"))
    assert attributes.values(maya.customer.root_id)["last_recommended"] == "Ergo task chair"


def test_who_sits_little_is_recommended_the_stool(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("recommend")
    phone.taps("Work at a desk")
    assert "Standing stool" in words(phone.says("2"))


def test_who_wants_no_link_may_decline_it_in_words(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("recommend")
    phone.taps("Sit and stand")
    assert "whenever you want to look again" in words(phone.says("no thanks"))
    assert maya.run("find_chair").status == "completed"


def test_who_is_not_understood_hears_why_before_somebody_is_called(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("recommend")
    phone.taps("Work at a desk")
    phone.says("99")
    phone.says("all day")
    assert "I need a number from 1 to 24" in words(phone.says("99"))


def test_an_offer_is_asked_for_corrected_and_waits_for_sales_as_a_ticket(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("quote")
    for said in ("Maya Lindqvist", "Fjord AB", "12", "maya at example"):
        phone.says(said)
    assert "12 chairs for Fjord AB" in words(phone.says("maya@example.com"))
    phone.taps("Another number")
    assert "14 chairs for Fjord AB" in words(phone.says("14"))
    assert "within one working day" in words(phone.taps("Yes"))
    assert (maya.conversation.mode, maya.conversation.owner_kind) == ("ticket", Conversation.Owner.QUEUE)


def test_a_wrong_answer_is_no_article_and_an_article_calls_nobody_unasked(maya: Person) -> None:
    values = {"key": "bulk", "language": "en", "title": "Many chairs", "body": "We love those.", "aliases": ["many"]}
    article = articles.save(article=None, values=values | {"hand_over": {"skill": "sales"}})
    articles.publish([article])
    phone = maya.on_whatsapp()
    for said in ("quote", "Maya Lindqvist", "Fjord AB"):
        phone.says(said)
    assert phone.says("many") == ["Just the number, for example 12."]
    told = phone.says("many chairs?")
    assert (told[0], told[-1]) == ("We love those.", "How many chairs do you need?")
    assert "Write “agent” at any time." in words(told)
    assert maya.conversation.handover is None


def test_a_cart_that_is_left_is_asked_about_after_an_hour(maya: Person, later: Later) -> None:
    phone = maya.on_whatsapp()
    phone.says("menu")
    reports(maya, "cart_abandoned", item="Mesh executive")
    assert phone.news() == []
    later(hours=1, minutes=1)
    timers.sweep()
    assert "You left the Mesh executive in your cart" in words(phone.news())


def test_a_cart_that_is_bought_meanwhile_is_not_asked_about(maya: Person, later: Later) -> None:
    phone = maya.on_whatsapp()
    phone.says("menu")
    reports(maya, "cart_abandoned", item="Mesh executive")
    later(minutes=20)
    reports(maya, "order_placed")
    later(hours=2)
    timers.sweep()
    assert phone.news() == []
    assert maya.run("abandoned_cart").status == "completed"


def test_after_the_delivery_the_customer_is_asked_once(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("menu")
    reports(maya, "order_delivered")
    assert "Your parcel has arrived" in words(phone.news())
    assert "Enjoy your chair" in words(phone.taps("All is well"))


def test_where_the_next_journey_is_not_live_nobody_is_left_without_a_word(maya: Person) -> None:
    phone = maya.on_whatsapp()
    phone.says("menu")
    reports(maya, "order_delivered")
    phone.news()
    assert "How can I help you?" in words(phone.taps("I want to return it"))  # its back end is not connected here
    assert not JourneyRun.objects.filter(version__journey__key="returns").exists()

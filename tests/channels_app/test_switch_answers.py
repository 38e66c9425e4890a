"""Do words lead to another channel, and does only an answer to the very question link two people?"""

from __future__ import annotations

import pytest

from customers.models import Challenge, Link
from handover.models import Queue
from tests.channels_app import switches
from tests.channels_app.switches import Spot, code_from, number_in, on
from tests.stories import cast
from tests.stories.cast import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def channels(db: None) -> None:
    switches.connect()


@pytest.fixture
def sales() -> Queue:
    queue = cast.sales()
    cast.library()
    return queue


@pytest.fixture
def phone() -> Spot:
    return on("telegram", "5812004417", "Maya Lindqvist")


@pytest.fixture
def sms() -> Spot:
    return on("sms", "+46701740635", "", namespace="phone", proof="imported")


@pytest.mark.scenario("T-28")
def test_a_number_for_another_menu_never_links() -> None:
    cast.sales(), cast.library()
    phone = on("telegram", "7001", "Maya Lindqvist")
    other = on("sms", "+46701740636", "", namespace="phone")
    code = code_from(other, "telegram-demo")
    phone.says("hi", code=code)
    phone.taps("Yes, link them")
    assert "Answer LINK THEM or NOT ME" in words(other.news())
    for said in ("1", "menu", "1", "yes", "2"):
        other.says(said)
    assert not Link.objects.exists()
    other.says("link them")
    assert Link.objects.count() == 1


def test_a_wish_is_answered_with_a_link(phone: Spot, sales: Queue) -> None:
    said = words(phone.says("Continue on SMS"))
    assert "sms:+15005550006" in said and "ten minutes" in said
    assert Challenge.objects.get().opener == phone.place.identity


@pytest.mark.parametrize("text", ["Continue on the web", "continue on web"])
def test_who_wants_to_go_on_on_the_web_is_told_where(phone: Spot, sales: Queue, text: str) -> None:
    assert "Open the chat on our site.\nChoose Telegram there" in words(phone.says(text))
    assert not Challenge.objects.exists()


@pytest.mark.parametrize("text", ["continue on the moon", "telegram", "please continue"])
def test_other_words_are_no_wish(phone: Spot, text: str, sales: Queue) -> None:
    phone.says(text)
    assert not Challenge.objects.exists()


def test_from_telegram_to_sms_the_step_goes_on(phone: Spot, sms: Spot, sales: Queue) -> None:
    phone.says("I want to order a chair")
    phone.says("2")
    number = number_in(words(sms.says("hi", code=code_from(phone, "sms-demo"))))
    sms.says(number)
    phone.taps("Yes, link them")
    assert "budget" in words(sms.news())


def test_whoever_is_linked_already_is_not_asked_again(phone: Spot, sales: Queue) -> None:
    other = on("sms", "+46701740636", "", namespace="phone")
    other.says("hi", code=code_from(phone, "sms-demo"))
    other.says("LINK THEM")
    phone.taps("Yes, link them")
    other.place.identity.refresh_from_db()
    phone.place.identity.refresh_from_db()
    again = words(other.says("hi", code=code_from(phone, "sms-demo")))
    assert "already linked with Telegram" in again

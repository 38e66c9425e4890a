"""A button under an impatient finger: two taps of what was just accepted are one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conversations import content
from conversations.models import JourneyRun
from handover.models import Queue
from tests.stories import cast
from tests.stories.cast import Endpoint, words

pytestmark = pytest.mark.scenario("J-15")
Later = Callable[..., None]


@pytest.fixture
def phone(sales: Queue) -> Endpoint:
    phone = cast.maya().on_whatsapp()
    phone.says("menu")
    return phone


def button(phone: Endpoint, label: str) -> str:
    shown = content.from_json(phone.shown()[-1].content)
    assert isinstance(shown, content.Choice)
    return next(option.payload for option in shown.options if option.label == label)


def test_the_second_tap_inside_a_journey_says_nothing(phone: Endpoint) -> None:
    phone.taps("Order a chair")
    tap = button(phone, "Mesh executive")
    assert "budget" in words(phone.says("Mesh executive", payload=tap))
    seq = JourneyRun.objects.get(status="waiting").seq
    assert phone.says("Mesh executive", payload=tap) == []
    assert JourneyRun.objects.get(status="waiting").seq == seq


def test_the_second_tap_of_an_option_that_ended_its_menu_says_nothing(phone: Endpoint) -> None:
    tap = button(phone, "Order a chair")
    assert phone.says("Order a chair", payload=tap)
    assert phone.says("Order a chair", payload=tap) == []
    assert JourneyRun.objects.filter(status="waiting").count() == 1


def test_the_same_option_much_later_is_told_expired(phone: Endpoint, later: Later) -> None:
    tap = button(phone, "Order a chair")
    phone.says("Order a chair", payload=tap)
    later(minutes=5)
    assert phone.says("Order a chair", payload=tap)[0] == "That menu has expired."


def test_the_second_tap_of_the_last_option_starts_nothing(phone: Endpoint) -> None:
    phone.taps("Order a chair")
    for said in ("2", "400", "my back"):
        phone.says(said)
    tap = button(phone, "Place the order")
    assert phone.says("Place the order", payload=tap)
    assert phone.says("Place the order", payload=tap) == []

"""Does only an answer to the very question link two people?"""

from __future__ import annotations

import pytest

from customers.models import Link
from tests.channels_app import switches
from tests.channels_app.switches import code_from, on
from tests.stories import cast
from tests.stories.cast import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def channels(db: None) -> None:
    switches.connect()


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

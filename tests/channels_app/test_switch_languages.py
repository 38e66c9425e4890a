"""Is a switch of channels spoken in the language of each side, and are its words understood in any?"""

from __future__ import annotations

import re

import pytest

from channels_app import switch_sentences
from conversations.sessions import Place
from customers.models import Challenge, Link
from handover.models import Queue
from tests import factories
from tests.channels_app import switches
from tests.channels_app.switches import Spot, code_from, on
from tests.stories import cast
from tests.stories.cast import words

pytestmark = pytest.mark.django_db
HOLES = re.compile(r"{\w+}")


@pytest.fixture(autouse=True)
def channels(db: None) -> None:
    switches.connect()


@pytest.fixture
def sales() -> Queue:
    queue = cast.sales()
    cast.library()
    return queue


def speaking(language: str, spot: Spot) -> Spot:
    factories.attribute(spot.place.identity.customer, "language", language)
    return spot


def browser() -> Spot:
    row = factories.identity(factories.customer(), "visitor", "v-1", scope="web-shop")
    return Spot(Place(row, "web-shop", "web", (row.pk,), "none"))


def test_every_language_has_every_sentence_with_the_same_values() -> None:
    first = switch_sentences.LANGUAGES["en"]
    for table in switch_sentences.LANGUAGES.values():
        assert {key: sorted(HOLES.findall(text)) for key, text in table.items()} == {
            key: sorted(HOLES.findall(text)) for key, text in first.items()
        }


def test_each_side_is_asked_in_its_own_language_and_the_one_person_told_in_theirs(sales: Queue) -> None:
    spanish, german = speaking("es", browser()), speaking("de-AT", on("telegram", "7002", "Maya"))
    asked = words(german.says("hi", code=code_from(spanish)))
    assert "Diesen Chat mit dem Chat in Nordic Chairs shop von" in asked and "Ja, verbinden" in asked
    assert "ha usado tu enlace. ¿Eres tú?" in words(spanish.news())
    assert "sagen Sie auch in Nordic Chairs shop ja" in words(german.taps("Ja, verbinden"))
    assert "Verbunden. Sie können in Telegram" in words(spanish.taps("Sí, unirlos"))
    assert "Hier geht es weiter." in words(german.news()) and Link.objects.exists()


@pytest.mark.parametrize(("said", "count"), [("unirlos", 1), ("VERBINDEN", 1), ("no soy yo", 0), ("Sí", 0)])
def test_the_words_that_are_typed_count_in_any_language(sales: Queue, said: str, count: int) -> None:
    phone = on("telegram", "7001", "Maya L")
    other = speaking("es", on("sms", "+46701740636", "", namespace="phone"))
    phone.says("hi", code=code_from(other, "telegram-demo"))
    phone.taps("Yes, link them")
    assert "Responde UNIRLOS o NO SOY YO." in words(other.news())
    other.says(said)
    assert Link.objects.count() == count


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [
        ("es", "Continuar por SMS", "Para seguir en SMS, abre este enlace"),
        ("es", "seguir en la web", "Abre el chat en nuestra web."),
        ("de", "weiter per SMS", "Um in SMS weiterzumachen, öffnen Sie diesen Link"),
        ("de", "Weitermachen auf der Webseite", "Öffnen Sie den Chat auf unserer Seite."),
    ],
)
def test_a_wish_is_understood_and_answered(sales: Queue, language: str, text: str, answer: str) -> None:
    assert answer in words(speaking(language, on("telegram", "7001", "Maya")).says(text))


@pytest.mark.parametrize("text", ["weiter in SMS Versand", "seguir por favor", "weiter auf dem Mond"])
def test_other_words_are_no_wish(sales: Queue, text: str) -> None:
    on("telegram", "7001", "Maya").says(text)
    assert not Challenge.objects.exists()


def test_a_link_that_is_over_is_said_so_in_their_language(sales: Queue) -> None:
    phone = speaking("de", on("telegram", "7001", "Maya"))
    assert "gilt nicht mehr" in words(phone.says("hi", code="ABCDEFGHJKMN"))

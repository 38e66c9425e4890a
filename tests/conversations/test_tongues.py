"""Which language a few words are in."""

from __future__ import annotations

import pytest

from conversations.journeys import publishing, tongues


@pytest.mark.scenario("J-2")
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hola", "es"),
        ("cita", "es"),
        ("estado", "es"),
        ("devolución", "es"),
        ("¿Dónde está mi pedido?", "es"),
        ("Wo ist meine Bestellung?", "de"),
        ("Guten Morgen", "de"),
        ("where is my order", "en"),
    ],
)
def test_words_of_one_language_tell_it(text: str, language: str) -> None:
    assert tongues.guess(text) == language


@pytest.mark.parametrize(
    "text", ["", "2", "400", "modem", "Maya Ortiz", "👍", "color final", "hola hello", "die war", "Los Angeles"]
)
def test_words_of_none_or_of_two_tell_nothing(text: str) -> None:
    assert tongues.guess(text) == ""


def test_one_foreign_word_in_a_sentence_does_not_turn_it() -> None:
    assert tongues.guess("I would like the silla model that is on your site") == "en"


def test_no_word_of_a_table_is_in_another_one() -> None:
    tables = [set(words.split()) for words in tongues.WORDS.values()]
    assert sum(map(len, tables)) == len(set().union(*tables))


@pytest.mark.django_db
def test_a_keyword_that_a_journey_uses_in_one_language_only_tells_it() -> None:
    publishing.load_library()
    assert tongues.guess("xyzzy", {"xyzzy": "es"}) == "es"
    assert "modem" not in publishing.table().tongues


@pytest.mark.parametrize(
    ("text", "language"), [("English", "en"), ("español", "es"), ("en español", "es"), ("DEUTSCH!", "de")]
)
def test_a_language_is_chosen_by_its_name_alone(text: str, language: str) -> None:
    assert tongues.named(text) == language
    assert tongues.named(f"{text} chair") == ""

"""Are answers understood generously, kept in one form, and refused kindly?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.content import Media
from conversations.journeys import commands, sentences
from conversations.journeys.state import Command, Heard
from conversations.journeys.validators import KINDS, Asked, Refused, Valid, check
from tests.conversations.playing import MORNING


def answer(said: str, kind: str, language: str = "en", **expect: Any) -> Any:
    checked = check(said, Asked({"kind": kind, **expect}, MORNING, language))
    return checked.value if isinstance(checked, Valid) else checked


@pytest.mark.parametrize(
    ("said", "language", "value"),
    [
        ("400", "en", 400),
        ("about 400 euros", "en", 400),
        ("1,200", "en", 1200),
        ("1.200", "es", 1200),
        ("1.200,50", "de", 1200.5),
        ("1,200.50", "de", 1200.5),
        ("12,5", "en", 12.5),
        ("€ 99.", "en", 99),
        ("-5", "en", -5),
        ("about -5 degrees", "en", -5),
        ("NC-1041", "en", 1041),
        ("covid-19", "en", 19),
        ("１２", "en", 12),
        ("٢٠٠", "en", 200),
        ("1 200", "es", 1200),
    ],
)
def test_numbers_as_people_write_them(said: str, language: str, value: float) -> None:
    assert answer(said, "number", language) == value


@pytest.mark.parametrize("said", ["", "cheap", "2 or 3", "1.2.3.4,5", "9" * 40, "-", "10-20"])
def test_what_is_no_one_number_is_refused(said: str) -> None:
    assert isinstance(answer(said, "number"), Refused)


def test_bounds_are_told_in_the_customers_language() -> None:
    assert answer("20", "number", "es", min=50).sentence == "Es demasiado bajo. Tiene que ser al menos 50."
    assert answer("99", "number", "en", max=50).sentence == "That is too high. It can be at most 50."
    assert isinstance(answer("1.5", "number", whole=True), Refused)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("2026-12-24", "2026-12-24"),
        ("24.12.2026", "2026-12-24"),
        ("12/24/2026", "2026-12-24"),
        ("mañana", "2026-11-21"),
    ],
)
def test_dates_are_kept_as_iso(said: str, value: str) -> None:
    assert answer(said, "date") == value


@pytest.mark.parametrize("said", ["31.02.2026", "soon", "2026", "99/99/9999"])
def test_what_is_no_date_is_refused(said: str) -> None:
    assert isinstance(answer(said, "date"), Refused)


def test_bounds_of_a_date_may_count_from_today() -> None:
    bounds = {"min": "today", "max": "today+30d"}
    assert answer("01.01.2020", "date", **bounds).sentence == "That day is over. Please name one from today on."
    assert answer("today", "date", **bounds) == "2026-11-20"
    assert answer("20.12.2026", "date", **bounds) == "2026-12-20"
    assert answer("21.12.2026", "date", **bounds).sentence.endswith("The last possible day is 2026-12-20.")
    assert answer("18.11.2026", "date", min="today-1d").sentence.endswith("The first possible day is 2026-11-19.")
    assert isinstance(answer("18.11.2026", "date", min="2026-11-19"), Refused)


def test_a_picture_is_an_answer_in_words_only_where_the_author_wants_it() -> None:
    def sent(said: str, **expect: Any) -> Any:
        picture = Media(kind="image", filename="crack.jpg", attachment="a1")
        return check(said, Asked({"kind": "text", "min": 2, **expect}, MORNING, content=picture))

    assert sent("", or_file=True) == Valid("[crack.jpg]")
    assert sent("The leg", or_file=True) == Valid("The leg")
    assert isinstance(sent(""), Refused)


def test_mail_addresses_are_lowered_and_checked() -> None:
    assert answer(" Ana@Example.COM ", "email") == "ana@example.com"
    for said in ("ana", "ana@home", "a b@c.de", "ana@ex..com", "a@b.c" + "o" * 300):
        assert isinstance(answer(said, "email"), Refused)


def test_phone_numbers_are_checked_and_normalised_by_what_the_context_gives() -> None:
    assert answer("+34 600-12 34 56", "phone") == "+34600123456"
    assert answer("0034600123456", "phone") == "+34600123456"
    assert isinstance(answer("12", "phone"), Refused)
    asked = Asked({"kind": "phone"}, MORNING, phone=lambda text: None)
    assert isinstance(check("+34600123456", asked), Refused)


def test_yes_and_no_in_three_languages() -> None:
    assert [answer(said, "boolean") for said in ("Yes!", "sí", "ja", "👍", "NO", "nein")] == [True] * 4 + [False] * 2
    assert isinstance(answer("maybe", "boolean"), Refused)


def test_text_has_length_and_pattern() -> None:
    assert answer("  AB12CD34 ", "text", pattern="^[A-Z0-9]{8,12}$") == "AB12CD34"
    assert isinstance(answer("x", "text", pattern="^[A-Z0-9]{8,12}$"), Refused)
    assert isinstance(answer("x", "text", min=2), Refused)
    assert isinstance(answer("xxx", "text", max=2), Refused)
    assert isinstance(answer(" \x00 ", "text"), Refused)


@given(st.text(max_size=40), st.sampled_from(KINDS), st.sampled_from(["en", "es", "de", "zz"]))
def test_no_text_at_all_raises(said: str, kind: str, language: str) -> None:
    checked = check(
        said, Asked({"kind": kind, "min": 1, "max": 9} if kind != "date" else {"kind": kind}, MORNING, language)
    )
    assert isinstance(checked, Valid) or checked.sentence


def heard(text: str, payload: str = "") -> Heard:
    return Heard(text, MORNING, payload)


@pytest.mark.parametrize(
    ("text", "name"),
    [("Agent", "agent"), ("MENÚ!", "menu"), ("zurück", "back"), ("cancelar", "cancel"), ("hilfe", "help")],
)
def test_commands_are_understood_in_every_language(text: str, name: str) -> None:
    assert commands.recognise(heard(text)) == Command(name)


@pytest.mark.parametrize("text", ["my agent was rude", "the menu is nice", "", "go back to the shop please", "changes"])
def test_commands_inside_a_sentence_are_words(text: str) -> None:
    assert commands.recognise(heard(text)) is None


def test_who_asks_politely_is_understood() -> None:
    assert commands.recognise(heard("I need a person, please!")) == Command("agent")
    assert commands.recognise(heard("please")) is None
    assert commands.recognise(heard("I need a person who can count, please")) is None


def test_a_tapped_command_is_recognised() -> None:
    assert commands.recognise(heard("", "command:agent")) == Command("agent")
    assert commands.recognise(heard("", "command:rm")) is None


def test_every_language_has_every_sentence() -> None:
    keys = [set(table) for table in sentences.LANGUAGES.values()]
    assert all(found == keys[0] for found in keys)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("41.3874, 2.1686", (41.3874, 2.1686)),
        ("-33.86;151.2", (-33.86, 151.2)),
        ("look https://maps.google.com/maps?q=41.38,2.17 there", (41.38, 2.17)),
        ("https://www.google.com/maps/@41.38,2.17,15z", (41.38, 2.17)),
        ("https://www.openstreetmap.org/?mlat=41.38&mlon=2.17", (41.38, 2.17)),
    ],
)
def test_a_place_may_be_written(said: str, found: tuple[float, float]) -> None:
    value = answer(said, "location")
    assert (value["latitude"], value["longitude"]) == found


@pytest.mark.parametrize("said", ["", "Barcelona", "91, 2", "1, 181", "1 2 3", "1.2.3, 4"])
def test_what_is_no_place_is_refused(said: str) -> None:
    assert isinstance(answer(said, "location"), Refused)

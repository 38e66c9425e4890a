"""Does a text say what it should, and only by substitution?"""

import timeit
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.journeys import patterns, templates, validators
from conversations.journeys.templates import TemplateRefused

SCOPE: dict[str, Any] = {
    "vars": {"name": "ana maria", "sum": 1234.5, "whole": 400, "day": "2026-12-24", "list": ["a", 2], "zero": 0.0},
    "customer": {"phone": "+34600123456", "link": "https://shop.example/x", "bad": "javascript:alert(1)"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{ vars.name }}!", "Hi ana maria!"),
        ("Hi {{vars.gone|default('there')}}!", "Hi there!"),
        ('{{ vars.gone | default("") }}.', "."),
        ("{{ vars.name|title }}", "Ana Maria"),
        ("{{ vars.name|upper|truncate(4) }}", "ANA…"),
        ("{{ vars.whole|money('€') }} {{ vars.sum|money('EUR') }}", "€400 1,234.50 EUR"),
        ("{{ vars.day|date }}", "24 Dec 2026"),
        ("{{ vars.list }} {{ vars.zero }}", "a, 2 0"),
        ("{{ customer.phone|mask }}", "•••••••••456"),
        ("{{ customer.link|link }}{{ customer.bad|link }}", "https://shop.example/x"),
        ("no placeholder { here }", "no placeholder { here }"),
    ],
)
def test_placeholders_are_filled(text: str, expected: str) -> None:
    assert templates.fill(text, SCOPE).text == expected


LINK = "https://shop.example/?sum={{ vars.sum }}&fine={{ vars.fine }}"
SAID = {
    "": ["24 Dec 2026", "3 Mar 2026", "€1,234.50", "400 EUR", "1234.5", "yes, no", "YES", "1.5, x", "41.25"],
    "es": ["24 dic 2026", "3 mar 2026", "1.234,50 €", "400 EUR", "1234,5", "sí, no", "SÍ", "1,5, x", "41.25"],
    "de": ["24. Dez. 2026", "3. März 2026", "1.234,50 €", "400 EUR", "1234,5", "ja, nein", "JA", "1,5, x", "41.25"],
}


@pytest.mark.scenario("J-22")
@pytest.mark.parametrize(("language", "like"), [("", ""), ("en", ""), ("es-MX", "es"), ("DE", "de"), ("fr", "")])
def test_days_numbers_and_yes_are_written_in_the_language_of_the_talk(language: str, like: str) -> None:
    values = SCOPE["vars"] | {"at": "2026-03-03T09:30:00+00:00", "fine": True, "few": [1.5, "x"], "no": False}
    scope = {"vars": values | {"place": {"latitude": 41.25}}}
    days = ["{{ vars.day|date }}", "{{ vars.at|date }}"]
    sums = ["{{ vars.sum|money('€') }}", "{{ vars.whole|money('EUR') }}", "{{ vars.sum }}"]
    truths = ["{{ vars.fine }}, {{ vars.no }}", "{{ vars.fine|upper }}"]
    for text, said in zip(
        [*days, *sums, *truths, "{{ vars.few }}", "{{ vars.place.latitude }}"], SAID[like], strict=True
    ):
        assert templates.fill(text, scope, language=language).text == said


@pytest.mark.parametrize("before", ["", "See ", "{{ vars.sum }} (", "https://x.example\n"])
def test_in_a_link_a_value_is_as_machines_read_it_and_after_it_as_people_do(before: str) -> None:
    scope = {"vars": SCOPE["vars"] | {"fine": True}}
    said = templates.fill(f"{before}{LINK} {{{{ vars.sum }}}}", scope, language="es").text
    assert said.endswith("https://shop.example/?sum=1234.5&fine=yes 1234,5")


def test_a_missing_value_is_empty_and_reported() -> None:
    filled = templates.fill("Hi {{ vars.gone }}!", SCOPE)
    assert (filled.text, filled.missing) == ("Hi !", ("vars.gone",))


def test_what_a_customer_wrote_is_not_read_as_a_template() -> None:
    scope = {"vars": {"name": "{{ customer.phone }}"}, "customer": SCOPE["customer"]}
    assert templates.fill("{{ vars.name }}", scope).text == "{{ customer.phone }}"


@pytest.mark.scenario("J-29")
@pytest.mark.parametrize(
    "text",
    ["{{ m.delete }}", "{{ vars.x|center(500000000) }}", "{{ vars.__class__ }}", "{{ 7*7 }}", "{{ vars.x", "{{ }}"],
)
def test_what_is_no_placeholder_is_refused_and_says_nothing(text: str) -> None:
    with pytest.raises(TemplateRefused):
        templates.compile(text)
    assert "delete" not in templates.fill(text, SCOPE).text.replace(text, "")
    assert min(timeit.repeat(lambda: templates.fill(text, SCOPE), number=1, repeat=3)) < 0.01


def test_the_output_is_bounded() -> None:
    scope = {"vars": {"long": "x" * 100_000}}
    assert len(templates.fill("{{ vars.long }}" * 50, scope).text) == 4000


@given(st.text(max_size=80))
def test_no_text_at_all_raises(text: str) -> None:
    templates.fill("{{" + text, SCOPE)
    templates.fill(text, SCOPE)


@pytest.mark.scenario("J-30")
def test_a_catastrophic_pattern_ends_in_time_and_fits_nothing() -> None:
    import time

    begun = time.perf_counter()
    assert patterns.fits("(a|a)+$", "a" * 40 + "!") is False
    assert patterns.fits("(a+)+b$", "a" * 5000) is False
    assert time.perf_counter() - begun < 10  # a match that tries everything takes years


@pytest.mark.scenario("T-40")
@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)+$", "^(a*)*b$"])
def test_fifty_thousand_characters_do_not_hold_a_pattern_up(pattern: str) -> None:
    answer = "a" * 50_000 + "!"
    asked = validators.Asked({"kind": "text", "pattern": pattern}, datetime(2026, 1, 1, tzinfo=UTC))
    patterns.compile(pattern)
    assert min(timeit.repeat(lambda: patterns.fits(pattern, answer), number=1, repeat=3)) < 0.1
    assert min(timeit.repeat(lambda: validators.check(answer, asked), number=1, repeat=3)) < 0.1


def test_a_pattern_that_does_not_compile_fits_nothing() -> None:
    assert patterns.fits("([", "x") is False
    assert patterns.fits("a" * 201, "a" * 201) is False
    assert patterns.fits("^[A-Z]{2}$", "AB") is True

"""Is a text ever read as code: an author's, or what a customer wrote into a value?"""

from __future__ import annotations

import resource
import time
from typing import Any

import pytest
from django.conf import settings

from conversations.journeys import lint, patterns, templates
from conversations.journeys.validators import Asked, Refused, check
from tests.conversations.playing import MORNING, Player, journey

PLACEHOLDERS = [
    "{{settings.SECRET_KEY}}",
    "{{ vars.__class__ }}",
    "{{ vars.name.__class__.__mro__ }}",
    "{{ ''.__class__.__base__.__subclasses__() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ request.META }}",
    "{{ vars.name|center:'500000000' }}",
    "{{ vars.name|attr('__class__') }}",
    "{{ vars['name'] }}",
    "{{ 7*7 }}",
    "{{ range(999999999) }}",
    "{{ vars.name|truncate(99999999) }}",
    "{{ {{ vars.name }} }}",
    "{{ vars.name",
]
LITERAL = [
    "{% include '/etc/passwd' %}",
    "{% load os %}{% debug %}",
    "{% for x in (1).__class__ %}x{% endfor %}",
    "{0.__class__.__init__.__globals__}",
    "{settings.SECRET_KEY!r:>1000000000}",
    "%(secret)s %1000000000d",
    "${7*7} #{7*7} <%= 7*7 %>",
    "<script>alert(1)</script>",
    "\r\nX-Injected: 1",
]
SCOPE: dict[str, Any] = {"vars": {"name": "Ana"}, "customer": {}, "session": {}, "context": {}}


@pytest.mark.scenario("T-38")
@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_that_is_no_name_is_refused_and_says_nothing(text: str) -> None:
    data = {"journey": "j", "title": "J", "steps": [{"id": "say", "type": "end", "text": text}]}
    assert [finding.rule for finding in lint.lint(data) if finding.level == "error"] == ["L8"]
    begun = time.perf_counter()
    said = templates.fill(text, SCOPE).text
    assert time.perf_counter() - begun < 0.05
    assert settings.SECRET_KEY not in said and "class '" not in said and "49" not in said


@pytest.mark.scenario("T-38")
@pytest.mark.parametrize("text", LITERAL)
def test_any_other_language_is_just_words(text: str) -> None:
    assert templates.fill(text, SCOPE).text == text


@pytest.mark.scenario("T-38")
@pytest.mark.parametrize("name", [*PLACEHOLDERS, *LITERAL])
def test_what_a_customer_wrote_is_said_back_as_it_is(name: str) -> None:
    asked = {"id": "name", "type": "ask", "text": "Name?", "resume": "We were at your name."}
    player = Player(journey(asked, {"id": "hi", "type": "message", "text": "Hi {{ vars.name }}!"}))
    assert player.says(name).words == [f"Hi {name.strip()}!"]


@pytest.mark.scenario("T-38")
def test_a_value_can_not_be_made_to_grow_without_end() -> None:
    scope = {"vars": {"name": "x" * 100_000}}
    assert len(templates.fill("{{ vars.name }}" * 200, scope).text) <= 4000


@pytest.mark.scenario("J-30")
def test_an_answer_to_a_pattern_that_never_ends_counts_as_invalid_in_time() -> None:
    begun = time.perf_counter()
    asked = Asked({"kind": "text", "pattern": "^(a|a)+$"}, MORNING)
    assert isinstance(check("a" * 40 + "!", asked), Refused)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", r"^(\w+\s?)*$", "(.*)*x", "(x+x+)+y", "(a{1,50}){1,50}b", "^(a|a)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"],
)
def test_patterns_that_may_never_end_are_known(pattern: str) -> None:
    assert patterns.danger(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z0-9]{8,12}$",
        r"^\d{5}(-\d{4})?$",
        r"(\d+-)+\d+",
        "(?:a|b)+c",
        r"^#?\w+(?:[ -]\w+)*$",
        "^.*foo.*bar.*$",
        "[]a]+",
    ],
)
def test_patterns_that_end_are_left_alone(pattern: str) -> None:
    assert patterns.danger(pattern) == ""


@pytest.mark.scenario("T-40")
@pytest.mark.parametrize(
    "pattern",
    [
        "((a{1000}){1000}){2}",
        "(" * 9 + "a" + "{99})" * 9,
        "a{1,200000}",
        "(?x)((a{999}) {999}) {999}",
        "((a{999})(?#b){999})(?#b){999}",
        "a{99999999999999999999}",
        "(a{000000999}){000000999}",
    ],
)
def test_a_pattern_that_would_be_huge_is_refused_before_it_is_compiled(pattern: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(patterns.PatternRefused):
        patterns.danger(pattern)
    assert patterns.fits(pattern, "a") is False
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000  # KiB


@pytest.mark.parametrize(
    "pattern", [r"^[\w.]{1,64}@[\w-]{1,255}\.[a-z]{2,63}$", "(?:[0-9a-f]{4}:){7}[0-9a-f]{4}", ".{1,500}"]
)
def test_counts_side_by_side_are_left_alone(pattern: str) -> None:
    assert patterns.compile(pattern)

"""Is each rule broken by a smallest bad journey, and kept by its repaired twin?"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.journeys import lint, shapes
from conversations.journeys.lint import Known
from tests.conversations.playing import KNOWN, LIBRARY
from tests.conversations.shaped import JOURNEYS


def test_every_finding_names_its_line_step_and_remedy() -> None:
    step = "  - id: a\n    type: message\n    text: hi\n    next: gone\n"
    text = f"journey: j\ntitle: J\nsteps:\n{step}  - {{id: b, type: end}}\n"
    found = lint.check(text, KNOWN).findings
    assert [(f.rule, f.line, f.step) for f in found] == [("L2", 7, "a")]
    assert "gone" in found[0].message and found[0].remedy


def test_each_unknown_field_is_told_on_its_own_line_with_the_one_that_was_meant() -> None:
    step = "  - id: a\n    type: ask\n    text: Which?\n    expekt: text\n  - {id: b, type: end}\n"
    found = lint.check(f"journey: j\ntitle: J\nsteps:\n{step}colour: red\n", KNOWN).findings
    told = [(f.line, f.message) for f in found if f.rule == "schema"]
    assert told[0] == (7, "unknown field expekt; did you mean expect?")
    assert (len(told), told[1][0], told[1][1][:31]) == (2, 9, "unknown field colour; known are")


def test_fields_that_are_missing_are_told_once() -> None:
    found = lint.check("journey: j\n").findings
    assert [f.message for f in found if "lacks" in f.message] == ["the journey lacks title, steps"]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("{id: a, type: request}", "lacks connection, send"),
        ("{id: a, type: task, connection: c, send: {method: FETCH, path: /}}", "method must be one of"),
        ("{id: a, type: request, connection: c, send: {method: GET, path: https://x}}", "path: has not the form"),
        ("{id: a, type: request, connection: c, send: {method: GET, path: /}, map: {x: $.a}}", "is not allowed in"),
        ("{id: a, type: request, connection: c, send: {method: GET, path: /}, map: {vars.x: a.b}}", "has not the form"),
        ("{id: a, type: request, connection: c, send: {method: GET, path: /}, on: {fail: a}}", "is not allowed in"),
        (
            "{id: a, type: request, connection: c, send: {method: GET, path: /}, retry: {on: [soon]}}",
            "has not the form",
        ),
        ("{id: a, type: wait, until: tomorrow}", "until must be one of"),
        ("{id: a, type: wait}", "must wait for one thing"),
        ("{id: a, type: wait, for: 1m, event: paid}", "not for for and event"),
        ("{id: a, type: journey}", "lacks run"),
        ("{id: a, type: ask, text: x, expect: {kind: soul}}", "kind must be one of"),
        ("{id: a, type: ask, text: x, expect: {kind: file, min: 2}}", "`min` means nothing"),
        ("{id: a, type: ask, text: x, expect: {kind: number, min: few}}", "must be a number"),
        ("{id: a, type: ask, text: x, expect: {kind: date, max: soon}}", "must be a date"),
        ("{id: a, type: ask, text: x, expect: {kind: number, min: 9, max: 1}}", "no answer can be right"),
        ("{id: a, type: ask, text: x, expect: {kind: date, min: someday}}", "must be a date"),
        ("{id: a, type: ask, text: x, expect: {kind: date, min: today+9d, max: today+1d}}", "no answer can be right"),
        ("{id: a, type: ask, text: x, expect: {kind: number, or_file: true}}", "`or_file` means nothing"),
        ("{id: a, type: dance}", "type must be one of"),
        ("{id: A-1, type: end}", "has not the form"),
        ("{type: end}", "lacks id"),
        ("{id: a, type: ask}", "lacks text"),
        ("{id: a, type: end, colour: red}", "unknown field colour"),
        ("[1, 2]", "must be object"),
    ],
)
def test_a_wrong_shape_is_told_in_plain_words_with_its_line(step: str, words: str) -> None:
    found = lint.check(f"journey: j\ntitle: J\nsteps:\n  - {step}\n").findings
    assert any(words in f.message and f.line == 4 and f.rule == "schema" for f in found), found


def test_a_text_that_is_no_yaml_is_one_finding() -> None:
    found = lint.check("journey: [\n").findings
    assert [(f.rule, f.level) for f in found] == [("yaml", "error")]


def test_a_draft_with_warnings_only_can_be_published() -> None:
    checked = lint.check("journey: j\ntitle: J\nsteps: [{id: a, type: ask, text: Hm}, {id: b, type: end}]")
    assert ([f.rule for f in checked.findings], checked.data is not None) == (["L19"], True)


def test_equal_journeys_have_equal_digests_however_they_are_written() -> None:
    one = lint.check("journey: j\ntitle: J\nsteps: [{id: a, type: end}]")
    two = lint.check('{"steps": [{"type": "end", "id": "a"}], "title": "J", "journey": "j"}')
    assert one.sha256 == two.sha256 != lint.check("journey: k\ntitle: J\nsteps: [{id: a, type: end}]").sha256


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_library_journey_lints_clean(path: Any) -> None:
    checked = lint.check(path.read_text(encoding="utf-8"), KNOWN)
    assert (checked.findings, checked.data["journey"]) == ((), path.stem)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted({*shapes.COMMON, *(name for own, _ in shapes.OWN.values() for name in own)}))
STEPS = st.lists(
    st.dictionaries(FIELDS | st.just("type"), PLAIN | st.sampled_from([*shapes.TYPES, "a"]), max_size=5), max_size=4
)


@given(PLAIN, STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_data_at_all_makes_the_linter_fail(anything: Any, steps: Any) -> None:
    lint.lint(anything)
    lint.lint({"journey": "j", "title": "J", "steps": steps, "vars": anything})


@given(st.text(max_size=60), PLAIN)
@settings(max_examples=60, deadline=None)
def test_no_text_at_all_makes_the_linter_fail(text: str, anything: Any) -> None:
    lint.check(text)
    lint.check(yaml.safe_dump(anything))
    lint.check("journey: j\ntitle: J\nsteps:\n - " + text)


@given(JOURNEYS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_data_of_the_right_shape_makes_a_rule_fail(data: Any) -> None:
    assert not [finding for finding in lint.lint(data) if finding.rule == "schema" and "lacks" in finding.message]
    lint.lint(data, Known(frozenset("a"), frozenset(), frozenset(), connections={}, runs={"a": frozenset("b")}))


def test_an_id_that_ends_with_a_new_line_is_refused() -> None:
    steps = [{"id": "a\n", "type": "end"}]
    assert [finding.rule for finding in lint.lint({"journey": "j", "title": "J", "steps": steps})] == ["schema"]

"""Is each rule broken by a smallest bad journey, and kept by its repaired twin?"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.capabilities import Capabilities
from conversations.journeys import lint
from conversations.journeys.lint import Known
from tests.conversations.playing import KNOWN, LIBRARY

END = {"id": "bye", "type": "end"}
ASK = {"id": "name", "type": "ask", "text": "Name?", "resume": "We were at your name."}
HAND = {"id": "agent", "type": "handover", "intake": "pre", "on": {"offline": "bye"}}
MENU = {"id": "m", "type": "menu", "text": "?", "options": [{"id": "a", "label": "A"}]}
TAPS = Capabilities("tap", buttons_max=3, button_label_max=5)
MANY = [{"id": f"o{n}", "label": f"Option {n} x"} for n in range(11)]
ASKS = [ASK | {"id": f"q{n}"} for n in range(200)]


def data(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"journey": "j", "title": "J", "steps": list(steps), **fields}


def say(text: str, **fields: Any) -> dict[str, Any]:
    return {"id": "say", "type": "message", "text": text, **fields}


def going_round(ask: str) -> list[dict[str, Any]]:
    back = {"id": "gate", "type": "branch", "cases": [{"if": "vars.name", "next": "bye"}], "else": "name"}
    return [ASK | {"ask": ask}, back, END]


def private(requires: str) -> dict[str, Any]:
    spec = {"mail": {"save_to": "customer.email", "pii": True}}
    return data(say("{{ customer.email|default('') }}"), END, vars=spec, policy={"requires": requires})


def long(interruptible: bool) -> dict[str, Any]:
    return data(*ASKS[:11], END, policy={"interruptible": interruptible})


def spanish(key: str) -> dict[str, Any]:
    return data(say("Hi"), END, languages=["en", "es"], translations={"es": {key: "Hola"}})


CASES: list[tuple[str, dict[str, Any], dict[str, Any], Known]] = [
    ("L1", data(say("a"), say("b"), END), data(say("a"), say("b", id="two"), END), Known()),
    ("L1", data(MENU | {"options": [MANY[0], MANY[0]]}, END), data(MENU | {"options": MANY[:2]}, END), Known()),
    (
        "L1",
        data(MENU | {"options": [{"id": "a", "label": "2"}, {"id": "b", "label": "3"}]}, END),
        data(MENU | {"options": [{"id": "a", "label": "two"}, {"id": "b", "label": "three"}]}, END),
        Known(),
    ),
    ("L2", data(say("a", next="gone"), END), data(say("a", next="bye"), END), Known()),
    ("L3", data(say("a", next="bye"), ASK, END), data(say("a"), ASK, END), Known()),
    ("L4", data(END, say("a")) | {"steps": [say("a")]}, data(say("a"), END), Known()),
    ("L5", data(say("a", next="say"), END), data(say("a"), END), Known()),
    ("L5", data(*going_round("missing")), data(*going_round("always")), Known()),
    ("L6", data(HAND | {"intake": "j"}, END), data(HAND, END), Known()),
    ("L7", data(HAND, END), data(HAND, END), Known(journeys=frozenset({"pre"}))),
    ("L7", data(HAND | {"skill": "x"}, END), data(HAND | {"skill": "sales"}, END), Known(skills=frozenset({"sales"}))),
    ("L7", data(HAND | {"queue": "x"}, END), data(HAND | {"queue": "one"}, END), Known(queues=frozenset({"one"}))),
    ("L8", data(say("a", **{"if": "1 +"}), END), data(say("a", **{"if": "true"}), END), Known()),
    ("L8", data(say("{{ now }}"), END), data(say("{{ session.id }}"), END), Known()),
    (
        "L8",
        data(ASK | {"expect": {"kind": "text", "pattern": "(["}}, END),
        data(ASK | {"expect": {"kind": "text", "pattern": "[a]"}}, END),
        Known(),
    ),
    ("L9", data(say("{{ vars.name }}"), ASK, END), data(ASK, say("{{ vars.name }}"), END), Known()),
    ("L9", data(say("{{ vars.x }}"), END), data(say("{{ vars.x }}"), END, vars={"x": {"default": "y"}}), Known()),
    ("L11", data({k: v for k, v in HAND.items() if k != "intake"}, END), data(HAND, END), Known()),
    ("L11", data(HAND | {"on": {}}, END), data(HAND | {"mode": "ticket", "on": {}}), Known()),
    ("L12", data(MENU | {"options": MANY}, END), data(MENU | {"options": MANY, "paging": True}, END), Known()),
    ("L12", data(*ASKS, END), data(*ASKS[:199], END), Known()),
    ("L12", data(ASK | {"reprompt": ["a"] * 4}, END), data(ASK | {"reprompt": ["a"] * 3}, END), Known()),
    ("L13", private("none"), private("verified"), Known()),
    (
        "L15",
        data(END, triggers=[{"keyword": ["Módem"]}]),
        data(END, triggers=[{"keyword": ["router"]}]),
        Known(keywords={"modem": "other"}),
    ),
    (
        "L16",
        data(MENU | {"options": [{"id": "a", "label": "Long label"}]}, END),
        data(MENU | {"options": [{"id": "a", "label": "Short"}]}, END),
        Known(channels=(TAPS,)),
    ),
    ("L17", spanish("say.title"), spanish("say.text"), Known()),
    ("L18", long(False), long(True), Known()),
    ("L19", data({k: v for k, v in ASK.items() if k != "resume"}, END), data(ASK, END), Known()),
]
WARNINGS = {"L16", "L17", "L18", "L19"}


def rules(subject: Any, known: Known) -> set[str]:
    return {finding.rule for finding in lint.lint(subject, known)}


@pytest.mark.scenario("J-27")
@pytest.mark.parametrize(
    ("rule", "bad", "good", "known"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_a_smallest_bad_journey_is_found_and_its_twin_is_not(rule: str, bad: Any, good: Any, known: Known) -> None:
    if rule == "L7" and bad == good:
        assert rule in rules(bad, Known(journeys=frozenset()))
    else:
        assert rule in rules(bad, known)
    assert rules(good, known) == set()


@pytest.mark.scenario("J-27")
@pytest.mark.parametrize(
    ("rule", "bad", "good", "known"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)
def test_errors_are_errors_and_warnings_are_warnings(rule: str, bad: Any, good: Any, known: Known) -> None:
    known = Known(journeys=frozenset()) if bad == good else known
    levels = {finding.level for finding in lint.lint(bad, known) if finding.rule == rule}
    assert levels == {"warning" if rule in WARNINGS else "error"}


def test_every_finding_names_its_line_step_and_remedy() -> None:
    step = "  - id: a\n    type: message\n    text: hi\n    next: gone\n"
    text = f"journey: j\ntitle: J\nsteps:\n{step}  - {{id: b, type: end}}\n"
    found = lint.check(text, KNOWN).findings
    assert [(f.rule, f.line, f.step) for f in found] == [("L2", 7, "a")]
    assert "gone" in found[0].message and found[0].remedy


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("{id: a, type: request}", "request steps: not available yet"),
        ("{id: a, type: task}", "task steps: not available yet"),
        ("{id: a, type: wait}", "wait steps: not available yet"),
        ("{id: a, type: journey}", "journey steps: not available yet"),
        ("{id: a, type: message, switch: [web]}", "switching channel: not available yet"),
        ("{id: a, type: ask, text: x, expect: {kind: file}}", "asking for a file: not available yet"),
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
FIELDS = st.sampled_from(
    [
        "id",
        "type",
        "text",
        "options",
        "next",
        "if",
        "on",
        "expect",
        "set",
        "cases",
        "else",
        "vars",
        "policy",
        "reprompt",
        "timeout",
    ]
)
STEPS = st.lists(st.dictionaries(FIELDS, PLAIN | st.sampled_from(["ask", "menu", "end", "a"]), max_size=5), max_size=4)


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

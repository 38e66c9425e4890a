"""Is each of the rules L1-L19 broken by a smallest bad journey, and kept by its repaired twin?"""

from __future__ import annotations

from typing import Any

import pytest

from conversations.capabilities import Capabilities
from conversations.journeys import lint
from conversations.journeys.lint import Known

Data = dict[str, Any]
END = {"id": "bye", "type": "end"}
ASK = {"id": "name", "type": "ask", "text": "Name?", "resume": "We were at your name."}
HAND = {"id": "agent", "type": "handover", "intake": "pre", "on": {"offline": "bye"}}
MENU = {"id": "m", "type": "menu", "text": "?", "options": [{"id": "a", "label": "A"}]}
CALL = {"id": "call", "type": "request", "connection": "shop", "send": {"method": "GET", "path": "/x"}}
POST = CALL | {"send": {"method": "POST", "path": "/x"}, "retry": {"attempts": 3}}
JOB = CALL | {"id": "job", "type": "task", "deadline": "5m", "on": {"failed": "bye", "timeout": "bye"}}
TOLD = JOB | {"progress": "Step {{ task.step }}"}
WAIT = {"id": "wait", "type": "wait"}
PAID = WAIT | {"event": "paid"}
SUB = {"id": "sub", "type": "journey", "run": "b"}
TAPS = Capabilities("tap", buttons_max=3, button_label_max=5)
MANY = [{"id": f"o{n}", "label": f"Option {n} x"} for n in range(11)]
SAID = [{"id": f"s{n}", "type": "message", "text": "Hm."} for n in range(8)]
ASKS = [ASK | {"id": f"q{n}"} for n in range(200)]


def data(*steps: Data, **fields: Any) -> Data:
    return {"journey": "j", "title": "J", "steps": list(steps), **fields}


def say(text: str, **fields: Any) -> Data:
    return {"id": "say", "type": "message", "text": text, **fields}


def without(step: Data, *names: str) -> Data:
    return {name: value for name, value in step.items() if name not in names}


def expecting(**expect: Any) -> Data:
    return data(ASK | {"expect": expect}, END)


def gated(condition: str, **fields: Any) -> Data:
    """A number is asked for, and a condition reads it."""
    gate = {"id": "gate", "type": "branch", "cases": [{"if": condition, "next": "bye"}], "else": "bye"}
    return data(ASK | {"expect": {"kind": "number"}}, gate, END, **fields)


def going_round(ask: str) -> Data:
    back = {"id": "gate", "type": "branch", "cases": [{"if": "vars.name", "next": "bye"}], "else": "name"}
    return data(ASK | {"ask": ask}, back, END)


def round_the(step: Data) -> Data:
    """A step, and a way back to it from the next one."""
    gate = {"id": "gate", "type": "branch", "cases": [{"if": "customer.x", "next": "bye"}], "else": step["id"]}
    return data(step, gate, END)


def private(requires: str, step: Data | None = None) -> Data:
    spec = {"mail": {"save_to": "customer.email", "pii": True}}
    reads = step or say("{{ customer.email|default('') }}")
    return data(reads, END, vars=spec, policy={"requires": requires})


def long(interruptible: bool) -> Data:
    return data(*ASKS[:11], END, policy={"interruptible": interruptible})


def spanish(key: str, step: Data | None = None) -> Data:
    return data(step or say("Hi"), END, languages=["en", "es"], translations={"es": {key: "Hola"}})


def menu(*labels: str) -> Data:
    return data(MENU | {"options": [{"id": f"o{n}", "label": label} for n, label in enumerate(labels)]}, END)


def backgrounds(first: Data) -> Data:
    """A job in the background whose end leads to a step, and that to a question."""
    job = JOB | {"background": True, "on": {"done": "then", "failed": "bye", "timeout": "bye"}, "next": "bye"}
    return data(job, first, ASK, END)


NONE = Known()
SHOP = Known(connections={"shop": frozenset({"GET"})})
CHAIN = Known(runs={"b": frozenset({"c"}), "c": frozenset({"d"})})
SHORT = Known(runs={"b": frozenset({"c"})})
BACK = Known(runs={"b": frozenset({"c"}), "c": frozenset({"j"})})
BACK_TO_J = Known(follows={"b": frozenset({"j"})})
ROUND_TO_J = Known(follows={"b": frozenset({"b", "c"}), "c": frozenset({"j"})})
ON_TO_B = {"id": "bye", "type": "end", "then": "b"}
ONLY_J = Known(journeys=frozenset({"j"}))
WITH_B = Known(journeys=frozenset({"b", "pre"}))
BODY = {"method": "POST", "path": "/x", "body": {"a": ["{{ customer.email }}"]}}
CASES: list[tuple[str, Data, Data, Known, Known]] = [
    ("L1", data(say("a"), say("b"), END), data(say("a"), say("b", id="two"), END), NONE, NONE),
    ("L1", data(MENU | {"options": [MANY[0]] * 2}, END), data(MENU | {"options": MANY[:2]}, END), NONE, NONE),
    ("L1", menu("2", "3"), menu("two", "three"), NONE, NONE),
    ("L2", data(say("a", next="gone"), END), data(say("a", next="bye"), END), NONE, NONE),
    ("L2", data(CALL | {"on": {"404": "gone"}}, END), data(CALL | {"on": {"404": "bye"}}, END), NONE, NONE),
    ("L3", data(say("a", next="bye"), ASK, END), data(say("a"), ASK, END), NONE, NONE),
    ("L3", data(SUB | {"on": {"done": "bye"}}, ASK, END), data(SUB, ASK, END), NONE, NONE),
    ("L4", data(say("a")), data(say("a"), END), NONE, NONE),
    ("L5", data(say("a", next="say"), END), data(say("a"), END), NONE, NONE),
    ("L5", going_round("missing"), going_round("always"), NONE, NONE),
    ("L5", round_the(say("a")), round_the(CALL), NONE, NONE),
    ("L5", round_the(WAIT | {"until": "business_hours"}), round_the(WAIT | {"for": "5m"}), NONE, NONE),
    ("L5", round_the(JOB | {"background": True}), round_the(JOB), NONE, NONE),
    ("L5", round_the(SUB | {"if": "vars.x", "id": "s"}), round_the(SUB | {"id": "s"}), NONE, NONE),
    ("L6", data(HAND | {"intake": "j"}, END), data(HAND, END), NONE, NONE),
    ("L6", data(SUB | {"run": "j"}, END), data(SUB, END), NONE, NONE),
    ("L6", data(SUB, END), data(SUB, END), BACK, SHORT),
    ("L6", data(SUB, END), data(SUB, END), CHAIN, SHORT),
    ("L6", data(say("a"), ON_TO_B), data(ASK, ON_TO_B), BACK_TO_J, BACK_TO_J),
    ("L6", data(CALL, ON_TO_B), data(ASK, CALL, ON_TO_B), BACK_TO_J, BACK_TO_J),
    ("L6", data(say("a"), ON_TO_B), data(say("a"), ON_TO_B), ROUND_TO_J, Known(follows={"b": frozenset({"c"})})),
    ("L7", data(HAND, END), data(HAND, END), ONLY_J, WITH_B),
    ("L7", data(SUB, END), data(SUB, END), ONLY_J, WITH_B),
    ("L7", data(HAND | {"skill": "x"}, END), data(HAND | {"skill": "s"}, END), *[Known(skills=frozenset("s"))] * 2),
    ("L7", data(HAND | {"queue": "x"}, END), data(HAND | {"queue": "q"}, END), *[Known(queues=frozenset("q"))] * 2),
    ("L7", data(CALL, END), data(CALL, END), Known(connections={}), SHOP),
    ("L7", data(without(POST, "retry"), END), data(CALL, END), SHOP, SHOP),
    ("L7", data(say("a", switch=["fax"]), END), data(say("a", switch=["tap"]), END), *[Known(channels=(TAPS,))] * 2),
    ("L8", data(say("a", **{"if": "1 +"}), END), data(say("a", **{"if": "true"}), END), NONE, NONE),
    ("L8", data(say("{{ now }}"), END), data(say("{{ session.id }}"), END), NONE, NONE),
    ("L8", expecting(kind="text", pattern="(["), expecting(kind="text", pattern="[a]"), NONE, NONE),
    ("L8", expecting(kind="text", pattern="^([a-z]+ ?)+$"), expecting(kind="text", pattern="^[a-z ]+$"), NONE, NONE),
    ("L8", expecting(kind="text", pattern="^(a|a)+$"), expecting(kind="text", pattern="^a+$"), NONE, NONE),
    ("L8", gated("vars.name < 'five'"), gated("vars.name < 5"), NONE, NONE),
    ("L8", gated("true == vars.name"), gated("vars.name == 3"), NONE, NONE),
    ("L9", data(say("{{ vars.name }}"), ASK, END), data(ASK, say("{{ vars.name }}"), END), NONE, NONE),
    ("L9", data(say("{{ vars.x }}"), END), data(say("{{ vars.x }}"), END, vars={"x": {"default": "y"}}), NONE, NONE),
    (
        "L9",
        data(CALL, say("{{ vars.x }}"), END),
        data(CALL | {"map": {"vars.x": "$.x"}}, say("{{ vars.x }}"), END),
        NONE,
        NONE,
    ),
    (
        "L9",
        data(SUB, say("{{ vars.x }}"), END),
        data(SUB | {"returns": {"vars.x": "y"}}, say("{{ vars.x }}"), END),
        NONE,
        NONE,
    ),
    ("L9", data(say("{{ task.text }}"), JOB, END), data(JOB, say("{{ task.text }}"), END), NONE, NONE),
    ("L9", data(say("{{ event.a }}"), PAID, END), data(PAID, say("{{ event.a }}"), END), NONE, NONE),
    ("L9", data(WAIT | {"for": "1h"}, say("{{ event.a }}"), END), data(PAID, say("{{ event.a }}"), END), NONE, NONE),
    ("L10", data(POST, END), data(POST | {"idempotent": True}, END), NONE, NONE),
    ("L11", data(without(HAND, "intake"), END), data(HAND, END), NONE, NONE),
    ("L11", data(without(HAND, "intake") | {"queue": "q"}, END), data(HAND, END), NONE, Known(intakes=frozenset("q"))),
    ("L11", data(HAND | {"on": {}}, END), data(HAND | {"mode": "ticket", "on": {}}), NONE, NONE),
    ("L12", data(MENU | {"options": MANY}, END), data(MENU | {"options": MANY, "paging": True}, END), NONE, NONE),
    ("L12", data(*ASKS, END), data(*ASKS[:199], END), NONE, NONE),
    ("L12", data(*SAID[:6], END), data(*SAID[:5], END), NONE, NONE),
    ("L12", data(*SAID[:5], ASK, END), data(*SAID[:4], ASK, END), NONE, NONE),
    ("L12", data(*SAID[:6], END), data(*SAID[:3], MENU, *SAID[3:], END), NONE, NONE),
    ("L12", data(*SAID[:6], END), data(*SAID[:5], say("b", id="b", once=True), END), NONE, NONE),
    ("L12", data(ASK | {"reprompt": ["a"] * 4}, END), data(ASK | {"reprompt": ["a"] * 3}, END), NONE, NONE),
    ("L13", private("none"), private("verified"), NONE, NONE),
    ("L13", private("none", CALL | {"send": BODY}), private("strong", CALL | {"send": BODY}), NONE, NONE),
    ("L14", data(without(JOB, "deadline"), END), data(JOB, END), NONE, NONE),
    ("L14", data(JOB | {"on": {"failed": "bye"}}, END), data(JOB, END), NONE, NONE),
    ("L14", backgrounds(say("It is done.", id="then")), backgrounds(MENU | {"id": "then"}), NONE, NONE),
    (
        "L15",
        data(END, triggers=[{"keyword": ["Módem"]}]),
        data(END, triggers=[{"keyword": ["router"]}]),
        *[Known(keywords={"modem": "other"})] * 2,
    ),
    ("L15", data(END, triggers=[{"link": "x"}]), data(END, triggers=[{"link": "y"}]), *[Known(links={"x": "o"})] * 2),
    ("L15", data(END, triggers=[{"event": "x"}]), data(END), *[Known(events={"x": "o"})] * 2),
    ("L15", data(END, triggers=[{"start": True}]), data(END), *[Known(starts="other")] * 2),
    ("L16", menu("Long label"), menu("Short"), *[Known(channels=(TAPS,))] * 2),
    ("L17", spanish("say.title"), spanish("say.text"), NONE, NONE),
    ("L17", spanish("say.text") | {"languages": ["en"]}, spanish("say.text"), NONE, NONE),
    ("L17", spanish("job.x", TOLD), spanish("job.progress", TOLD), NONE, NONE),
    ("L18", long(False), long(True), NONE, NONE),
    ("L19", data(without(ASK, "resume"), END), data(ASK, END), NONE, NONE),
]  # fmt: skip
WARNINGS = {"L16", "L17", "L18", "L19"}
BY_RULE = pytest.mark.parametrize(
    ("rule", "bad", "good", "around", "around_good"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)]
)


@pytest.mark.scenario("J-27")
@BY_RULE
def test_a_smallest_bad_journey_is_found_and_its_repaired_twin_is_not(
    rule: str, bad: Data, good: Data, around: Known, around_good: Known
) -> None:
    found = [finding for finding in lint.lint(bad, around) if finding.rule == rule]
    assert {finding.level for finding in found} == {"warning" if rule in WARNINGS else "error"}
    assert all(finding.message and finding.remedy for finding in found)
    assert lint.lint(good, around_good) == []


def test_opening_the_chat_begins_only_what_begins_conversations() -> None:
    good, bad = {"start": True, "opening": ["web-shop"]}, {"keyword": "x", "opening": True}
    assert not [one for one in lint.lint(data(END, triggers=[good])) if one.level == "error"]
    (found,) = [one for one in lint.lint(data(END, triggers=[bad])) if one.level == "error"]
    assert (found.rule, found.remedy) == ("schema", "Write `{start: true, opening: true}`.")


def test_every_rule_has_its_case() -> None:
    assert {case[0] for case in CASES} == {f"L{number}" for number in range(1, 20)}


NUMBER = {"name": {"type": "number"}}


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (ASK, "vars.name is a number, and 'name' puts a text there"),
        ({"id": "s", "type": "set", "set": {"vars.name": "two"}}, "vars.name is a number, and 's' puts a text there"),
        ({"id": "s", "type": "set", "set": {"vars.name": True}}, "vars.name is a number, and 's' puts a boolean there"),
    ],
)
def test_what_is_put_into_a_var_of_another_type_is_told(step: Data, words: str) -> None:
    assert words in [one.message for one in lint.lint(data(step, END, vars=NUMBER))]


@pytest.mark.parametrize(
    "step",
    [
        ASK | {"expect": {"kind": "number"}},
        {"id": "s", "type": "set", "set": {"vars.name": 2}},
        {"id": "s", "type": "set", "set": {"vars.name": "= 1 + 1"}},
        {"id": "s", "type": "set", "set": {"vars.name": None}},
    ],
)
def test_what_fits_a_var_is_not(step: Data) -> None:
    assert [one.message for one in lint.lint(data(step, END, vars=NUMBER)) if "puts" in one.message] == []


def test_a_long_row_of_messages_is_told_once() -> None:
    assert [one.rule for one in lint.lint(data(*SAID, END)) if one.rule == "L12"] == ["L12"]

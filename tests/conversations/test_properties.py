"""Whatever is said in whatever order: does the engine end, agree with itself, and stay resumable?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.journeys import definition, engine, interpret, triggers
from conversations.journeys.effects import Say
from conversations.journeys.state import (
    ENDED,
    Answer,
    Aside,
    Chosen,
    Command,
    Context,
    Expire,
    HandoverResult,
    Heard,
    Hidden,
    Invalid,
    Offer,
    Page,
    Resume,
    RunState,
    Stale,
    Timeout,
    Tries,
    Triggered,
    Wait,
    Waiting,
)
from tests.conversations.playing import KEYS, MORNING, PHONE, WEB, from_library

IDS = [f"s{n}" for n in range(6)]
TARGET = st.sampled_from(IDS)
TABLE = triggers.Table({"modem": Triggered("other"), "fire": Triggered("alarm", breaking=True)})


@st.composite
def steps(draw: Any, step_id: str) -> dict[str, Any]:
    """Any step at all, its ways out leading anywhere: wilder than the linter would allow."""
    kind = draw(st.sampled_from(["message", "ask", "menu", "set", "branch", "handover", "end"]))
    step: dict[str, Any] = {"id": step_id, "type": kind}
    target = draw(TARGET)
    fields: dict[str, dict[str, Any]] = {
        "message": {"text": "Hi {{ vars.s1 }}", "next": target},
        "ask": {"text": "?", "expect": {"kind": draw(st.sampled_from(["text", "number", "date", "boolean"]))}},
        "menu": {"text": "?", "options": [{"id": "a", "label": "A", "next": target}, {"id": "b", "label": "B"}]},
        "set": {"set": {"vars.s1": draw(st.sampled_from(["= vars.s2", None, "x", 3]))}, "next": target},
        "branch": {"cases": [{"if": "vars.s1 == 'a'", "next": target}], "else": draw(TARGET)},
        "handover": {"on": {"offline": target}},
        "end": {"text": "Bye"},
    }
    step |= fields[kind]
    if kind in ("ask", "menu") and draw(st.booleans()):
        step |= {"on_invalid": draw(TARGET), "timeout": {"after": "5m", "next": draw(TARGET)}}
    if draw(st.integers(0, 4)) == 0:
        step |= {"if": "vars.s2"} if draw(st.booleans()) else {"once": True}
    return step


@st.composite
def journeys(draw: Any) -> definition.Definition:
    chosen = [draw(steps(step_id)) for step_id in IDS]
    policy = {"interruptible": draw(st.booleans()), "requires": draw(st.sampled_from(["none", "verified"]))}
    return definition.compile({"journey": "j", "title": "J", "steps": chosen, "policy": policy})


WORDS = st.sampled_from(
    [
        "1",
        "2",
        "a",
        "b",
        "yes",
        "back",
        "cancel",
        "agent",
        "menu",
        "help",
        "restart",
        "change s1",
        "modem",
        "fire",
        "400",
        "",
    ]
) | st.text(max_size=12)
TAPS = st.builds(
    "{}:{}:{}".format,
    st.sampled_from(["r1", "r2"]),
    st.integers(0, 6),
    st.sampled_from(["a", "b", "_continue", "_page2", "#1"]),
)
GIVEN = st.one_of(
    st.builds(Answer, st.none() | st.integers() | st.text(max_size=4)),
    st.builds(Chosen, st.sampled_from(["a", "b", "zz"])),
    st.builds(Invalid, st.text(max_size=5)),
    st.builds(
        Command, st.sampled_from(["agent", "menu", "cancel", "back", "restart", "help", "change"]), st.text(max_size=4)
    ),
    st.builds(Aside, st.sampled_from(["continue", "restart", "other", "cancel_yes", "cancel_no", "agent", "zz"])),
    st.builds(Page, st.integers(-3, 9)),
    st.builds(Timeout, st.integers(0, 9)),
    st.builds(HandoverResult, st.sampled_from(["offline", "failed", "closed"]), st.integers(0, 9)),
    st.builds(Triggered, st.just("other"), st.booleans()),
    st.sampled_from([Stale(), Resume(), Offer(), Expire(), Hidden(), Waiting()]),
)
HEARD = st.tuples(WORDS, TAPS | st.just(""), st.sampled_from([PHONE, WEB]), st.integers(0, 200))
INPUTS = st.lists(HEARD | GIVEN, max_size=12)


def sound(version: definition.Definition, run: RunState, context: Context, now: Any) -> None:
    """A run is over or waits; what it waits for can be asked again; it survives being stored as JSON."""
    assert run.status in ENDED or run.wait is not None
    assert run.wait is None or Wait.from_json(json.loads(json.dumps(run.wait.to_json()))) == run.wait
    assert Tries.from_json(json.loads(json.dumps(run.tries.to_json()))) == run.tries
    json.dumps(dict(run.vars))
    if run.wait is not None and run.wait.kind == "input":
        assert engine.prompt(version, run, now, context, resumed=True)
        turn = engine.step(version, run, Resume(), now, replace(context, place=WEB))
        assert (turn.run.status, turn.run.step_id) == ("waiting", run.step_id)
        assert WEB in turn.run.wait.rendered_on


@pytest.mark.scenario("J-55")
@given(journeys(), INPUTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_journey_and_any_inputs_end_within_the_limits_and_are_repeatable(version: Any, inputs: list[Any]) -> None:
    context = Context(place=PHONE, assurance="verified")
    now, turn = MORNING, engine.start(version, MORNING, context, run_id="r1")
    for item in inputs:
        sound(version, turn.run, context, now)
        if isinstance(item, tuple):
            text, payload, place, hours = item
            context, now = replace(context, place=place), now + timedelta(hours=hours)
            heard = Heard(text, now, payload, *place.split("/", 1))
            item = interpret.interpret(version, turn.run, heard, context, TABLE)
            assert item == interpret.interpret(version, turn.run, heard, context, TABLE)
        before, turn = turn, engine.step(version, turn.run, item, now, context)
        assert turn == engine.step(version, before.run, item, now, context)
        assert sum(isinstance(effect, Say) for effect in turn.effects) <= 6
        assert turn.run.seq >= before.run.seq and turn.run.steps_total - before.run.steps_total <= 50
        assert before.run.status not in ENDED or turn.effects == ()
    sound(version, turn.run, context, now)


@pytest.mark.scenario("J-55")
@given(st.sampled_from(sorted(KEYS)), st.lists(WORDS, max_size=20))
@settings(max_examples=60, deadline=None)
def test_the_library_journeys_take_any_words(key: str, words: list[str]) -> None:
    version, context = from_library(key), Context(place=PHONE)
    turn = engine.start(version, MORNING, context, run_id="r1")
    for text in words:
        given = interpret.interpret(version, turn.run, Heard(text, MORNING, "", *PHONE.split("/")), context)
        turn = engine.step(version, turn.run, given, MORNING, context)
        sound(version, turn.run, context, MORNING)

"""Whatever is said and whatever arrives, in whatever order: does the engine end, agree with itself, stay resumable?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.journeys import definition, engine, interpret, lanes, triggers
from conversations.journeys.effects import EndRun, Fork, Say
from conversations.journeys.state import ENDED, Context, Heard, Offer, Resume, RunState, Tries, Triggered, Turn, Wait
from tests.conversations.playing import KEYS, MORNING, PHONE, WEB, from_library
from tests.conversations.wild import INPUTS, WORDS, Due, Words, journeys, sound_journeys

TABLE = triggers.Table({"modem": Triggered("other"), "fire": Triggered("alarm", breaking=True)})


class Person:
    """One customer with a run in front and those it has forked; every turn is made twice and looked at."""

    def __init__(self, version: definition.Definition) -> None:
        self.version, self.now = version, MORNING
        self.context = Context(place=PHONE, assurance="verified")
        self.behind: list[RunState] = []
        self.begins()

    def begins(self) -> None:
        self.front = self.checked(lambda: engine.start(self.version, self.now, self.context, run_id="r1")).run

    def takes(self, item: Any) -> None:
        """One input of any kind goes where it belongs."""
        if self.front.status in ENDED:
            self.begins()
        if isinstance(item, Words):
            self.hears(item)
        elif isinstance(item, Due):
            run = (self.front, *self.behind)[item.run % (1 + len(self.behind))]
            if run.wait is not None and run.wait.kind == "proof":
                self.context = replace(self.context, assurance="strong")
            self.puts(run, item.result(self.version, run))
        else:
            self.puts(self.front, item)

    def hears(self, words: Words) -> None:
        self.context, self.now = replace(self.context, place=words.place), self.now + timedelta(hours=words.hours)
        heard = Heard(words.text, self.now, words.payload, *words.place.split("/", 1))
        run, meant = self.meaning(heard)
        assert (run, meant) == self.meaning(heard)
        self.puts(run, meant)

    def meaning(self, heard: Heard) -> tuple[RunState, Any]:
        front, behind = lanes.Open(self.version, self.front), [lanes.Open(self.version, run) for run in self.behind]
        found = lanes.meant(front, behind, heard, self.context)
        if found is not None:
            return found[0].run, found[1]
        return self.front, interpret.interpret(self.version, self.front, heard, self.context, TABLE)

    def puts(self, run: RunState, meant: Any) -> None:
        hushed = run is not self.front and lanes.is_hushed(lanes.Open(self.version, self.front), self.context)
        context = replace(self.context, hushed=hushed, taken=lanes.taken(self.behind))
        turn = self.checked(lambda: engine.step(self.version, run, meant, self.now, context), run)
        assert run.status not in ENDED or turn.effects == ()
        assert run.lane == "background" or turn.run.lane == "foreground"
        if run is self.front:
            self.front = turn.run
        else:
            self.behind = [turn.run if one is run else one for one in self.behind]

    def checked(self, go: Callable[[], Turn], before: RunState | None = None) -> Turn:
        """A turn within the limits, twice the same; what it forks begins."""
        turn = go()
        assert turn == go()
        assert sum(isinstance(effect, Say) for effect in turn.effects) <= 6
        assert sum(isinstance(effect, EndRun) for effect in turn.effects) == (
            turn.run.status in ENDED and (before is None or before.status not in ENDED)
        )
        assert 0 <= turn.run.steps_total - (before.steps_total if before else 0) <= 50
        assert before is None or turn.run.seq >= before.seq
        sound(self.version, turn.run, self.context, self.now)
        for fork in [effect for effect in turn.effects if isinstance(effect, Fork)]:
            self.forks(fork)
        return turn

    def forks(self, fork: Fork) -> None:
        if len(self.behind) == 2:
            return
        run = RunState(f"b{len(self.behind) + 1}", "", vars=fork.values)
        turn = engine.begin(self.version, run, fork.step_id, self.now, self.context)
        assert turn == engine.begin(self.version, run, fork.step_id, self.now, self.context)
        assert turn.run.lane == "foreground" or not any(isinstance(effect, Fork) for effect in turn.effects)
        sound(self.version, turn.run, self.context, self.now)
        self.behind.append(turn.run)


def sound(version: definition.Definition, run: RunState, context: Context, now: datetime) -> None:
    """A run is over or waits; what it waits for can be asked again, anywhere; it survives being stored as JSON."""
    assert (run.status in ENDED) == (run.wait is None)
    assert run.wait is None or Wait.from_json(json.loads(json.dumps(run.wait.to_json()))) == run.wait
    assert Tries.from_json(json.loads(json.dumps(run.tries.to_json()))) == run.tries
    json.dumps(dict(run.vars))
    if run.wait is None or run.wait.kind == "proof":
        return
    for again in (Resume(), Offer()):
        turn = engine.step(version, run, again, now, replace(context, place=WEB))
        assert any(isinstance(effect, Say) for effect in turn.effects)
        assert (turn.run.step_id, turn.run.seq, turn.run.lane) == (run.step_id, run.seq, run.lane)
    if run.wait.kind == "input":
        assert engine.prompt(version, run, now, context, resumed=True)
        assert not run.wait.letters or len(set(run.wait.letters)) == len(run.wait.options)
        turn = engine.step(version, run, Resume(), now, replace(context, place=WEB))
        assert turn.run.status == "waiting" and turn.run.wait is not None and WEB in turn.run.wait.rendered_on


@pytest.mark.scenario("J-55")
@given(journeys(), INPUTS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_journey_and_any_inputs_end_within_the_limits_and_are_repeatable(version: Any, inputs: list[Any]) -> None:
    person = Person(version)
    for item in inputs:
        person.takes(item)


@pytest.mark.scenario("J-55")
@given(sound_journeys(), INPUTS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_so_do_those_that_the_linter_lets_pass(version: Any, inputs: list[Any]) -> None:
    person = Person(version)
    for item in inputs:
        person.takes(item)


@pytest.mark.scenario("J-55")
@given(st.sampled_from(sorted(KEYS)), st.lists(WORDS, max_size=20))
@settings(max_examples=60, deadline=None)
def test_the_library_journeys_take_any_words(key: str, words: list[str]) -> None:
    person = Person(from_library(key))
    for text in words:
        person.takes(Words(text, "", PHONE, 0))

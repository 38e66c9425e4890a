"""Does every step of every journey that comes with the product fit every channel, with every option in reach?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from conversations import capabilities
from conversations.capabilities import Capabilities
from conversations.content import Choice
from conversations.journeys import engine, interpret, lanes, steps
from conversations.journeys.definition import Definition
from conversations.journeys.effects import Say
from conversations.journeys.render import render
from conversations.journeys.state import Context, Heard, RunState
from conversations.journeys.walk import Walk
from tests.conversations.fitting import fits
from tests.conversations.playing import KEYS, MORNING, PHONE, from_library

KINDS = {"number": 400, "boolean": True, "date": "2026-12-24", "email": "ana@example.com", "phone": "+34600123456"}
CUSTOMER = {"first_name": "Ana", "name": "Ana Sousa", "email": "ana@example.com"}


@cache
def library(key: str) -> Definition:
    return from_library(key)


def every_step() -> list[tuple[str, str]]:
    return [(key, step) for key in sorted(KEYS) for step in library(key).steps]


def values(version: Definition) -> dict[str, Any]:
    """Something plausible in every var that any step writes."""
    found: dict[str, Any] = dict.fromkeys(version.vars, "something")
    for step in version.steps.values():
        targets = (*step.data.get("set", ()), *step.data.get("map", ()), *step.data.get("returns", ()))
        names = [target.partition(".")[2] for target in targets if target.startswith("vars.")]
        found |= {name: f"some {name}" for name in names}
        if step.var:
            options = step.data.get("options") or step.data.get("expect", {}).get("choices") or [{"id": "something"}]
            found[step.var] = KINDS.get(step.data.get("expect", {}).get("kind", ""), options[0]["id"])
    return found


def entered(version: Definition, step_id: str, context: Context, *, behind: bool = False) -> engine.Turn:
    """The step is done, whatever its `if` says, with every other value known."""
    known = values(version)
    known.pop(version.steps[step_id].var, None)
    run = RunState("r1", step_id, 3, vars=known, lane="background" if behind else "foreground")
    walk = Walk(version, run, MORNING, context)
    steps.STEPS[version.steps[step_id].type](walk, version.steps[step_id])
    return walk.turn()


def contexts(version: Definition) -> list[Context]:
    place = Context(CUSTOMER, place=PHONE, assurance="strong", task={"step": 1, "total": 3, "text": "Half way"})
    return [replace(place, language=language) for language in version.languages]


def heard(text: str = "", payload: str = "") -> Heard:
    channel, _, endpoint = PHONE.partition("/")
    return Heard(text, MORNING, payload, channel, endpoint)


def meant(version: Definition, run: RunState, said: Heard, context: Context) -> str:
    """The option that is chosen by these words or this tap; a yes or no of an ask by its label."""
    given = interpret.interpret(version, run, said, context)
    if (option := getattr(given, "option", None)) is not None:
        return str(option)
    value = getattr(given, "value", given)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def test_all_seven_kinds_of_channel_are_tried() -> None:
    assert len(capabilities.all_registered()) >= 7
    assert any(channel.numbered for channel in capabilities.all_registered())


@pytest.mark.scenario("J-56")
@pytest.mark.parametrize(("key", "step_id"), every_step())
def test_every_step_fits_and_every_option_is_in_reach(key: str, step_id: str) -> None:
    version = library(key)
    for context in contexts(version):
        turn = entered(version, step_id, context)
        for channel in capabilities.all_registered():
            for effect in turn.effects:
                if isinstance(effect, Say):
                    _in_reach(version, turn.run, effect, context, channel)


def _in_reach(version: Definition, run: RunState, said: Say, context: Context, channel: Capabilities) -> None:
    rendered = render(said.content, channel)
    fits(rendered, channel)
    for option in rendered.options:
        for words in (heard(str(option.number)), heard(option.label), heard(payload=option.payload)):
            assert meant(version, run, words, context) == option.id


@pytest.mark.scenario("J-56")
@pytest.mark.parametrize(("key", "step_id"), [at for at in every_step() if library(at[0]).steps[at[1]].type == "menu"])
def test_every_menu_behind_is_answered_by_a_letter_of_its_own(key: str, step_id: str) -> None:
    version = library(key)
    for context in contexts(version):
        turn = entered(version, step_id, context, behind=True)
        menus = [e.content for e in turn.effects if isinstance(e, Say) and isinstance(e.content, Choice)]
        assert len({option.letter for menu in menus for option in menu.options}) == len(menus[0].options)
        for option in menus[0].options:
            behind = [lanes.Open(version, turn.run)]
            found = lanes.meant(None, behind, heard(option.letter), context)
            assert found is not None and getattr(found[1], "option", "") == option.id

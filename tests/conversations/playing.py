"""How is a journey played in a test? A player who speaks on places, and sees what the bot says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conversations.content import Choice, Content
from conversations.journeys import definition, engine, interpret, lint, triggers
from conversations.journeys.definition import Definition
from conversations.journeys.effects import Effect, Say
from conversations.journeys.state import Context, Given, Heard, RunState, Turn

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PHONE, WEB = "whatsapp/+34600000001", "web/visitor-1"
LIBRARY = Path(engine.__file__).parent / "library"
KEYS = frozenset(path.stem for path in LIBRARY.glob("*.yaml"))
KNOWN = lint.Known(journeys=KEYS, skills=frozenset({"sales"}))


def from_library(key: str) -> Definition:
    checked = lint.check((LIBRARY / f"{key}.yaml").read_text(encoding="utf-8"), KNOWN)
    assert checked.data is not None, checked.findings
    return definition.compile(checked.data)


def journey(*steps: dict[str, Any], **fields: Any) -> Definition:
    """A definition of these steps and an end, lint errors refused."""
    data = {"journey": "test", "title": "Test", "languages": ["en"], **fields}
    data["steps"] = [*steps, *([] if steps[-1]["type"] == "end" else [{"id": "the_end", "type": "end"}])]
    errors = [finding for finding in lint.lint(data) if finding.level == "error"]
    assert not errors, errors
    return definition.compile(data)


def loose(*steps: dict[str, Any], **fields: Any) -> Definition:
    """A definition of just these steps, which need not be lint-clean."""
    return definition.compile({"journey": "test", "title": "Test", "steps": list(steps), **fields})


class Player:
    """One customer with one run: says words and taps on a place, and keeps what the bot answered."""

    def __init__(self, version: Definition, place: str = PHONE, table: triggers.Table | None = None, **context: Any):
        self.version, self.table = version, table or triggers.Table()
        self.context, self.now = Context(place=place, **context), MORNING
        self.given: Given | None = None
        self.turn: Turn = engine.start(version, self.now, self.context, run_id="r1")

    @property
    def run(self) -> RunState:
        return self.turn.run

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.turn.effects

    @property
    def said(self) -> list[Content]:
        return [effect.content for effect in self.turn.effects if isinstance(effect, Say)]

    @property
    def words(self) -> list[str]:
        return [content.text for content in self.said if hasattr(content, "text")]

    @property
    def vars(self) -> Mapping[str, Any]:
        return self.run.vars

    def payloads(self) -> dict[str, str]:
        """What the buttons of the last menu carry, by label."""
        menus = [content for content in self.said if isinstance(content, Choice)]
        return {option.label: option.payload for option in menus[-1].options}

    def goes_to(self, place: str, **context: Any) -> Player:
        self.context = replace(self.context, place=place, **context)
        return self

    def later(self, **time: float) -> Player:
        self.now += timedelta(**time)
        return self

    def says(self, text: str, payload: str = "") -> Player:
        channel, _, endpoint = self.context.place.partition("/")
        heard = Heard(text, self.now, payload, channel, endpoint)
        return self.puts(interpret.interpret(self.version, self.run, heard, self.context, self.table))

    def taps(self, payload: str) -> Player:
        return self.says("", payload)

    def puts(self, given: Given) -> Player:
        self.given = given
        self.turn = engine.step(self.version, self.run, given, self.now, self.context)
        return self

    def did(self, effect_type: type[Any]) -> list[Any]:
        return [effect for effect in self.turn.effects if isinstance(effect, effect_type)]

"""What is wrong with a journey, where, and what helps?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from conversations.capabilities import Capabilities
from conversations.journeys import edges

Path = tuple[str | int, ...]
Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `rule` is `yaml`, `schema` or L1-L19, `line` counts from 1 (0 when there was no text)."""

    rule: str
    level: Level
    message: str
    remedy: str = ""
    step: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What exists around the journey; None means "not known, do not check".

    `keywords` maps the words of the live journeys to their keys (L15), `links` those of deep links, `events` those of
    events; `starts` is the key of the journey that begins every conversation. `pii` are the sensitive attributes (L13),
    `intakes` queues with a default intake (L11); `runs` names the journeys that each live journey runs beneath it and
    `follows` those that come after it before anybody was asked (L6), `connections` the methods that each enabled
    connection allows (L7).
    """

    journeys: frozenset[str] | None = None
    queues: frozenset[str] | None = None
    skills: frozenset[str] | None = None
    intakes: frozenset[str] = frozenset()
    connections: Mapping[str, frozenset[str]] | None = None
    runs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    follows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keywords: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    starts: str = ""
    pii: frozenset[str] = frozenset()
    channels: tuple[Capabilities, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding before its line is looked up: `path` leads to the place in the data."""

    rule: str
    message: str
    remedy: str = ""
    path: Path = ()
    level: Level = "error"


class Subject:
    """A journey of the right shape under examination: its data, and lists that several rules need."""

    def __init__(self, data: Mapping[str, Any], known: Known) -> None:
        self.data, self.known = data, known
        self.steps: Sequence[Mapping[str, Any]] = data["steps"]
        self.ids = {step["id"] for step in self.steps}
        self.languages: Sequence[str] = data.get("languages", ["en"])
        self.policy: Mapping[str, Any] = data.get("policy", {})
        self.vars: Mapping[str, Mapping[str, Any]] = data.get("vars", {})
        self.translations: Mapping[str, Mapping[str, str]] = data.get("translations", {})

    @cached_property
    def graph(self) -> dict[str, list[edges.Edge]]:
        """The ways out of every step."""
        return edges.graph(self.steps)

    @cached_property
    def translated(self) -> dict[str, list[tuple[str, str, str]]]:
        """(language, key, text) of every translation, by the id of its step."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for language, texts in self.translations.items():
            for key, text in texts.items():
                found.setdefault(key.partition(".")[0], []).append((language, key, text))
        return found

    def numbered(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        return iter(enumerate(self.steps))

    def options(self, step: Mapping[str, Any]) -> tuple[str, Path, Sequence[Mapping[str, Any]]]:
        """(`options` or `choices`, their path in the step, the options) of a step; of most, none."""
        if step["type"] == "menu":
            return "options", ("options",), step["options"]
        return "choices", ("expect", "choices"), step.get("expect", {}).get("choices", ())

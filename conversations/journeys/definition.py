"""What does a journey say, once it is known to be valid?

`compile` makes the frozen `Definition` that the engine walks; keep one per JourneyVersion (by sha256), it is immutable.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from conversations.journeys import expressions, templates

SCHEMA_VERSION = 1
_DURATION = re.compile(r"^(\d{1,6})(s|m|h|d)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its common fields, and `data` with all its fields as authored."""

    id: str
    type: str
    data: Mapping[str, Any]
    next: str | None  # the step after this one; None at the end of the list
    var: str = ""  # where an ask or menu stores its answer


@dataclass(frozen=True, slots=True)
class Policy:
    """Defaults of `policy:`; `resume_within` bounds how long the run may still be offered."""

    interruptible: bool = True
    resume: str = "auto"  # auto | offer
    resume_within: timedelta = timedelta(days=7)
    requires: str = "none"  # none | verified | strong
    audience: str = "private"  # private | public
    on_expire: str = "main_menu"  # a journey's key, or `restart`


@dataclass(frozen=True, slots=True)
class Definition:
    """A compiled journey. `steps` keeps the authored order; the first is where a run starts."""

    key: str
    title: str
    languages: tuple[str, ...]
    policy: Policy
    vars: Mapping[str, Mapping[str, Any]]
    steps: Mapping[str, Step]
    first: str
    translations: Mapping[str, Mapping[str, str]]
    triggers: tuple[Mapping[str, Any], ...] = ()
    sha256: str = ""
    derived: Mapping[str, frozenset[str]] = field(default_factory=dict)
    choosers: Mapping[str, Step] = field(default_factory=dict)  # var -> the menu or choice that fills it
    memory: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)  # worked out once

    @property
    def defaults(self) -> dict[str, Any]:
        """What its vars hold before anything was said."""
        return {name: spec["default"] for name, spec in self.vars.items() if "default" in spec}

    def spoken(self, var: str, value: Any, language: str = "") -> Any:
        """What a value is called: the label of the option that it is the id of, else the value itself."""
        step = self.choosers.get(var)
        if step is None:
            return value
        prop = "options" if step.type == "menu" else "choices"
        for option in authored_options(step):
            if option["id"] == value:
                key = f"{step.id}.{prop}.{value}"
                return self._words(language).get(key) or option["label"]
        return value

    def answers(self, values: Mapping[str, Any], language: str = "") -> tuple[tuple[str, str], ...]:
        """(label, answer) of every question that was answered, in the authored order, `pii` masked: for the card."""
        found = []
        for step in self.steps.values():
            if step.var in values and step.var:
                private = step.data.get("pii") or self.vars.get(step.var, {}).get("pii")
                value = templates.spoken(self.spoken(step.var, values[step.var], language), language)
                found.append((self.label(step.id, language), "•••" if private else value))
        return tuple(found)

    def called(self, language: str = "") -> str:
        """The title in the reader's language (`es`, `es-MX`), else in the one that the journey was written in."""
        return self._words(language).get("title") or self.title

    def label(self, step_id: str, language: str = "") -> str:
        """The step's title for last_journey, the agent's card and the graph; the id in words when it has none."""
        step = self.steps.get(step_id)
        fallback = step_id.replace("_", " ").capitalize()
        if step is None:
            return fallback
        return self._words(language).get(f"{step_id}.title") or step.data.get("title") or fallback

    def _words(self, language: str) -> Mapping[str, str]:
        return self.translations.get(language[:2].lower(), {})


def authored_options(step: Step) -> Sequence[Mapping[str, Any]]:
    """The options as written: of a menu, or the choices of an ask."""
    if step.type == "menu":
        return tuple(step.data["options"])
    return tuple(step.data.get("expect", {}).get("choices", ())) if step.type == "ask" else ()


def canonical(data: Any) -> str:
    """The one JSON text of a definition: sorted keys, no spaces, so that equal journeys have equal digests."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(data: Any) -> str:
    """sha256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical(data).encode("utf-8", "surrogatepass")).hexdigest()


def compile(data: Mapping[str, Any]) -> Definition:
    """The definition of linted canonical data; KeyError if it was never linted."""
    raw_steps = data["steps"]
    following = [step["id"] for step in raw_steps[1:]] + [None]
    steps = {raw["id"]: _step(raw, after) for raw, after in zip(raw_steps, following, strict=True)}
    saved = {spec["save_to"]: name for name, spec in data.get("vars", {}).items() if "save_to" in spec}
    return Definition(
        key=data["journey"],
        title=data.get("title", data["journey"]),
        languages=tuple(data.get("languages", ["en"])),
        policy=_policy(data.get("policy", {})),
        vars=MappingProxyType(dict(data.get("vars", {}))),
        steps=MappingProxyType(steps),
        first=raw_steps[0]["id"],
        translations=MappingProxyType(dict(data.get("translations", {}))),
        triggers=tuple(data.get("triggers", ())),
        sha256=digest(data),
        derived=MappingProxyType(_derived(steps.values(), saved)),
        choosers=MappingProxyType({step.var: step for step in steps.values() if authored_options(step)}),
    )


def duration(text: Any) -> timedelta | None:
    """`30m`, `24h`, `7d`, `10s`; None for anything else."""
    found = _DURATION.match(text) if isinstance(text, str) else None
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _step(raw: Mapping[str, Any], after: str | None) -> Step:
    var = raw.get("var", raw["id"]) if raw["type"] in ("ask", "menu") else ""
    return Step(id=raw["id"], type=raw["type"], data=raw, next=raw.get("next", after), var=var)


def _derived(steps: Iterable[Step], saved: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """For each var, the vars that `set`, `request` and `journey` steps make of it, directly or through others.

    `saved` maps `customer.x` to the var that is saved there: who reads the one reads the other.
    """
    direct: dict[str, set[str]] = {}
    for step in steps:
        condition = expressions.reads(step.data["if"]) if "if" in step.data else frozenset()
        for target, sources in _makes(step):
            root, _, name = target.partition(".")
            for path in sources | condition if root == "vars" else ():
                read = path.split(".")[1] if path.startswith("vars.") else saved.get(path)
                if read is not None:
                    direct.setdefault(read, set()).add(name)
    return {name: frozenset(_closure(name, direct)) for name in direct}


def _makes(step: Step) -> Iterator[tuple[str, frozenset[str]]]:
    """What a step writes, each with the names that it is made of; a `once` step would not write it again."""
    data = step.data
    if data.get("once"):
        return
    if step.type == "set":
        yield from ((target, value_reads(raw)) for target, raw in data["set"].items())
    elif step.type == "request":
        sources = _all_reads(data.get("send"))
        yield from ((target, sources) for target in data.get("map", ()))
    elif step.type == "journey":
        sources = _all_reads(data.get("with"))
        yield from ((target, sources) for target in data.get("returns", ()))


def _all_reads(raw: Any) -> frozenset[str]:
    """As `value_reads`, of everything in a body."""
    if isinstance(raw, Mapping):
        return frozenset().union(*(_all_reads(value) for value in raw.values()))
    if isinstance(raw, list | tuple):
        return frozenset().union(*(_all_reads(value) for value in raw))
    return value_reads(raw)


def value_reads(raw: Any) -> frozenset[str]:
    """The dotted names that an authored value (`= expression`, or a template) reads."""
    if not isinstance(raw, str):
        return frozenset()
    return expressions.reads(raw[1:]) if raw.startswith("=") else templates.mentions(raw)


def _closure(name: str, direct: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    open_names = [name]
    while open_names:
        for following in direct.get(open_names.pop(), ()):
            if following not in found and following != name:
                found.add(following)
                open_names.append(following)
    return found


def _policy(raw: Mapping[str, Any]) -> Policy:
    return Policy(
        interruptible=raw.get("interruptible", True),
        resume=raw.get("resume", "auto"),
        resume_within=duration(raw.get("resume_within")) or timedelta(days=7),
        requires=raw.get("requires", "none"),
        audience=raw.get("audience", "private"),
        on_expire=raw.get("on_expire", "main_menu"),
    )

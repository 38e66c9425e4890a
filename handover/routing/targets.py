"""What does a plan say? Who is asked, in which order, for how long; and how it is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

NAME = re.compile(r"(?:agent|queue):[0-9]{1,18}")
LONGEST = timedelta(days=366_000)  # of a step: a thousand years


@dataclass(frozen=True, slots=True)
class Target:
    """One step of a plan: `agent:17` or `queue:3`, for how long (None: until somebody takes it).

    `bonus` comes first among the agents of a queue, `needs` (`language:es`) holds for this step only; an agent who
    `waits` is full now and asked as soon as there is room.
    """

    name: str
    lasts: timedelta | None = None
    bonus: int | None = None
    needs: tuple[str, ...] = ()
    waits: bool = False

    @property
    def is_queue(self) -> bool:
        return self.name.startswith("queue:")

    @property
    def pk(self) -> int:
        return int(self.name.partition(":")[2])

    @property
    def agent_id(self) -> int | None:
        return None if self.is_queue else self.pk

    @property
    def queue_id(self) -> int | None:
        return self.pk if self.is_queue else None

    def to_json(self) -> dict[str, Any]:
        lasts = None if self.lasts is None else int(self.lasts.total_seconds())
        wire: dict[str, Any] = {"target": self.name, "for": lasts}
        if self.bonus is not None:
            wire["bonus"] = f"agent:{self.bonus}"
        if self.needs:
            wire["needs"] = list(self.needs)
        return wire | ({"waits": True} if self.waits else {})

    @classmethod
    def from_json(cls, wire: Mapping[str, Any]) -> Target:
        """`ValueError`, or what else Python says of it, if it is of no shape that `to_json` writes."""
        lasts, bonus, needs = wire.get("for"), wire.get("bonus"), wire.get("needs", ())
        return cls(
            _name(wire["target"]),
            None if lasts is None else _lasts(lasts),
            int(_name(bonus).partition(":")[2]) if bonus else None,
            tuple(map(_word, needs)),
            bool(wire.get("waits")),
        )


def _lasts(seconds: float) -> timedelta:
    """`ValueError` if a step would end on no day that there is."""
    if 0 <= seconds <= LONGEST.total_seconds():
        return timedelta(seconds=seconds)
    raise ValueError("no time to ask for")


def _name(given: object) -> str:
    if isinstance(given, str) and NAME.fullmatch(given):
        return given
    raise ValueError("neither an agent nor a queue")


def _word(given: object) -> str:
    if isinstance(given, str):
        return given
    raise ValueError("no word")


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked in which order; `rule` is the number of the rule that decided (section 4 of the handover page).

    `outcome` is empty unless the rule says that nothing is routed; `priority` are minutes of queue age. `waives`: a
    colleague chose a queue in which nobody has the skill, so that anybody there may take it. `is_broken`: what is
    stored cannot be read and counts as no plan, so that whoever has it waits for anybody in the queue where they are.
    `declined` is the agent who would have been asked first, but for their no of a short while ago.
    `by_owner`: who is preferred is the customer's account owner, and need not have helped last.
    """

    rule: int
    targets: tuple[Target, ...] = ()
    priority: int = 0
    outcome: str = ""
    waives: bool = False
    is_broken: bool = False
    declined: int | None = None
    by_owner: bool = False

    @property
    def agent_id(self) -> int | None:
        return self.targets[0].agent_id if self.targets else None

    @property
    def queue_id(self) -> int | None:
        return next((target.queue_id for target in self.targets if target.is_queue), None)

    def to_json(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"rule": self.rule, "steps": [target.to_json() for target in self.targets]}
        wire |= {"priority": self.priority} if self.priority else {}
        wire |= {"declined": f"agent:{self.declined}"} if self.declined is not None else {}
        wire |= {"by_owner": True} if self.by_owner else {}
        return wire | ({"waives": True} if self.waives else {})

    def demanded(self, skill: str) -> str:
        """What an agent must have to be given a conversation that asks for this skill; '' for nothing."""
        return "" if self.waives else skill

    def after(self, wire: Mapping[str, Any] | None) -> Plan:
        """The same in place of the stored one: what that one has counted for a VIP counts on, and no second time."""
        return replace(self, priority=Plan.from_json(wire).priority)

    @classmethod
    def from_json(cls, wire: Mapping[str, Any] | None) -> Plan:
        """The stored plan; rule 0 and no steps if there is none, or none that can be read: it fails nobody."""
        if not wire:
            return cls(0)
        try:
            return cls._read(wire)
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError):
            return cls(0, is_broken=True)

    @classmethod
    def _read(cls, wire: Mapping[str, Any]) -> Plan:
        steps = tuple(map(Target.from_json, wire.get("steps", ())))
        waives, declined = bool(wire.get("waives")), wire.get("declined")
        whose = int(_name(declined).partition(":")[2]) if declined else None
        rule, priority, by_owner = int(wire.get("rule", 0)), int(wire.get("priority", 0)), bool(wire.get("by_owner"))
        return cls(rule, steps, priority, waives=waives, declined=whose, by_owner=by_owner)

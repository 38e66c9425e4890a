"""To whom, in which order? The decision table over facts that were read before: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handover import limits


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """A queue as a target: only an open and staffed one can take anything."""

    pk: int
    is_open: bool
    is_staffed: bool

    @property
    def is_eligible(self) -> bool:
        return self.is_open and self.is_staffed


@dataclass(frozen=True, slots=True)
class Preferred:
    """The agent who helped this customer last."""

    pk: int
    handled_at: datetime
    is_online: bool
    is_member: bool
    has_room: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan depends on; queues in the order of preference, `wanted` by name, skill, or the default."""

    wanted: QueueFacts | None
    default: QueueFacts | None = None
    fallbacks: tuple[QueueFacts, ...] = ()
    last_queue: QueueFacts | None = None
    preferred: Preferred | None = None
    has_skill: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """One step of a plan: `agent:17` or `queue:3`, for how long (None: until somebody takes it)."""

    name: str
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked in which order; `rule` is the number of the rule that decided (section 4 of the handover page)."""

    rule: int
    targets: tuple[Target, ...] = ()

    @property
    def agent_id(self) -> int | None:
        first = self.targets[0].name if self.targets else ""
        return int(first.removeprefix("agent:")) if first.startswith("agent:") else None

    @property
    def queue_id(self) -> int | None:
        named = (target.name for target in self.targets if target.name.startswith("queue:"))
        first = next(named, "")
        return int(first.removeprefix("queue:")) if first else None

    def to_json(self) -> dict[str, object]:
        steps = [{"target": t.name, "for": t.lasts and int(t.lasts.total_seconds())} for t in self.targets]
        return {"rule": self.rule, "steps": steps}


def plan(facts: Facts, now: datetime) -> Plan:
    """The first matching rule; targets that cannot take anything are passed over, and none left is rule 15."""
    known = facts.preferred
    is_fresh = known is not None and now - known.handled_at <= limits.lasts("STALE_AFTER")
    agents: list[Target] = []
    rule = 13 if facts.has_skill else 14
    if known is not None and is_fresh:
        rule = 10
        if known.is_online and known.is_member:
            rule = 8 if known.has_room else 9
        if rule == 8:
            agents = [Target(f"agent:{known.pk}", limits.lasts("PREFERRED_FOR"))]
        elif facts.last_queue is None or not facts.last_queue.is_eligible:
            rule = 12
    queues = _queues(facts, is_fresh)
    if not queues:
        return Plan(15)
    return Plan(rule, (*agents, *queues))


def _queues(facts: Facts, is_fresh: bool) -> list[Target]:
    """Eligible queues, each once; all but the last for a limited time."""
    wished = [facts.wanted, facts.last_queue if is_fresh else None, *facts.fallbacks, facts.default]
    found = list(dict.fromkeys(queue.pk for queue in wished if queue is not None and queue.is_eligible))
    return [Target(f"queue:{pk}", limits.lasts("LAST_QUEUE_FOR") if pk != found[-1] else None) for pk in found]

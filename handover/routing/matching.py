"""Who gets which of those who wait? Pure: the next first, and for each the best of the agents who can take it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from handover.routing.targets import Target

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation at a step of its plan; `pool` are the queues asked so far, `skill` is what an agent must have."""

    pk: int
    epoch: int
    step: int
    target: Target
    pool: frozenset[int]
    skill: str = ""
    weight: float = 1.0
    declined: Collection[int] = ()


@dataclass(slots=True)
class Candidate:
    """An agent who takes work now; `load` grows with what they are given in this round."""

    pk: int
    queues: frozenset[int]
    capacity: float
    load: float = 0.0
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    is_awake: bool = True
    assigned_at: datetime | None = None
    free_at: datetime | None = None
    turns: int = field(default=0)

    def can_take(self, waiting: Waiting) -> bool:
        """In the pool or named, skilled as required, with room, and not just asked in vain."""
        if self.load + waiting.weight > self.capacity or self.pk in waiting.declined:
            return False
        if waiting.skill and waiting.skill not in self.skills:
            return False
        named = waiting.target.agent_id
        if named is not None:
            return named == self.pk
        if not self.queues & waiting.pool:
            return False
        return all(map(self._grants, waiting.target.needs))

    def _grants(self, need: str) -> bool:
        kind, _, word = need.partition(":")
        return (not self.languages or word in self.languages) if kind == "language" else word in self.skills


def pair(
    waiting: Iterable[Waiting], staff: Collection[Candidate], strategy: str, *, most: int
) -> list[tuple[Waiting, Candidate]]:
    """At most so many pairs, in the order of the queue."""
    found: list[tuple[Waiting, Candidate]] = []
    for one in waiting:
        if len(found) == most:
            break
        able = [each for each in staff if each.can_take(one)]
        if not able:
            continue
        best = min(able, key=lambda each: (each.pk != one.target.bonus, *rank(each, strategy)))
        best.load += one.weight
        best.turns += 1
        found.append((one, best))
    return found


def rank(agent: Candidate, strategy: str) -> tuple[float, float, float, int]:
    """The smaller, the sooner asked. Round robin: whose last turn is longest ago; longest idle: who has been free for
    longest; else who carries least, then longest without an assignment."""
    assigned = (agent.assigned_at or NEVER).timestamp()
    if strategy == "round_robin":
        return agent.turns, assigned, agent.load, agent.pk
    if strategy == "longest_idle":
        free = max(agent.free_at or NEVER, agent.assigned_at or NEVER).timestamp()
        return agent.turns, free, agent.load, agent.pk
    return agent.load, agent.turns, assigned, agent.pk

"""What may a plan depend on? Plain values, so that the decision needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """A queue as a target: only an open and staffed one can take anything; an archived one is not open."""

    pk: int
    is_open: bool
    is_staffed: bool

    @property
    def is_eligible(self) -> bool:
        return self.is_open and self.is_staffed


@dataclass(frozen=True, slots=True)
class Preferred:
    """An agent who is asked by name: who helped last, looks after the account, or is named by a transfer.

    `is_member`: of the queue in question, or that queue allows agents of others; `is_online`: and takes new work;
    `looks_after`: they are the customer's account owner.
    """

    pk: int
    handled_at: datetime
    is_online: bool
    is_member: bool
    has_room: bool
    is_active: bool = True
    has_declined: bool = False
    looks_after: bool = False

    @property
    def is_there(self) -> bool:
        return self.is_active and self.is_online and self.is_member and not self.has_declined

    @property
    def is_passed_over(self) -> bool:
        """Nothing but their own no stands in the way, unless they are full besides."""
        return self.is_active and self.is_online and self.is_member and self.has_declined

    @property
    def is_eligible(self) -> bool:
        return self.is_there and self.has_room

    @property
    def is_full(self) -> bool:
        return self.is_there and not self.has_room


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the conversation stands that a message came into; `away_for` is how long its agent has not been seen."""

    state: Literal["open", "parked", "closed"]
    owner: str = "bot"
    agent: Preferred | None = None
    away_for: timedelta = timedelta()
    closed_at: datetime | None = None
    reason: str = ""
    is_thanks: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a plan depends on. `wanted` is the queue by name, skill, referrer or language, or the channel's default.

    `preferred` and `last_queue` come from `handled_at`; `fallbacks` are those of `wanted`, in their order, and
    `last_fallbacks` those of `last_queue`. `wishes` are optional and dropped from the right; for the first
    `staffed_wishes` of them somebody is there.
    """

    wanted: QueueFacts | None
    default: QueueFacts | None = None
    fallbacks: tuple[QueueFacts, ...] = ()
    last_queue: QueueFacts | None = None
    last_fallbacks: tuple[QueueFacts, ...] = ()
    preferred: Preferred | None = None
    has_skill: bool = False
    handled_at: datetime | None = None
    standing: Standing | None = None
    is_explicit: bool = False
    target: Preferred | None = None
    is_vip: bool = False
    vip_queue: QueueFacts | None = None
    will_wait: bool = False
    wishes: tuple[str, ...] = ()
    staffed_wishes: int = 0

    @property
    def rest(self) -> tuple[QueueFacts | None, ...]:
        """Where it goes after the queue of last time and what stands behind that one."""
        return (self.wanted, *self.fallbacks, self.default)

    @property
    def last(self) -> tuple[QueueFacts | None, ...]:
        """The queue of last time, then its fall-backs."""
        return (self.last_queue, *self.last_fallbacks)

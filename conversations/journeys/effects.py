"""What may a journey want from the world?

The engine only describes effects; `progress` and `handover.turns` carry them out, in order, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from conversations.content import Content


@dataclass(frozen=True, slots=True)
class Say:
    """Send this content to the customer on the channel of the turn (or keep it for one that pulls)."""

    content: Content
    role: Literal["bot", "system"] = "bot"
    step_id: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """Say how to go on in other channels: a link for each of these kinds that is connected."""

    kinds: tuple[str, ...]
    step_id: str = ""


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Observe a customer attribute; `key` is without the `customer.` prefix. `value` None withdraws it."""

    key: str
    value: Any
    step_id: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Ask for a human. The run waits with kind `handover`; answer it with `HandoverResult(outcome, token=run.seq)`.

    An empty `step_id` means that the customer asked by a word, outside any handover step. `from_step` is where a word
    took the customer away from: what the agent wants to know, rather than the handover step.
    `attempts` are the answers that were refused just before, for the agent's card (J-19).
    """

    mode: Literal["live", "ticket"] = "live"
    skill: str = ""
    referrer: str = ""
    queue: str = ""
    agent: str = ""
    intake: str = ""
    channel: str = ""
    priority: int = 0
    step_id: str = ""
    from_step: str = ""
    reason: str = ""
    attempts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Wake the run with `Timeout(token=guard)` after this time, unless `run.seq` has moved on from `guard`."""

    kind: str
    after: timedelta
    guard: int


@dataclass(frozen=True, slots=True)
class StartRun:
    """Start another journey. `push` after this run was suspended, `replace` after it ended, `child` beneath it."""

    journey: str
    mode: Literal["push", "replace", "child"] = "replace"
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndRun:
    """The run is over; `values` are its vars for a parent that waits (an intake's answers)."""

    outcome: Literal["completed", "cancelled", "expired", "failed"]
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the step log; values of `pii` vars are masked already."""

    step_id: str
    type: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A limit was reached or a template was empty: tell the operators once per run and code."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Prove:
    """The step needs more proof than this session has given: ask for it here; the run waits at the step."""

    step_id: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a request or a task sends: filled in, and encoded for its place (`path` per segment); never a host."""

    connection: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """Ask another system once and wait (kind `request`); answer with `RequestResult(token=guard)`.

    `retry`: {attempts, backoff, max, on} as the author wrote it; `idempotent`: it may be sent twice under one key.
    """

    request: Request
    guard: int
    step_id: str
    retry: Mapping[str, Any] = field(default_factory=dict)
    idempotent: bool = False


@dataclass(frozen=True, slots=True)
class StartTask:
    """Begin a job elsewhere and wait (kind `task`) for its reports; answer with `TaskResult(token=guard)`.

    `cancel` is what tells the other system to stop; `progress` the author's template in the language of the turn, to be
    filled at each report. `attempt` counts from 1 since the task was last done.
    """

    request: Request
    guard: int
    step_id: str
    deadline: timedelta
    progress: str = ""
    cancel: Request | None = None
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Fork:
    """Go on at `step_id` in a run of its own in the background lane, with these values; this run goes on at once."""

    step_id: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Await:
    """Wait (kind `timer`) for opening hours or for an event; ring `Timeout(token=guard)` after `most` at the latest.

    Answer with `Rang(token=guard)` when it opens or `Happened(event, token=guard)`. A plain `for:` is a `SetTimer`.
    """

    guard: int
    step_id: str
    opening: bool = False
    event: str = ""
    most: timedelta | None = None


Effect = (
    Say
    | Lead
    | SetAttribute
    | HandOver
    | SetTimer
    | StartRun
    | EndRun
    | Record
    | Alert
    | Prove
    | Call
    | StartTask
    | Fork
    | Await
)

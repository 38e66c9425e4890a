"""What can be put to a run? The meaning of an input, as `interpret` reads it from a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

CommandName = Literal["agent", "menu", "cancel", "back", "restart", "help", "change"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A valid answer to the open `ask`; `value` in the form that is stored, `tap` the button `seq:option`."""

    value: Any
    text: str = ""
    tap: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An option of the open `menu`, by tap, number, alias or label."""

    option: str
    text: str = ""
    tap: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Invalid:
    """Nothing that the open step takes; `sentence` says kindly why, in the customer's language."""

    text: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A word that works everywhere: agent, menu, cancel, back, restart, help; `change` names what in `argument`."""

    name: CommandName
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """The answer to our own question in front of the step: continue, restart, other; yes, no; agent."""

    option: str


@dataclass(frozen=True, slots=True)
class Stale:
    """A button of a question that is no longer open; `is_second`: the one that was accepted just now, tapped twice."""

    is_second: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """Prompt once more without counting a try (another journey's keyword in one that is not interruptible)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Show this page of the open menu's options."""

    number: int


@dataclass(frozen=True, slots=True)
class Resume:
    """The question was not seen here: say the resume sentence once and render the same step here."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Ask first: Continue, Start over, Something else."""


@dataclass(frozen=True, slots=True)
class Expire:
    """Too old, or its step is gone: end the run and start afresh."""

    reason: str = "age"


@dataclass(frozen=True, slots=True)
class Hidden:
    """This session has not proven enough: nothing of the run may show, not even its name."""

    reason: Literal["proof", "public"] = "proof"


@dataclass(frozen=True, slots=True)
class Triggered:
    """A trigger of another journey: this one is suspended (or ends, when `breaking`) and `StartRun` is asked for."""

    journey: str
    breaking: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """The run waits for something else than words: say so, do not repeat the previous question."""


@dataclass(frozen=True, slots=True)
class Timeout:
    """The timer of the open question rang; `token` is the guard it was set with."""

    token: int


@dataclass(frozen=True, slots=True)
class HandoverResult:
    """How a handover came out: `offline`, `failed`, or `closed` by an agent; `token` is the `seq` it was asked with."""

    outcome: Literal["offline", "failed", "closed"]
    token: int


@dataclass(frozen=True, slots=True)
class Proving:
    """Words for the proof that the run waits for: an address, a code. The engine leaves them to its caller."""


@dataclass(frozen=True, slots=True)
class Proven:
    """The proof that the run waited for was given; `token` is the `seq` it was asked with."""

    token: int


@dataclass(frozen=True, slots=True)
class RequestResult:
    """What came of a `Call`: any HTTP answer (`status`, `data` from its JSON), or none (`status` 0 and `error`).

    `error` is one of `timeout refused unanswered too_large not_json breaker disabled`; it takes the `on.error` edge.
    """

    token: int
    status: int = 0
    data: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How a task ended; `data` is the last report, also the root `task` of the texts that follow."""

    outcome: Literal["done", "failed", "timeout", "cancelled"]
    token: int
    data: Any = None


@dataclass(frozen=True, slots=True)
class ChildResult:
    """How the journey beneath ended (`completed` takes `on.done`, everything else `on.failed`), and its vars."""

    outcome: Literal["completed", "cancelled", "expired", "failed"]
    token: int
    values: Any = None


@dataclass(frozen=True, slots=True)
class Rang:
    """A `wait` step's time has come (`for` is over, or it opened); `token` is the guard it was set with."""

    token: int


@dataclass(frozen=True, slots=True)
class Happened:
    """The event that a `wait` step waits for has happened."""

    event: str
    token: int
    data: Any = None


@dataclass(frozen=True, slots=True)
class Put:
    """Somebody of the team says where the run goes on: at this step, whatever was answered there."""

    step_id: str


Given = (
    Answer
    | Chosen
    | Invalid
    | Command
    | Aside
    | Stale
    | Again
    | Page
    | Resume
    | Offer
    | Expire
    | Hidden
    | Triggered
    | Waiting
    | Timeout
    | HandoverResult
    | Proving
    | Proven
    | RequestResult
    | TaskResult
    | ChildResult
    | Rang
    | Happened
    | Put
)

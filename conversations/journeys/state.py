"""What does a run remember between turns?

`RunState` maps to columns of JourneyRun; `wait` and `tries` go to JSON. `Given`, what an input means, is from `given`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from conversations.content import Content
from conversations.journeys.effects import Effect
from conversations.journeys.given import (
    Again,
    Answer,
    Aside,
    ChildResult,
    Chosen,
    Command,
    CommandName,
    Expire,
    Given,
    HandoverResult,
    Happened,
    Hidden,
    Invalid,
    Offer,
    Page,
    Proven,
    Proving,
    Put,
    Rang,
    RequestResult,
    Resume,
    Stale,
    TaskResult,
    Timeout,
    Triggered,
    Waiting,
)

__all__ = [
    "ENDED",
    "RANK",
    "Again",
    "Answer",
    "Aside",
    "Assurance",
    "ChildResult",
    "Chosen",
    "Command",
    "CommandName",
    "Context",
    "Expire",
    "Given",
    "HandoverResult",
    "Happened",
    "Heard",
    "Hidden",
    "Invalid",
    "Lane",
    "Offer",
    "Page",
    "Proven",
    "Proving",
    "Put",
    "Rang",
    "RequestResult",
    "Resume",
    "RunState",
    "Stale",
    "Status",
    "TaskResult",
    "Timeout",
    "Tries",
    "Triggered",
    "Turn",
    "Wait",
    "Waiting",
    "place",
]  # fmt: skip

Assurance = Literal["none", "verified", "strong"]
RANK = {"none": 0, "verified": 1, "attested": 1, "strong": 2}  # `attested` is another word for `verified`
Lane = Literal["foreground", "background"]
Status = Literal["active", "waiting", "suspended", "completed", "cancelled", "expired", "failed"]
ENDED: frozenset[str] = frozenset({"completed", "cancelled", "expired", "failed"})


def place(channel: str, endpoint: str) -> str:
    """Where a step was rendered: the kind of channel and the customer's address there, as one key."""
    return f"{channel}/{endpoint}"


@dataclass(frozen=True, slots=True)
class Wait:
    """Why the run stands still. `token` is the `seq` it began with: taps, timers and handover results must carry it.

    `options` are the option ids in the order of their numbers. `rendered_on` are the places that have seen the
    question. `aside` is a question of ours in front of the author's (`offer`, `cancel`, `agent`), open on `aside_on`.
    `page` is the page of a long menu that was shown last. `letters` stand for the options of a menu in the background,
    in the same order: numbers answer what is in front.
    """

    kind: Literal["input", "handover", "request", "task", "timer", "child", "proof"]
    token: int
    options: tuple[str, ...] = ()
    rendered_on: tuple[str, ...] = ()
    deadline: datetime | None = None
    aside: Literal["", "offer", "cancel", "agent"] = ""
    aside_on: str = ""
    page: int = 1
    letters: tuple[str, ...] = ()

    @property
    def is_for_words(self) -> bool:
        """Does it wait for something that a customer says?"""
        return self.kind in ("input", "proof")

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "token": self.token,
            "options": list(self.options),
            "rendered_on": list(self.rendered_on),
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "aside": self.aside,
            "aside_on": self.aside_on,
            "page": self.page,
            "letters": list(self.letters),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Wait | None:
        if not data:
            return None
        deadline = data.get("deadline")
        return cls(
            kind=data["kind"],
            token=data["token"],
            options=tuple(data.get("options", ())),
            rendered_on=tuple(data.get("rendered_on", ())),
            deadline=datetime.fromisoformat(deadline) if deadline else None,
            aside=data.get("aside", ""),
            aside_on=data.get("aside_on", ""),
            page=data.get("page", 1),
            letters=tuple(data.get("letters", ())),
        )


@dataclass(frozen=True, slots=True)
class Tries:
    """What the run has tried: refused answers at the open step, the answered waits (`~` before what was known and not
    asked), `once` steps, recent entries.

    `entered`: entries per step since `since` (seconds) without a new value; `tapped`: the last accepted `seq:option`;
    `started`: how often each task was begun since it was last done, and under "" how many journeys beneath.
    """

    refused: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    entered: Mapping[str, int] = field(default_factory=dict)
    since: float = 0.0
    tapped: str = ""
    started: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "refused": list(self.refused),
            "answered": list(self.answered),
            "once": list(self.once),
            "entered": dict(self.entered),
            "since": self.since,
            "tapped": self.tapped,
            "started": dict(self.started),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Tries:
        data = data or {}
        return cls(
            refused=tuple(data.get("refused", ())),
            answered=tuple(data.get("answered", ())),
            once=tuple(data.get("once", ())),
            entered=dict(data.get("entered", {})),
            since=data.get("since", 0.0),
            tapped=data.get("tapped", ""),
            started=dict(data.get("started", {})),
        )


@dataclass(frozen=True, slots=True)
class RunState:
    """One run as the engine sees it. `id` is any short text without `:`; it becomes part of button payloads.

    `seq` rises whenever the run moves (not on a reprompt or a re-rendering); `status` follows section 5. A `lane` that
    a turn changed to foreground means that the run has come to the front: what was there is suspended.
    """

    id: str
    step_id: str
    seq: int = 0
    status: Status = "active"
    wait: Wait | None = None
    vars: Mapping[str, Any] = field(default_factory=dict)
    tries: Tries = field(default_factory=Tries)
    steps_total: int = 0
    touched_at: datetime | None = None
    lane: Lane = "foreground"
    given: Mapping[str, Any] = field(default_factory=dict)  # by whoever began it: stays when it begins anew


@dataclass(frozen=True, slots=True)
class Context:
    """What a turn may know. `customer` holds only attributes that this session's proof lets the customer see.

    `language` is the customer's, `channel_language` the channel's default; `place` where the bot speaks this turn.
    `phone` turns a typed number into E.164 or None (`customers.phones`), `public` means others read along. `task` is
    the newest report of the run's task, `link` what the link that began it carried (kept by the run from then on).
    For a run in the background: `taken` are letters of other open menus, `hushed` that letters need a `#` here.
    """

    customer: Mapping[str, Any] = field(default_factory=dict)
    session: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    channel_language: str = ""
    place: str = ""
    assurance: Assurance = "none"
    public: bool = False
    phone: Callable[[str], str | None] | None = None
    task: Mapping[str, Any] = field(default_factory=dict)
    link: Mapping[str, Any] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    hushed: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the customer; `payload` is what a tapped button carried, `at` our clock for this turn."""

    text: str
    at: datetime
    payload: str = ""
    channel: str = ""
    endpoint: str = ""
    content: Content | None = None  # what it brings besides words: a Location, a Media with our id of the file
    link: str = ""  # the word that a deep link or a QR code brought along

    @property
    def place(self) -> str:
        return place(self.channel, self.endpoint)


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from one input: the run as it is now, and the effects in the order they must be carried out."""

    run: RunState
    effects: tuple[Effect, ...] = ()

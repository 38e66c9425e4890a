"""May an open run go on with this message, here and now?

The table of section 8, in one pure function: up to a day automatically, up to a week as an offer, then afresh; never
an answer to a question that was not shown here; nothing at all to a session that has not proven enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from conversations.journeys.definition import Definition
from conversations.journeys.state import RANK, Context, RunState, Wait

Verdict = Literal["answer", "resume", "offer", "expire", "hidden", "waiting"]
AUTO = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decision depends on. `pull` means that the customer opened the channel and has said nothing yet."""

    age: timedelta
    rendered_here: bool
    waits_for_input: bool = True
    step_exists: bool = True
    resume: str = "auto"
    resume_within: timedelta = timedelta(days=7)
    requires: str = "none"
    assurance: str = "none"
    audience: str = "private"
    public: bool = False
    pull: bool = False
    is_due_later: bool = False  # what it waits for, other than words, has its own deadline, and that is not over


def decide(facts: Facts) -> Verdict:
    """`answer` consume it · `resume` say where we were, ask again here · `offer` ask first · `expire` · `hidden` ·
    `waiting` for something else than words. With `pull` an `answer` means that nothing need be said.
    """
    if facts.public and facts.audience != "public":
        return "hidden"
    if not is_enough(facts.assurance, facts.requires):
        return "hidden"
    if not facts.step_exists or (facts.age > facts.resume_within and not facts.is_due_later):
        return "expire"
    if not facts.waits_for_input:
        return "waiting"
    if facts.age > AUTO:
        return "offer"
    if facts.rendered_here:
        return "answer"
    return "offer" if facts.resume == "offer" or facts.pull else "resume"


def is_enough(assurance: str, requires: str) -> bool:
    """Has a session with this assurance proven what is required?"""
    return requires == "none" or RANK.get(assurance, 0) >= RANK.get(requires, 2)


def _is_due_later(wait: Wait | None, now: datetime) -> bool:
    return wait is not None and not wait.is_for_words and wait.deadline is not None and wait.deadline > now


def verdict(version: Definition, run: RunState, now: datetime, context: Context, *, pull: bool = False) -> Verdict:
    """`decide` for a run at `context.place`: runs of a version that was stopped are ended by `inflight`."""
    wait = run.wait
    return decide(
        Facts(
            age=now - (run.touched_at or now),
            rendered_here=wait is not None and context.place in wait.rendered_on and run.status == "waiting",
            waits_for_input=wait is not None and wait.is_for_words,
            step_exists=run.step_id in version.steps,
            resume=version.policy.resume,
            resume_within=version.policy.resume_within,
            # What waits for a proof shows nothing but that.
            requires="none" if wait is not None and wait.kind == "proof" else version.policy.requires,
            assurance=context.assurance,
            audience=version.policy.audience,
            public=context.public,
            pull=pull,
            is_due_later=_is_due_later(wait, now),
        )
    )

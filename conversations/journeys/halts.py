"""Where does a turn stop? At a wait, at the end of the run, at a limit, or where nothing more can be done."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from conversations.journeys import options
from conversations.journeys.commands import PREFIX
from conversations.journeys.effects import Alert
from conversations.journeys.state import Turn
from conversations.journeys.walk import SAME_STEP, SAME_STEP_SECONDS, Walk


class Halt(Enum):
    """The turn stops at this step: it waits, or the run is over."""

    WAITS = "waits"
    ENDED = "ended"


Outcome = str | Halt | None  # the next step's id, a halt, or None past the last step


def limit(walk: Walk, code: str) -> Turn:
    """A limit was reached: one sentence, an agent offered, one alert, and the run is over."""
    walk.said = 0
    _offer_agent(walk, "limit")
    walk.effects.append(Alert("limit_" + code, walk.step_id))
    return walk.finish("failed", "limit_" + code)


def give_up(walk: Walk, reason: str) -> Turn:
    """Another system failed and the author wrote no way on: one sentence, an agent offered, and the run is over."""
    _offer_agent(walk, "trouble")
    return walk.finish("failed", reason)


def is_circling(walk: Walk, step_id: str) -> bool:
    """Was this step entered too often in a short time, without a new value in between? Counts this entry."""
    stamp = walk.now.timestamp()
    if stamp - walk.since > SAME_STEP_SECONDS:
        walk.entered, walk.since = {}, stamp
    walk.entered = walk.entered | {step_id: walk.entered.get(step_id, 0) + 1}
    return walk.entered[step_id] > SAME_STEP


def _offer_agent(walk: Walk, sentence: str) -> None:
    offered = options.aside_rows(walk, "agent")[:1]
    content = options.choice(walk, walk.sentence(sentence), offered)
    # Behind, a number would answer the question in front: the word that works everywhere stands before the label.
    word = walk.sentence("agent_word") if walk.lane == "background" else ""
    taps = tuple(replace(option, payload=PREFIX + option.id, letter=word) for option in content.options)
    walk.say(replace(content, options=taps))

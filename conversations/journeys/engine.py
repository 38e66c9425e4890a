"""What follows from this input? `step(version, run, given, now, context) -> Turn(run', effects)`, and nothing else.

No I/O, no clock, no randomness: the same arguments give the same turn. It never raises on user input, and every turn
ends within the limits of `walk`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from conversations.journeys import arrivals, moves, options, steps
from conversations.journeys.definition import Definition
from conversations.journeys.effects import Say
from conversations.journeys.state import (
    ENDED,
    Again,
    Answer,
    Aside,
    ChildResult,
    Chosen,
    Command,
    Context,
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
    RunState,
    Stale,
    TaskResult,
    Timeout,
    Triggered,
    Turn,
    Waiting,
)
from conversations.journeys.walk import Walk

ERRANDS = frozenset({"request", "task", "journey"})
REPROMPTS = 2  # refused answers that are asked again where the author wrote no reprompt; the next goes to on_invalid


def start(
    version: Definition, now: datetime, context: Context, *, run_id: str = "", values: Mapping[str, Any] | None = None
) -> Turn:
    """Begin a run at the first step. `values` are given by a parent or an API call; vars may have defaults."""
    given = dict(values or {})
    run = RunState(id=run_id, step_id=version.first, vars=version.defaults | given, given=given)
    walk = Walk(version, run, now, context)
    walk.move()
    return steps.follow(walk, version.first)


def begin(version: Definition, run: RunState, step_id: str, now: datetime, context: Context) -> Turn:
    """Begin a run that was forked: at this step, with the vars it was given, in the background lane."""
    walk = Walk(version, replace(run, lane="background", step_id=step_id), now, context)
    walk.move()
    return steps.follow(walk, step_id)


def step(version: Definition, run: RunState, given: Given, now: datetime, context: Context) -> Turn:
    """What one input makes of a run. An ended run is returned as it is; so is one whose result came too late."""
    if run.status in ENDED:
        return Turn(run)
    walk = Walk(version, run, now, context)
    if run.step_id not in version.steps:
        return moves.expire(walk, Expire("step_gone"))
    turn = _MOVES[type(given)](walk, given)
    return steps.limit(walk, walk.cut) if walk.cut and turn.run.status not in ENDED else turn


def prompt(
    version: Definition, run: RunState, now: datetime, context: Context, *, resumed: bool = False
) -> tuple[Say, ...]:
    """The open question as it would be said now, without changing anything: for a screen that shows it once more."""
    walk = Walk(version, run, now, context)
    if run.status not in ENDED and run.step_id in version.steps:
        moves.prompt(walk, resumed=resumed)
    return tuple(effect for effect in walk.effects if isinstance(effect, Say))


def _answer(walk: Walk, given: Answer) -> Turn:
    if not _asks(walk, "ask"):
        return _stale(walk, Stale())
    asked = walk.step
    walk.store(asked, given.value, "answered")
    return _on(walk, asked.data.get("next", asked.next), given.tap)


def _chosen(walk: Walk, given: Chosen) -> Turn:
    if not _asks(walk, "menu"):
        return _stale(walk, Stale())
    menu = walk.step
    if given.option not in (row.id for row in options.rows(walk, menu)):
        return _invalid(walk, Invalid(given.text, walk.sentence("invalid_choice")))
    walk.store(menu, given.option, "chosen")
    return _on(walk, options.option(menu, given.option).get("next", menu.next), given.tap)


def _on(walk: Walk, target: str | None, tap: str) -> Turn:
    walk.tapped, walk.chosen = tap, True
    walk.answered = (*walk.answered, walk.step_id)
    walk.move()
    return steps.follow(walk, target)


def _invalid(walk: Walk, given: Invalid) -> Turn:
    """Reprompt as often as the author wrote sentences for it, then `on_invalid`, else offer an agent."""
    if not _asks(walk, "ask", "menu"):
        return _stale(walk, Stale())
    asked = walk.step
    walk.refused = (*walk.refused, "•••" if walk.private(asked) else given.text[:200])
    walk.record("refused", walk.refused[-1])
    reprompts = asked.data.get("reprompt", ())
    count = len(walk.refused)
    if count <= (len(reprompts) or REPROMPTS):
        words = walk.text(asked, f"reprompt.{count - 1}", reprompts[count - 1]) if reprompts else ""
        walk.say(options.question(walk, asked, words or given.sentence or walk.sentence("invalid_choice")))
        return walk.turn()
    target = asked.data.get("on_invalid")
    if target:
        walk.move()
        return steps.follow(walk, target)
    walk.refused = ()
    steps.offer_agent(walk)
    return walk.turn()


def _stale(walk: Walk, given: Stale) -> Turn:
    if given.is_second:
        return Turn(walk.run)
    return moves.again(walk, walk.sentence("stale"))


def _again(walk: Walk, given: Again) -> Turn:
    return moves.again(walk)


def _timeout(walk: Walk, given: Timeout) -> Turn:
    wait = walk.wait
    if wait is not None and wait.kind == "timer":
        return arrivals.overdue(walk, given)
    target = walk.step.data.get("timeout", {}).get("next")
    if wait is None or wait.kind != "input" or wait.token != given.token or not target:
        return Turn(walk.run)
    walk.record("timed_out")
    walk.move()
    return steps.follow(walk, target)


def _handover_result(walk: Walk, given: HandoverResult) -> Turn:
    wait = walk.wait
    if wait is None or wait.kind != "handover" or wait.token != given.token:
        return Turn(walk.run)
    walk.record(given.outcome)
    asked = walk.step
    if asked.type != "handover":
        return _back_to_question(walk, given.outcome)
    walk.move()
    target = asked.data.get("on", {}).get(given.outcome)
    if target:
        return steps.follow(walk, target)
    if given.outcome != "closed":
        walk.say(walk.sentence(given.outcome))
    return walk.finish("completed" if given.outcome == "closed" else "failed", "handover_" + given.outcome)


def _back_to_question(walk: Walk, outcome: str) -> Turn:
    """The customer's word asked for a human in the middle of a question: it is put again."""
    if outcome != "closed":
        walk.say(walk.sentence(outcome))
    walk.move()
    if walk.step.type in ERRANDS:  # what was waited for was given up with the customer's word; it is not done twice
        return walk.finish("completed" if outcome == "closed" else "failed", "handover_" + outcome)
    if walk.step.type not in ("ask", "menu"):  # there was none yet: a proof was waited for
        return steps.follow(walk, walk.step_id)
    steps.open_wait(walk, walk.step)
    moves.prompt(walk, resumed=True)
    return walk.turn()


def _proven(walk: Walk, given: Proven) -> Turn:
    """The same step once more, now that it may be taken."""
    wait = walk.wait
    if wait is None or wait.kind != "proof" or wait.token != given.token:
        return Turn(walk.run)
    walk.record("proven")
    return moves.enter_again(walk)


def _proving(walk: Walk, given: Proving) -> Turn:
    return Turn(walk.run)


def _asks(walk: Walk, *types: str) -> bool:
    return walk.wait is not None and walk.wait.kind == "input" and walk.step.type in types


_MOVES: dict[type[Any], Callable[[Walk, Any], Turn]] = {
    Answer: _answer,
    Chosen: _chosen,
    Invalid: _invalid,
    Command: moves.command,
    Aside: moves.aside,
    Stale: _stale,
    Again: _again,
    Page: moves.page,
    Resume: moves.resume,
    Offer: moves.offer,
    Expire: moves.expire,
    Hidden: moves.hidden,
    Triggered: moves.triggered,
    Waiting: moves.status,
    Timeout: _timeout,
    HandoverResult: _handover_result,
    Proving: _proving,
    Proven: _proven,
    RequestResult: arrivals.request_result,
    TaskResult: arrivals.task_result,
    ChildResult: arrivals.child_result,
    Rang: arrivals.rang,
    Happened: arrivals.happened,
    Put: moves.put,
}

"""What follows when something arrives that a run waits for: an answer, the end of a job or a journey, a time, an event?

A result carries the `seq` that its wait began with; one that comes too late changes nothing.
"""

from __future__ import annotations

from conversations.journeys import jsonpath, steps
from conversations.journeys.definition import Step
from conversations.journeys.halts import give_up
from conversations.journeys.state import (
    ChildResult,
    Happened,
    Rang,
    RequestResult,
    TaskResult,
    Timeout,
    Turn,
)
from conversations.journeys.walk import Walk


def request_result(walk: Walk, given: RequestResult) -> Turn:
    """Keep what `map` names of a good answer, then the edge of the status, `next`, or `on.error`."""
    if not _waits(walk, "request", given.token, "request"):
        return Turn(walk.run)
    step, is_good = walk.step, not given.error and 200 <= given.status < 300
    walk.record(given.error or str(given.status))
    walk.move()
    if is_good:
        for target, path in step.data.get("map", {}).items():
            walk.assign(target, jsonpath.read(path, given.data))
    on = step.data.get("on", {})
    own = on.get(str(given.status)) if is_good or given.status >= 300 else None
    if own:
        return steps.follow(walk, own)
    if is_good:
        return steps.follow(walk, step.next)
    return steps.follow(walk, on["error"]) if "error" in on else give_up(walk, "request_failed")


def task_result(walk: Walk, given: TaskResult) -> Turn:
    """The edge of the outcome; the last report stays readable as `task`."""
    if not _waits(walk, "task", given.token, "task"):
        return Turn(walk.run)
    step = walk.step
    walk.record(given.outcome)
    walk.move()
    if isinstance(given.data, dict):
        walk.task = jsonpath.kept(given.data) or {}
    if given.outcome == "done":
        walk.started = {name: count for name, count in walk.started.items() if name != step.id}
    target = step.data.get("on", {}).get(given.outcome)
    if target:
        return steps.follow(walk, target)
    if given.outcome == "done":
        return steps.follow(walk, None if step.data.get("background") else step.next)
    return walk.finish("cancelled", "task") if given.outcome == "cancelled" else give_up(walk, "task_failed")


def child_result(walk: Walk, given: ChildResult) -> Turn:
    """`returns` takes the child's vars over; without `on.failed` the run ends as its child did, without a word."""
    if not _waits(walk, "child", given.token, "journey"):
        return Turn(walk.run)
    step = walk.step
    walk.record(given.outcome)
    walk.move()
    on = step.data.get("on", {})
    if given.outcome != "completed":
        return steps.follow(walk, on["failed"]) if "failed" in on else walk.finish(given.outcome, "child")
    values = given.values if isinstance(given.values, dict) else {}
    for target, name in step.data.get("returns", {}).items():
        walk.assign(target, jsonpath.kept(values.get(str(name).removeprefix("vars."))))
    return steps.follow(walk, on.get("done", step.next))


def rang(walk: Walk, given: Rang) -> Turn:
    return _go_on(walk, "rang") if _waits(walk, "timer", given.token, "wait") else Turn(walk.run)


def happened(walk: Walk, given: Happened) -> Turn:
    """What is told with the event stays readable as `event`, until another one is waited for."""
    if not _waits(walk, "timer", given.token, "wait") or given.event != walk.step.data.get("event"):
        return Turn(walk.run)
    walk.event = (jsonpath.kept(given.data) if isinstance(given.data, dict) else None) or {}
    return _go_on(walk, "happened")


def overdue(walk: Walk, given: Timeout) -> Turn:
    """A `for` is over; or what was waited for did not come in time: `on.timeout`, else `next`."""
    if not _waits(walk, "timer", given.token, "wait"):
        return Turn(walk.run)
    step = walk.step
    if "for" in step.data:
        return _go_on(walk, "rang")
    walk.record("timed_out")
    walk.move()
    return steps.follow(walk, step.data.get("on", {}).get("timeout", step.next))


def _go_on(walk: Walk, outcome: str) -> Turn:
    step: Step = walk.step
    walk.record(outcome)
    walk.move()
    return steps.follow(walk, step.next)


def _waits(walk: Walk, kind: str, token: int, step_type: str) -> bool:
    wait = walk.wait
    return wait is not None and wait.kind == kind and wait.token == token and walk.step.type == step_type

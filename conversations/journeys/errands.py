"""What do the steps do that wait for somebody else? A request, a job, a time or event, another journey."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from conversations.journeys import sending
from conversations.journeys.definition import Step, duration
from conversations.journeys.effects import Alert, Await, Call, Fork, SetTimer, StartRun, StartTask
from conversations.journeys.effects import Request as Sent
from conversations.journeys.halts import Halt, Outcome, give_up, is_circling
from conversations.journeys.state import Wait
from conversations.journeys.walk import MAX_CHILDREN, TASK_ATTEMPTS, Walk

TIMER = "journey_timeout"
DEADLINE = timedelta(minutes=15)  # of a task whose author wrote none


def request(walk: Walk, step: Step) -> Outcome:
    """Ask another system once, and wait for what it answers."""
    if is_circling(walk, step.id):
        walk.cut = "circling"
        return Halt.ENDED
    sent = _sent(walk, step, "GET")
    if sent is None:
        return astray(walk, step, "error", "request_refused")
    retry, idempotent = step.data.get("retry", {}), bool(step.data.get("idempotent"))
    walk.effects.append(Call(sent, walk.seq, step.id, retry, idempotent))
    walk.record("sent")
    return _wait(walk, "request")


def task(walk: Walk, step: Step) -> Outcome:
    """Begin a job elsewhere; `background: true` leaves the waiting for it to a run of its own."""
    if step.data.get("background") and walk.lane == "foreground":
        walk.effects.append(Fork(step.id, walk.handed_on()))
        walk.record("forked")
        return step.next
    attempt = walk.started.get(step.id, 0) + 1
    sent = _sent(walk, step, "POST") if attempt <= TASK_ATTEMPTS else None
    if sent is None:
        return astray(walk, step, "failed", "task_refused")
    walk.started = {**walk.started, step.id: attempt}
    walk.task = {}
    deadline = duration(step.data.get("deadline")) or DEADLINE
    cancel = _sent(walk, step, "POST", "cancel") if "cancel" in step.data else None
    progress = str(walk.translated(step, "progress") or "")
    walk.effects.append(StartTask(sent, walk.seq, step.id, deadline, progress, cancel, attempt))
    walk.record("started", attempt)
    return _wait(walk, "task", deadline)


def wait(walk: Walk, step: Step) -> Outcome:
    """Stand still for a time, until opening hours, or until an event."""
    after, most = duration(step.data.get("for")), duration(step.data.get("max"))
    walk.entered = {}
    if after is not None:
        walk.effects.append(SetTimer(TIMER, after, walk.seq))
    else:
        opening, event = step.data.get("until") == "business_hours", str(step.data.get("event", ""))
        walk.event = {} if event else walk.event
        walk.effects.append(Await(walk.seq, step.id, opening, event, most))
    walk.record("waits")
    return _wait(walk, "timer", after or most)


def journey(walk: Walk, step: Step) -> Outcome:
    """Begin another journey beneath this one, and wait for its end."""
    children = walk.started.get("", 0) + 1
    if children > MAX_CHILDREN:
        walk.cut = "children"
        return Halt.ENDED
    walk.started = {**walk.started, "": children}
    walk.come_forward()
    values = {name: walk.value(raw) for name, raw in step.data.get("with", {}).items()}
    walk.effects.append(StartRun(str(step.data["run"]), "child", values))
    walk.record("entered", step.data["run"])
    return _wait(walk, "child")


def astray(walk: Walk, step: Step, edge: str, reason: str) -> Outcome:
    """Where a step goes on when it could do nothing: its edge for that, else it is given up."""
    target = step.data.get("on", {}).get(edge)
    if target:
        return str(target)
    give_up(walk, reason)
    return Halt.ENDED


def _sent(walk: Walk, step: Step, method: str, part: str = "send") -> Sent | None:
    """What to send; None if it may not be sent: the operators learn where, not what."""
    data: dict[str, Any] = step.data.get(part, {})
    try:
        return sending.request(walk, str(step.data.get("connection", "")), data, method)
    except sending.RequestRefused as refused:
        walk.record("refused")
        walk.effects.append(Alert("request_refused", f"{step.id}: {refused}"))
        return None


def _wait(walk: Walk, kind: Any, after: timedelta | None = None) -> Outcome:
    walk.waiting(Wait(kind, walk.seq, rendered_on=(walk.context.place,), deadline=walk.now + after if after else None))
    return Halt.WAITS

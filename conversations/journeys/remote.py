"""How does a job that runs elsewhere begin, end and stop? Its row, its call, its deadline, and who is woken.

What is decided here is a row and a timer; `handover.jobs` tells it and moves the run, and a lost wake-up is found by
the sweep of timers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from django.conf import settings
from django.db import transaction

from common import clock
from conversations import timers
from conversations.journeys import publishing, requests
from conversations.journeys.effects import Call, Request, StartTask
from conversations.journeys.given import RequestResult, TaskResult
from conversations.models import Connection, JourneyRun, RemoteTask, Timer, WebRequest

State = RemoteTask.State

NEWS, DEADLINE = "task_news", "task_deadline"
EVERY = timedelta(seconds=settings.TASK_PROGRESS_EVERY)  # between two words of progress
AGAIN: Mapping[str, Any] = {"attempts": 3}  # under one Idempotency-Key: a job that was taken twice runs once
Outcome = Literal["done", "failed", "timeout", "cancelled"]
OUTCOMES: dict[str, Outcome] = {
    State.DONE: "done", State.FAILED: "failed", State.TIMED_OUT: "timeout", State.CANCELLED: "cancelled",
}  # fmt: skip


def start(*, run: JourneyRun, asked: StartTask, at: datetime) -> RemoteTask:
    """Queues the job's call and its deadline; the run waits for it with `asked.guard`. Needs the run's lock."""
    before = RemoteTask.objects.filter(run=run, step_id=asked.step_id).order_by("-pk").first()
    task = RemoteTask.objects.create(
        run=run,
        customer_id=run.customer_id,
        connection=asked.request.connection,
        step_id=asked.step_id,
        guard=asked.guard,
        progress=asked.progress,
        cancel=_plain(asked.cancel) if asked.cancel else None,
        attempt=asked.attempt,
        retry_of=before if asked.attempt > 1 else None,
        deadline=at + asked.deadline,
        created_at=at,
    )
    call = Call(asked.request, asked.guard, asked.step_id, retry=AGAIN, idempotent=True)
    requests.put(run=run, call=call)
    _wake(DEADLINE, task, task.deadline)
    return task


@transaction.atomic
def answered(*, run: JourneyRun, result: RequestResult) -> bool:
    """Was this the call that begins a job, or one that stops it? Then what came of it is noted; else False.

    A job that was not taken has failed; one that has reported before its call was answered goes on.
    """
    if result.token < 0:
        return True
    found = RemoteTask.objects.select_for_update(no_key=True).filter(run=run, guard=result.token).first()
    if found is None:
        return False
    if result.error or not 200 <= result.status < 300:
        if found.state == State.QUEUED:
            end(found, State.FAILED, clock.now(), reason=result.error or f"http_{result.status}")
    elif found.cancel is None:
        _learn_to_stop(found, result.data)
        if found.state in (State.CANCELLED, State.TIMED_OUT):  # it was not known then how it is stopped
            _stop_elsewhere(found)
    return True


def end(task: RemoteTask, state: State, at: datetime, *, reason: str = "") -> None:
    """The job is over, once; its run is told soon. Needs the task's row lock, and the task open."""
    task.state, task.reason, task.ended_at = state, reason[:32], at
    task.save(update_fields=["state", "reason", "ended_at"])
    timers.stop(kind=DEADLINE, object_id=task.pk)
    tell(task, at)


def tell(task: RemoteTask, at: datetime) -> None:
    """Has the newest report told: an end at once, progress no sooner than half a minute after the last."""
    soonest = at if task.told_at is None or not task.is_open else max(at, task.told_at + EVERY)
    _wake(NEWS, task, soonest)


def was_told(task: RemoteTask, at: datetime) -> None:
    """Somebody has heard the newest report."""
    task.told_seq, task.told_at = task.last_event_seq, at
    task.save(update_fields=["told_seq", "told_at"])


def put_off(task: RemoteTask, at: datetime, rest: timedelta) -> None:
    """Nobody can be told just now: looked at again after a rest."""
    _wake(NEWS, task, at + rest)


def time_out(timer: Timer) -> None:
    """The deadline has passed: whatever comes now is too late, and the other system is told to stop."""
    task = RemoteTask.objects.select_for_update(no_key=True).filter(pk=timer.object_id).first()
    if task is not None and task.is_open:
        end(task, State.TIMED_OUT, clock.now(), reason="deadline")
        _stop_elsewhere(task)


def cancel(task: RemoteTask, at: datetime) -> bool:
    """Somebody does not want it any more: it is over, and the other system is told. False if it was over before.

    Needs the task's row lock.
    """
    if not task.is_open:
        return False
    end(task, State.CANCELLED, at, reason="asked")
    _stop_elsewhere(task)
    return True


def abandon(*, run: JourneyRun, at: datetime) -> None:
    """The run is over: those of its jobs that still run are stopped, and nobody is told. Needs the run's lock."""
    if not any(step.type == "task" for step in publishing.definition(run.version_id).steps.values()):
        return
    for task in RemoteTask.objects.select_for_update(no_key=True).filter(run=run, state__in=RemoteTask.OPEN):
        cancel(task, at)
        settle(task)


def settle(task: RemoteTask) -> None:
    """Its end has reached the run, or nobody waits for it."""
    task.is_settled = True
    task.save(update_fields=["is_settled"])
    timers.stop(kind=NEWS, object_id=task.pk)


def result(task: RemoteTask) -> TaskResult:
    """What the run is given when the job is over."""
    return TaskResult(OUTCOMES[task.state], token=task.guard, data=facts(task))


def facts(task: RemoteTask) -> dict[str, Any]:
    """The root `task` of texts and conditions: the last report, and what we know besides."""
    said = dict(task.report or {})
    return {**said, "state": str(task.state), "attempt": task.attempt, "error": task.reason or said.get("text", "")}


def _stop_elsewhere(task: RemoteTask) -> None:
    """Under a `seq` that no wait has: what is answered is of no interest to the run."""
    if task.cancel is None or WebRequest.objects.filter(run_id=task.run_id, seq=-task.pk).exists():
        return
    call = Call(Request(**task.cancel), -task.pk, task.step_id, retry=AGAIN, idempotent=True)
    requests.put(run=task.run, call=call)


def _learn_to_stop(task: RemoteTask, answer: Any) -> None:
    """The connection names a path that stops a job by the id it has there."""
    path = Connection.objects.filter(key=task.connection).values_list("cancel_path", flat=True).first()
    named = answer.get("id") if isinstance(answer, dict) else None
    if not path or not isinstance(named, str | int):
        return
    where = path.replace("{id}", quote(str(named)[:200], safe=""))
    task.cancel = _plain(Request(task.connection, "POST", where))
    task.save(update_fields=["cancel"])


def _plain(request: Request) -> dict[str, Any]:
    return {
        "connection": request.connection,
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "body": request.body,
    }


def _wake(kind: str, task: RemoteTask, at: datetime) -> None:
    timers.start(kind=kind, object_id=task.pk, due_at=at, customer_id=task.customer_id)

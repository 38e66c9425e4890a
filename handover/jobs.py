"""Who hears what a job elsewhere reports? The customer, where they wrote last; the team, while a human has the floor.

A report never touches the run in front, nor its question: the job's own run takes the end, and progress is only said.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from common import clock
from conversations import events, outbox, sql, threads, timers
from conversations.journeys import remote, stack
from conversations.journeys.scene import Scene
from conversations.models import Conversation, JourneyRun, RemoteTask, Timer
from customers import tombstones
from customers.models import Customer
from handover import following, job_facts, job_places

Owner, Status = Conversation.Owner, JourneyRun.Status
REPORTED = "task_report"  # the kind of event that the team sees
LOOK_AGAIN = timedelta(minutes=1)  # while a human has the floor, or no place takes words


def register() -> None:
    """Says what the timers of jobs do; called in `AppConfig.ready`."""
    timers.on(remote.NEWS, tell)
    timers.on(remote.DEADLINE, remote.time_out)


def tell(timer: Timer) -> None:
    """Something new of a job: told to whoever should hear it now; put off while nobody can."""
    task = RemoteTask.objects.filter(pk=timer.object_id).first()
    if task is None or task.is_settled:
        return
    try:
        root = threads.lock_root(customer_id=task.customer_id)
    except tombstones.Erased:
        return
    conversation = sql.unclosed(root.pk)
    if conversation is not None and conversation.owner_kind != Owner.BOT:
        _tell_the_team(conversation, task.pk)
    elif conversation is not None and outbox.is_hushed(conversation):
        remote.put_off(task, clock.now(), remote.EVERY)
    else:
        _tell_the_customer(root, conversation, task)


def put(scene: Scene, task_id: int) -> None:
    """The newest of a job, here: progress is said, an end is put to the run that waits for it, once."""
    runs = {run.pk: run for run in (*scene.background, *scene.runs)}  # locked before the task, as everywhere
    task = RemoteTask.objects.select_for_update(no_key=True).get(pk=task_id)
    run = runs.get(task.run_id)
    if run is None or not waits(run, task):
        if not task.is_open:
            remote.settle(task)
    elif run.status == Status.SUSPENDED:
        remote.put_off(task, scene.now, remote.EVERY)
    elif task.is_open:
        _say_progress(scene, run, task)
    else:
        remote.settle(task)
        following.move(scene=scene, run=run, given=remote.result(task))


def waits(run: JourneyRun, task: RemoteTask) -> bool:
    """Does the run still wait for this very job?"""
    wait: dict[str, Any] = run.wait or {}
    return wait.get("kind") == "task" and wait.get("token") == task.guard


# --- the customer -----------------------------------------------------------------------------------------------------


def _tell_the_customer(root: Customer, conversation: Conversation | None, task: RemoteTask) -> None:
    now = clock.now()
    run = JourneyRun.objects.select_related("session__identity").get(pk=task.run_id)
    if conversation is None and _is_known_to_the_team(task):
        _drop(root, run, task)  # a human has seen the end, and has closed the matter
        return
    scene = job_places.place(root, run, now)
    if scene is None:
        remote.put_off(task, now, LOOK_AGAIN * (1 if task.is_open else 30))
    else:
        put(scene, task.pk)


def _say_progress(scene: Scene, run: JourneyRun, task: RemoteTask) -> None:
    if task.told_seq == task.last_event_seq:
        return
    if (said := job_facts.said(scene, run, task)) is not None:
        scene.say(said, run=run, step_id=task.step_id)
    remote.was_told(task, scene.now)


def _drop(root: Customer, run: JourneyRun, task: RemoteTask) -> None:
    scene = Scene(threads.lock(conversation_id=run.conversation_id), run.session, root)
    found = next((one for one in (*scene.background, *scene.runs) if one.pk == run.pk), None)
    task = RemoteTask.objects.select_for_update(no_key=True).get(pk=task.pk)
    remote.settle(task)
    if found is not None and waits(found, task):
        stack.end(scene=scene, run=found, status=Status.CANCELLED, reason="closed")


# --- the team ---------------------------------------------------------------------------------------------------------


def _tell_the_team(conversation: Conversation, task_id: int) -> None:
    """One line in the agents' stream for each thing that is new; an end is looked at again when they are done."""
    task = RemoteTask.objects.select_for_update(no_key=True).get(pk=task_id)
    is_new = task.told_seq < task.last_event_seq if task.is_open else not _is_known_to_the_team(task)
    if is_new:
        data = {"task": str(task.public_id), "state": str(task.state), "report": task.last_event_seq}
        events.append(conversation=conversation, kind=REPORTED, actor_kind="system", data=data)
        remote.was_told(task, clock.now())
    if not task.is_open:
        remote.put_off(task, clock.now(), LOOK_AGAIN)


def _is_known_to_the_team(task: RemoteTask) -> bool:
    return task.ended_at is not None and task.told_at is not None and task.told_at >= task.ended_at

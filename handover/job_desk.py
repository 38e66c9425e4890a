"""What may an agent do with a job elsewhere while they have the floor? Tell the customer, begin it again, stop it.

Problem
+-- JobOver    409 job_over    it has ended, or cannot be begun again; `state` says how it is
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from common.problems import Problem
from conversations.content import Text
from conversations.journeys import progress, remote, stack
from conversations.journeys.scene import Scene
from conversations.journeys.walk import TASK_ATTEMPTS
from conversations.models import Conversation, JourneyRun, RemoteTask
from handover import desk, following, holding, job_facts, jobs, refusals
from handover.models import Agent

Owner, State = Conversation.Owner, RemoteTask.State
BAD = (State.FAILED, State.TIMED_OUT, State.CANCELLED)


class JobOver(Problem):
    code, title, status = "job_over", "That cannot be done with this job any more.", 409


@transaction.atomic
def send(*, conversation_id: int, agent: Agent, task_id: UUID) -> None:
    """The newest report goes to the customer as the agent's words; said once, however often it is pressed.

    A job that is done is settled with it: the bot does not say it again.
    """
    scene = _scene(conversation_id, agent)
    run, task = _job(scene, task_id)
    said = (job_facts.said(scene, run, task) if task.is_open else None) or Text(_words(task))
    client_id = f"job:{task.public_id.hex}:{task.last_event_seq}:{task.state}"
    desk.reply(conversation_id=conversation_id, agent=agent, content=said, client_id=client_id)
    if task.state == State.DONE and not task.is_settled:
        remote.settle(task)
        if run.status in JourneyRun.OPEN and jobs.waits(run, task):
            stack.end(scene=scene, run=run, status=JourneyRun.Status.COMPLETED, reason="told")


@transaction.atomic
def retry(*, conversation_id: int, agent: Agent, task_id: UUID) -> None:
    """A job that ended badly is begun again: another task, with a secret of its own; three attempts at most."""
    scene = _scene(conversation_id, agent)
    run, task = _job(scene, task_id)
    if not can_retry(task) or run.status not in JourneyRun.OPEN:
        raise JobOver(job_facts.sentence(task), state=str(task.state))
    remote.settle(task)
    following.carry(scene, run, progress.begin_again(scene=scene, run=run, step_id=task.step_id))


@transaction.atomic
def cancel(*, conversation_id: int, agent: Agent, task_id: UUID) -> None:
    """A job that runs is over, and the other system is told."""
    scene = _scene(conversation_id, agent)
    _, task = _job(scene, task_id)
    if not remote.cancel(task, scene.now):
        raise JobOver(job_facts.sentence(task), state=str(task.state))


def can_retry(task: RemoteTask) -> bool:
    """Has it ended badly, was it begun less than three times, and not again since?"""
    return task.state in BAD and task.attempt < TASK_ATTEMPTS and is_last(task)


def is_last(task: RemoteTask) -> bool:
    """Was it not begun again since?"""
    return not RemoteTask.objects.filter(run_id=task.run_id, step_id=task.step_id, pk__gt=task.pk).exists()


def _scene(conversation_id: int, agent: Agent) -> Scene:
    """The locked conversation, if this agent has the floor there or could take it from its queue."""
    scene = holding.scene(conversation_id, agent)
    if scene.conversation.owner_kind != Owner.QUEUE and not holding.is_owner(scene.conversation, agent):
        raise refusals.NotYours(owner=holding.owner_name(scene.conversation))
    return scene


def _job(scene: Scene, task_id: UUID) -> tuple[JourneyRun, RemoteTask]:
    """The person's job and its run, both locked; nobody else's."""
    runs = {run.pk: run for run in (*scene.background, *scene.runs)}
    mine = RemoteTask.objects.select_for_update(no_key=True, of=("self",)).select_related("run__session__identity")
    task = mine.filter(public_id=task_id, customer__root_id=scene.root.pk).first()
    if task is None:
        raise refusals.NotThere
    return runs.get(task.run_id, task.run), task


def _words(task: RemoteTask) -> str:
    """What a customer can be told of it, without the author's words."""
    report = (task.report or {}).get("text", "")
    return ": ".join(filter(None, (job_facts.sentence(task), report))) + ("" if report.endswith(".") else ".")

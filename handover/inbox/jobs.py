"""How does a job elsewhere stand in the thread, and which button of its line does what?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.problems import Problem
from conversations.models import Conversation, ConversationEvent, RemoteTask
from handover import job_desk, job_facts, jobs, refusals
from handover.inbox import access
from handover.inbox.access import for_agents
from handover.models import Agent

VERBS: dict[str, Callable[..., None]] = {"send": job_desk.send, "retry": job_desk.retry, "cancel": job_desk.cancel}
LABELS = {"send": "Send to customer", "retry": "Retry", "cancel": "Cancel the job"}


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its newest line shows it; `key` is the same for all its lines, `buttons` are (label, address)."""

    key: str
    words: str
    report: str
    error: str
    buttons: Sequence[tuple[str, str]]


def of(rows: Sequence[ConversationEvent]) -> dict[int, Job]:
    """By the seq of the line; only the line that tells the newest of a job has buttons."""
    lines = {row.seq: row for row in rows if row.kind == jobs.REPORTED}
    if not lines:
        return {}
    named = {str(row.data.get("task")) for row in lines.values()}
    found = RemoteTask.objects.filter(public_id__in=named).select_related("run")
    tasks = {str(task.public_id): task for task in found}
    places = Conversation.objects.in_bulk({row.conversation_id for row in lines.values()})
    return {
        seq: _job(row, tasks[str(row.data["task"])], places[row.conversation_id])
        for seq, row in lines.items()
        if str(row.data.get("task")) in tasks
    }


def _job(row: ConversationEvent, task: RemoteTask, conversation: Conversation) -> Job:
    is_newest = (row.data.get("state"), row.data.get("report")) == (task.state, task.last_event_seq)
    is_last = is_newest and job_desk.is_last(task)
    verbs = ["send"] if is_last else []
    verbs += ["retry"] if is_last and job_desk.can_retry(task) else []
    verbs += ["cancel"] if is_last and task.is_open else []
    buttons = [(LABELS[verb], address(conversation, task, verb)) for verb in verbs]
    key = f"{task.run.public_id.hex}-{task.step_id}"
    if is_newest:
        return Job(key, job_facts.sentence(task), job_facts.last_report(task), job_facts.why(task), buttons)
    state = job_facts.STATES.get(str(row.data.get("state")), "")
    return Job(key, f"{job_facts.title(task)} {state}", "", "", ())


def address(conversation: Conversation, task: RemoteTask, verb: str) -> str:
    return reverse("inbox:job", args=[conversation.public_id, task.public_id, verb])


@require_POST
@for_agents
def act(request: HttpRequest, agent: Agent, public_id: UUID, task_id: UUID, verb: str) -> HttpResponse:
    """One button: `send`, `retry` or `cancel`; a refusal is a problem document."""
    conversation = access.conversation_for(agent, public_id)
    try:
        if verb not in VERBS:
            raise refusals.NotThere
        VERBS[verb](conversation_id=conversation.pk, agent=agent, task_id=task_id)
    except Problem as problem:
        return access.refused(problem)
    if access.is_script(request):
        return JsonResponse({"ok": True})
    return redirect("inbox:conversation", public_id)

"""What is there to read of a job elsewhere? Its state in words, its last report, and what went wrong."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from conversations.content import Text
from conversations.journeys import progress, remote, templates
from conversations.journeys.scene import Scene
from conversations.journeys.walk import spoken_language
from conversations.models import JourneyRun, RemoteTask

SHOWN = 5
STATES = {
    "queued": "waits to begin",
    "running": "runs",
    "done": "is done",
    "failed": "has failed",
    "timed_out": "did not finish in time",
    "cancelled": "was cancelled",
}
REASONS = {
    "deadline": "nothing was heard of it in time",
    "asked": "stopped on request",
    "timeout": "the other system did not answer",
    "unanswered": "the other system did not answer",
    "refused": "the connection does not allow it",
    "breaker": "the other system is out of order",
    "disabled": "the connection is switched off",
}


def of_person(root_id: int, run: JourneyRun | None = None) -> list[dict[str, Any]]:
    """The person's running jobs, and the last one of the run that asked for a human; plain data for the card."""
    last = RemoteTask.objects.filter(run=run).order_by("-pk").values("pk")[:1]
    wanted = Q(state__in=RemoteTask.OPEN) | Q(pk__in=last)
    rows = RemoteTask.objects.filter(wanted, customer__root_id=root_id).select_related("run")
    return [_plainly(task) for task in rows.order_by("-pk")[:SHOWN]]


def renewed(stored: Any) -> list[dict[str, Any]]:
    """The jobs of a card as they are by now, each in its last attempt; one that is gone stays as it was written."""
    known = [one for one in stored if isinstance(one, dict)] if isinstance(stored, list) else []
    begun = RemoteTask.objects.filter(public_id__in=[one["task"] for one in known if one.get("task")])
    found = []
    for one in known:
        task = next((task for task in begun if str(task.public_id) == one.get("task")), None)
        found.append(one if task is None else _plainly(last_of(task)))
    return found


def last_of(task: RemoteTask) -> RemoteTask:
    """The last attempt of a job: this task, or what a retry began after it."""
    return RemoteTask.objects.filter(run_id=task.run_id, step_id=task.step_id).select_related("run").latest("pk")


def _plainly(task: RemoteTask) -> dict[str, Any]:
    return {
        "task": str(task.public_id),
        "title": title(task),
        "state": str(task.state),
        "report": last_report(task),
        "error": error(task),
        "attempt": task.attempt,
    }


def title(task: RemoteTask) -> str:
    """The journey that began it."""
    return progress.version_of(task.run).title


def last_report(task: RemoteTask) -> str:
    """The last report in one line, '' if there was none."""
    said = task.report or {}
    step, total = said.get("step"), said.get("total")
    count = f"Step {step} of {total}" if step is not None and total is not None else f"Step {step}" if step else ""
    return " · ".join(filter(None, (count, said.get("text", ""))))


def error(task: RemoteTask) -> str:
    """What went wrong: what the job said of its failure, or why we gave it up; '' if nothing did."""
    return why(task) or (str((task.report or {}).get("text", "")) if task.state == RemoteTask.State.FAILED else "")


def why(task: RemoteTask) -> str:
    """Why it ended where no report says it, '' otherwise."""
    if task.reason.startswith("http_"):
        return f"the other system answered {task.reason.removeprefix('http_')}"
    return REASONS.get(task.reason, task.reason.replace("_", " "))


def sentence(task: RemoteTask) -> str:
    """The state in one line: the job, how it is, what it said last or why it ended."""
    tries = f" (attempt {task.attempt})" if task.attempt > 1 else ""
    return f"{title(task)} {STATES[task.state]}{tries}"


def said(scene: Scene, run: JourneyRun, task: RemoteTask) -> Text | None:
    """The author's words for the newest report; None if it says nothing that they tell."""
    facts = remote.facts(task)
    if not task.progress or not any(facts.get(name) is not None for name in ("step", "total", "text")):
        return None
    version, context = progress.version_of(run), scene.context(run.version_id)
    language = spoken_language(version, context)
    known = {name: version.spoken(name, value, language) for name, value in run.vars.items()}
    scope = {"vars": known, "customer": context.customer, "session": context.session, "context": {}, "task": facts}
    text = templates.fill(task.progress, scope, language=language).text.strip()
    return Text(text) if text else None

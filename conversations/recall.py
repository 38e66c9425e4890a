"""What do we remember, so that nobody asks twice? The open journey, the answers, the last matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from conversations.journeys import progress
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.models import Conversation, JourneyRun
from customers import attributes

WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Recall:
    """The context block for people of ours; what an end user may see of it is decided by `Scene.sees`."""

    name: str = ""
    language: str = ""
    last_journey: dict[str, Any] | None = None
    answers: list[dict[str, str]] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    previous: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "language": self.language,
            "last_journey": self.last_journey,
            "answers": self.answers,
            "channels": self.channels,
            "previous": self.previous,
        }


def block(*, root_id: int, run: JourneyRun | None = None) -> Recall:
    """What an agent should know of the person; `run` is the journey in question, by default the newest open one."""
    known = attributes.values(root_id)
    run = run or open_run(root_id)
    sessions = Conversation.objects.of_person(root_id).values_list("sessions__kind", flat=True)
    return Recall(
        name=str(known.get("name") or ""),
        language=str(known.get("language") or ""),
        last_journey=last_journey(run) if run else None,
        answers=answers(run) if run else [],
        channels=sorted({kind for kind in sessions.distinct() if kind}),
        previous=_previous(root_id),
    )


def open_run(root_id: int) -> JourneyRun | None:
    """The person's newest open journey in the foreground; menus and pre-chat questions are none."""
    rows = JourneyRun.objects.filter(
        customer__root_id=root_id, lane="foreground", purpose="journey", status__in=JourneyRun.OPEN
    ).exclude(version__journey__key=MAIN_MENU)
    return rows.select_related("session").order_by("-touched_at", "-pk").first()


def last_journey(run: JourneyRun, language: str = "") -> dict[str, Any]:
    """Where a journey stands, in plain data."""
    version = progress.version_of(run)
    return {
        "key": version.key,
        "title": version.title,
        "step": run.step_id,
        "label": version.label(run.step_id, language),
        "since": run.started_at.isoformat(),
        "touched_at": run.touched_at.isoformat(),
        "channel": run.last_channel,
        "status": run.status,
    }


def answers(run: JourneyRun, language: str = "") -> list[dict[str, str]]:
    """What was answered so far, in the author's words and order; private values are masked."""
    pairs = progress.version_of(run).answers(run.vars, language)
    return [{"label": label, "value": value} for label, value in pairs]


def greeting(*, scene: Scene) -> str:
    """A word of welcome for somebody proven who comes back within 30 days, in a private place; '' for anybody else."""
    if scene.assurance == "none" or not scene.is_private:
        return ""
    last = _last_closed(scene)
    if last is None:
        return ""
    first = str(scene.attributes.get("first_name") or scene.attributes.get("name") or "").split(" ")[0]
    welcome = f"Good to see you again, {first}." if first else "Good to see you again."
    topic = _topic(last, scene)
    return f"{welcome} Last time it was about: {topic}." if topic else welcome


def is_resolved(*, scene: Scene, within: timedelta) -> bool:
    """Was the last matter closed as resolved, that short a time ago?"""
    last = _last_closed(scene)
    closed_at = last.closed_at if last is not None and last.close_reason == "resolved" else None
    return closed_at is not None and scene.now - closed_at <= within


def _last_closed(scene: Scene) -> Conversation | None:
    since = scene.now - WITHIN
    closed = Conversation.objects.of_person(scene.root.pk).filter(state="closed", closed_at__gt=since)
    return closed.order_by("-closed_at").first()


def _topic(conversation: Conversation, scene: Scene) -> str:
    """The title of the journey that was last spoken about there, if this place may know of it."""
    runs = conversation.runs.filter(purpose="journey").exclude(version__journey__key=MAIN_MENU)
    for run in runs.select_related("session").order_by("-touched_at")[:5]:
        version = progress.version_of(run)
        if progress.is_seen(run, scene) and version.policy.requires == "none":
            return version.title
    return ""


def _previous(root_id: int) -> list[dict[str, Any]]:
    closed = Conversation.objects.of_person(root_id).filter(state="closed").order_by("-closed_at")[:3]
    return [
        {"id": str(one.public_id), "closed_at": one.closed_at and one.closed_at.isoformat(), "reason": one.close_reason}
        for one in closed
    ]

"""What came for a run while the bot could not speak? Kept with the run, and put to it as soon as the bot can.

A human has the floor, no window is open, or another question stands in front: nothing is said then, and nothing lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from conversations import outbox, timers
from conversations.journeys import progress, resume, stack
from conversations.journeys.given import ChildResult, Given, Happened, Rang, RequestResult, TaskResult, Timeout
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.journeys.state import ENDED, Offer, Resume
from conversations.models import Conversation, JourneyRun

TIMER = "journey_kept"  # rings when staff are expected to have written their last from the provider's own app
KINDS: Mapping[str, type[Any]] = {
    kind.__name__: kind for kind in (ChildResult, Happened, Rang, RequestResult, TaskResult, Timeout)
}


def is_awaited(run: JourneyRun, result: Given) -> bool:
    """Does the run still wait for just this? A result carries the `seq` that its wait began with."""
    wait = run.wait or {}
    return run.status not in ENDED and "token" in wait and wait["token"] == getattr(result, "token", None)


def may_come(scene: Scene, run: JourneyRun) -> bool:
    """Does the bot own, and would it put no other open question of the conversation aside?"""
    if scene.conversation.owner_kind != Conversation.Owner.BOT or outbox.is_hushed(scene.conversation):
        return False
    return run.lane == "background" or not any(_is_asking(other, run) for other in scene.runs)


def keep(scene: Scene, run: JourneyRun, result: Given) -> None:
    """The first one stays; needs the run's lock."""
    if kept(run) is None:
        run.result = {"is": type(result).__name__, **asdict(result)}
        run.save(update_fields=["result"])
    hushed_until = scene.conversation.hushed_until
    if hushed_until is not None and hushed_until > scene.now:
        token = (run.wait or {})["token"]
        timers.start(kind=TIMER, object_id=run.pk, due_at=hushed_until, guard=token, customer_id=run.customer_id)


def kept(run: JourneyRun) -> Given | None:
    """What was kept and is still awaited."""
    if not run.result:
        return None
    fields = dict(run.result)
    found: Given = KINDS[fields.pop("is")](**fields)
    return found if is_awaited(run, found) else None


def take(run: JourneyRun) -> Given | None:
    """The same, and it is kept no longer: the caller puts it to the run."""
    found = kept(run)
    if run.result is not None:
        run.result = None
        run.save(update_fields=["result"])
    return found


def way_back(scene: Scene, run: JourneyRun) -> Given | None:
    """What brings a suspended run back: what came for it meanwhile, or its question. None if it is too old, may not
    show here, or still waits for something else."""
    context = scene.context(run.version_id)
    verdict = resume.verdict(progress.version_of(run), progress.state_of(run), scene.now, context)
    if verdict not in ("hidden", "expire") and (kept := take(run)) is not None:
        return kept
    if verdict == "resume":
        return Resume()
    return Offer() if verdict == "offer" else None


def _is_asking(other: JourneyRun, run: JourneyRun) -> bool:
    """Is this another run that waits for the customer's words? A main menu may be left at any time."""
    if other.pk == run.pk or other.status not in (JourneyRun.Status.ACTIVE, JourneyRun.Status.WAITING):
        return False
    return (other.wait or {}).get("kind") in ("input", "proof") and stack.key_of(other) != MAIN_MENU

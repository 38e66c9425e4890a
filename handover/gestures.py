"""What does a press on one of the widget's own buttons mean? Resume, begin again, begin this journey."""

from __future__ import annotations

from conversations.journeys import progress, resume
from conversations.journeys.scene import Scene
from conversations.journeys.state import Again, Command, Expire, Given, Resume
from conversations.models import JourneyRun

Meaning = tuple[JourneyRun, Given] | str | None


def meaning(scene: Scene, action: str, payload: str) -> Meaning:
    """An input for a run, the key of a journey to begin, or None: what names a run unseen here means nothing.

    `resume` (payload: the run's public id) · `restart` · `start:<journey key>`.
    """
    verb, _, key = action.partition(":")
    front = progress.in_front(scene)
    if verb == "resume":
        return _resume(scene, payload.replace("-", ""))
    if verb == "restart" and front is not None:
        return front, Command("restart")
    if verb == "start" and front is not None and not progress.version_of(front).policy.interruptible:
        return front, Again()
    return key if verb == "start" else None


def _resume(scene: Scene, run_id: str) -> Meaning:
    """Once: a run whose open question stands here already needs no word."""
    run = next((run for run in scene.runs if run.public_id.hex == run_id), None)
    if run is None or not progress.is_free(run, scene) or not progress.is_seen(run, scene):
        return None
    context = scene.context(run.version_id)
    verdict = resume.verdict(progress.version_of(run), progress.state_of(run), scene.now, context)
    if verdict == "expire":
        return run, Expire()
    return (run, Resume()) if verdict in ("resume", "offer") else None

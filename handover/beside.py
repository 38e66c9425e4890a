"""Is this message meant for something that goes on beside the conversation? Then it is that run's, not the front's."""

from __future__ import annotations

from collections.abc import Collection

from conversations.journeys import lanes, progress, stack
from conversations.journeys.scene import Scene
from conversations.journeys.state import Context, Given, Heard
from conversations.models import JourneyRun
from handover import following


def took(scene: Scene, front: JourneyRun | None, said: Heard, *, but_not: Collection[JourneyRun]) -> bool:
    """The message was for one that goes on beside; what has just been `asked` again does not take it."""
    found = meant(scene, front, said)
    if found is not None and found[0] not in but_not:
        following.move(scene=scene, run=found[0], given=found[1])
    return found is not None


def meant(scene: Scene, front: JourneyRun | None, said: Heard) -> tuple[JourneyRun, Given] | None:
    """The run in the background that the message answers, and what it means there; None leaves it to the front."""
    behind = {
        run.public_id.hex: run for run in scene.background if stack.is_seen(run, scene) and scene.admits(run.version_id)
    }
    if not behind:
        return None
    runs = [run for run in (front, *behind.values()) if run is not None]
    opened = [_opened(run) for run in behind.values()]
    found = lanes.meant(_opened(front) if front is not None else None, opened, said, _context(scene, runs))
    return None if found is None else (behind[found[0].run.id], found[1])


def _opened(run: JourneyRun) -> lanes.Open:
    return lanes.Open(progress.version_of(run), progress.state_of(run))


def _context(scene: Scene, runs: list[JourneyRun]) -> Context:
    """Whichever of these journeys knows the customer, for their language."""
    contexts = [scene.context(run.version_id) for run in runs]
    return next((context for context in contexts if context.customer), contexts[0])

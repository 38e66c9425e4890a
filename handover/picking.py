"""Does a message take exactly one of the options that stand open? No machine that repeats what it hears does that."""

from __future__ import annotations

from conversations.answers import talk
from conversations.journeys import interpret, progress
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard, Stale
from conversations.models import JourneyRun
from handover import beside


def is_pick(scene: Scene, front: JourneyRun | None, said: Heard) -> bool:
    """By button, label, word or number: of a menu beside the conversation, of the one in front, of offered titles."""
    if (behind := beside.meant(scene, front, said)) is not None:
        return not isinstance(behind[1], Stale)
    if front is not None and front.status != JourneyRun.Status.SUSPENDED and scene.admits(front.version_id):
        version, state = progress.version_of(front), progress.state_of(front)
        if interpret.is_pick(version, state, said, scene.context(front.version_id)):
            return True
    return talk.is_picked(scene, said)

"""How much may the bot say to this? More to who takes one of the options that stand open, as no echo does."""

from __future__ import annotations

from conversations.answers import talk
from conversations.journeys import commands, interpret, progress
from conversations.journeys.scene import Scene
from conversations.journeys.state import Command, Heard, Stale
from conversations.models import JourneyRun
from handover import beside


def measure(scene: Scene, front: JourneyRun | None, said: Heard) -> None:
    """Notes what of the limit of many turns holds now. The way to a human stays open, and ends by itself."""
    is_intake = front is not None and front.purpose == "intake"
    scene.is_excused = is_intake or commands.recognise(said) == Command("agent")
    scene.is_pick = scene.has_said_much and _is_pick(scene, front, said)


def _is_pick(scene: Scene, front: JourneyRun | None, said: Heard) -> bool:
    """By button, label, word or number: of a menu beside the conversation, of the one in front, of offered titles."""
    if (behind := beside.meant(scene, front, said)) is not None:
        return not isinstance(behind[1], Stale)
    if front is not None and front.status != JourneyRun.Status.SUSPENDED and scene.admits(front.version_id):
        version, state = progress.version_of(front), progress.state_of(front)
        if interpret.is_pick(version, state, said, scene.context(front.version_id)):
            return True
    return talk.is_picked(scene, said)

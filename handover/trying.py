"""Does somebody in the sandbox begin a draft that an author wants to try out?"""

from __future__ import annotations

from conversations.journeys import progress, stack, trials
from conversations.journeys.scene import Scene
from conversations.journeys.state import Heard
from conversations.models import JourneyRun
from handover import following


def begins(scene: Scene, said: Heard, action: str = "") -> bool:
    """These words, or the link to this page, are the code of a draft, and nobody said it before: the draft begins,
    whatever else was open."""
    verb, _, word = action.partition(":")
    code = said.link or (word if verb == "start" else said.text)
    version = trials.claim(said=code, channel=scene.session.channel)
    if version is None:
        return False
    for run in [run for run in scene.runs if run.status in JourneyRun.OPEN]:
        stack.end(scene=scene, run=run, status=JourneyRun.Status.CANCELLED, reason="trial")
    started = progress.start(scene=scene, journey=version.journey.key, version_id=version.pk)
    if started is not None:
        following.carry(scene, *started)
    return started is not None

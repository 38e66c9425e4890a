"""What does a message mean to the run that is in front?"""

from __future__ import annotations

from conversations.journeys import progress, publishing
from conversations.journeys.interpret import interpret
from conversations.journeys.scene import Scene
from conversations.journeys.state import Again, Command, Given, Heard
from conversations.models import JourneyRun
from handover import intake


def of(scene: Scene, run: JourneyRun, said: Heard) -> Given:
    """An input for the engine."""
    version, context = progress.version_of(run), scene.context(run.version_id, intake.context(scene, run))
    given = interpret(version, progress.state_of(run), said, context, publishing.table())
    # Who is being asked the pre-chat questions has asked for an agent already.
    return Again() if run.purpose == "intake" and given == Command("agent") else given

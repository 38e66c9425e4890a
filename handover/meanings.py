"""What does a message mean to the run that is in front?"""

from __future__ import annotations

from conversations.journeys import progress, publishing
from conversations.journeys.interpret import interpret
from conversations.journeys.scene import Scene
from conversations.journeys.state import Again, Command, Given, Heard, Hidden
from conversations.models import JourneyRun
from handover import intake


def of(scene: Scene, run: JourneyRun, said: Heard) -> Given:
    """An input for the engine."""
    version, context = progress.version_of(run), scene.context(run.version_id, intake.context(scene, run))
    given = interpret(version, progress.state_of(run), said, context, publishing.table())
    wanted = publishing.table().links.get(said.link)
    if wanted is not None and not isinstance(given, Hidden):  # a link is a wish, whatever its prefilled text says
        may_leave = version.policy.interruptible or wanted.breaking
        return wanted if may_leave and run.purpose != "intake" and wanted.journey != version.key else Again()
    # Who is being asked the pre-chat questions has asked for an agent already.
    return Again() if run.purpose == "intake" and given == Command("agent") else given

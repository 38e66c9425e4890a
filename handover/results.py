"""Who tells a run what another system has answered? The next turn; also one that came while a human had the floor."""

from __future__ import annotations

from conversations.journeys import remote, requests
from conversations.journeys.given import RequestResult
from conversations.journeys.scene import Scene
from conversations.models import JourneyRun
from handover import following, turns


def register() -> None:
    """Says who hears an answer; called in `AppConfig.ready`."""
    requests.on_answer(_hear)


def _hear(run: JourneyRun, result: RequestResult) -> bool:
    """The answer to a call that began a job is the job's; any other is the run's."""
    return remote.answered(run=run, result=result) or turns.advance(run=run, result=result)


def tell_overtaken(scene: Scene, run: JourneyRun) -> bool:
    """Puts the answer that was kept back to the run, if there is one: somebody speaks with the bot again."""
    kept = requests.overtaken(run)
    if kept is None:
        return False
    following.move(scene=scene, run=run, given=kept)
    return True

"""Who tells a run what another system has answered?"""

from __future__ import annotations

from conversations.journeys import remote, requests
from conversations.journeys.given import RequestResult
from conversations.models import JourneyRun
from handover import turns


def register() -> None:
    """Says who hears an answer; called in `AppConfig.ready`."""
    requests.on_answer(_hear)


def _hear(run: JourneyRun, result: RequestResult) -> bool:
    """The answer to a call that began a job is the job's; any other is the run's."""
    return remote.answered(run=run, result=result) or turns.advance(run=run, result=result)

"""Until when does a run stand still that waits for opening hours or for an event?"""

from __future__ import annotations

from datetime import datetime, timedelta

from conversations import timers
from conversations.journeys import progress
from conversations.journeys.definition import Definition, duration
from conversations.journeys.effects import Await
from conversations.journeys.state import Rang
from conversations.journeys.steps import TIMER as TIMEOUT
from conversations.models import JourneyRun
from handover import hours, routing
from handover.models import Queue

OPENS, MOST = "journey_opens", "journey_most"
LOOK_AGAIN = timedelta(minutes=15)  # where nobody knows when a closed team will be there


def begin(run: JourneyRun, wish: Await, now: datetime) -> Rang | None:
    """Sets what ends the wait; `Rang` at once if the team is there now."""
    if wish.most is not None:
        _wind(run, MOST, now + wish.most, wish.guard)
    return look(run, wish.guard, now) if wish.opening else None


def look(run: JourneyRun, guard: int, now: datetime) -> Rang | None:
    """Is the team there whom the run waits for? If not, looks again at the next opening."""
    opens = hours.next_opening(team(run), now)
    if opens is not None and opens <= now:
        return Rang(token=guard)
    _wind(run, OPENS, opens or now + LOOK_AGAIN, guard)
    return None


def team(run: JourneyRun) -> Queue | None:
    """Whose hours count: those of the queue that the journey hands over to next, else the default one's."""
    version = progress.version_of(run)
    step_id = _following(version, run.step_id)
    data = version.steps[step_id].data if step_id else {}
    named, skill = str(data.get("queue", "")), str(data.get("skill", ""))
    return routing.queue_for(name=named, skill=skill)


def wind_again(run: JourneyRun, now: datetime) -> None:
    """A question that is put again has its time again, if that has passed while it was set aside."""
    step = progress.version_of(run).steps.get(run.step_id)
    after = duration(step.data.get("timeout", {}).get("after")) if step else None
    is_open = run.status == JourneyRun.Status.WAITING and (run.wait or {}).get("kind") == "input"
    if after is not None and is_open and not timers.is_running(kind=TIMEOUT, object_id=run.pk):
        _wind(run, TIMEOUT, now + after, run.seq)


def _following(version: Definition, waiting: str) -> str:
    """The handover that comes next after the wait, else the first one of the journey; empty if it has none."""
    steps = list(version.steps)
    place = steps.index(waiting) if waiting in steps else 0
    following = version.steps[waiting].next if waiting in version.steps else None
    ordered = [*([following] if following else []), *steps[place:], *steps]
    return next((step for step in ordered if version.steps[step].type == "handover"), "")


def _wind(run: JourneyRun, kind: str, due: datetime, guard: int) -> None:
    timers.start(kind=kind, object_id=run.pk, due_at=due, guard=guard, customer_id=run.customer_id)

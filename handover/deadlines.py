"""What happens when a run's deadline passes? The step's timeout, unanswered pre-chat questions, a lent ticket."""

from __future__ import annotations

from conversations import threads, timers
from conversations.journeys import steps
from conversations.journeys.scene import Scene
from conversations.journeys.state import Timeout
from conversations.models import JourneyRun, Timer
from handover import intake, tickets, turns


def register() -> None:
    """Says what each kind of timer does; called in `AppConfig.ready`."""
    timers.on(steps.TIMER, _timed_out)
    timers.on(intake.TIMER, _abandoned)
    timers.on(tickets.TIMER, tickets.came_due)


def _timed_out(timer: Timer) -> None:
    run = JourneyRun.objects.select_related("session__identity").filter(pk=timer.object_id).first()
    if run is not None and run.seq == timer.guard:
        turns.advance(run=run, result=Timeout(token=timer.guard))


def _abandoned(timer: Timer) -> None:
    run = JourneyRun.objects.select_related("session__identity").filter(pk=timer.object_id).first()
    if run is None:
        return
    root = threads.lock_root(customer_id=run.customer_id)
    scene = Scene(threads.lock(conversation_id=run.conversation_id), run.session, root)
    found = next((known for known in scene.runs if known.pk == run.pk), None)
    if found is not None and found.seq == timer.guard and found.status == JourneyRun.Status.WAITING:
        intake.abandon(scene, found)

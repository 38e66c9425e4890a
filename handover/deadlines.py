"""What happens when a run's deadline passes? The step's timeout, the end of a pause, pre-chat questions, a ticket."""

from __future__ import annotations

from common import clock
from conversations import sql, threads, timers
from conversations.journeys import steps
from conversations.journeys.scene import Scene
from conversations.journeys.state import Timeout
from conversations.models import JourneyRun, Timer
from handover import abandoning, keeping, parking, parting, pausing, tickets, turns


def register() -> None:
    """Says what each kind of timer does; called in `AppConfig.ready`."""
    timers.on(steps.TIMER, _timed_out)
    timers.on(pausing.MOST, _timed_out)
    timers.on(pausing.OPENS, _opens)
    timers.on(keeping.TIMER, _kept)
    timers.on(abandoning.TIMER, _abandoned)
    timers.on(tickets.TIMER, tickets.came_due)
    timers.on(parking.TIMER, parking.came_due)
    parting.register()


def _timed_out(timer: Timer) -> None:
    run = sql.run(timer.object_id)
    if run is not None and run.seq == timer.guard:
        turns.advance(run=run, result=Timeout(token=timer.guard))


def _opens(timer: Timer) -> None:
    run = sql.run(timer.object_id)
    if run is not None and run.seq == timer.guard and (rang := pausing.look(run, timer.guard, clock.now())):
        turns.advance(run=run, result=rang)


def _kept(timer: Timer) -> None:
    """Staff have stopped writing from the provider's own app: what came for the run meanwhile is put to it."""
    run = sql.run(timer.object_id)
    if run is not None and (result := keeping.kept(run)) is not None:
        turns.advance(run=run, result=result)


def _abandoned(timer: Timer) -> None:
    run = sql.run(timer.object_id)
    if run is None:
        return
    root = threads.lock_root(customer_id=run.customer_id)
    scene = Scene(threads.lock(conversation_id=run.conversation_id), run.session, root)
    found = next((known for known in scene.runs if known.pk == run.pk), None)
    if found is not None and found.seq == timer.guard and found.status == JourneyRun.Status.WAITING:
        abandoning.abandon(scene, found)

"""What if nobody answers the pre-chat questions? After half an hour they count as given up."""

from __future__ import annotations

from conversations import events, timers
from conversations.journeys.scene import Scene
from conversations.models import JourneyRun
from handover import limits

TIMER = "intake"
Status = JourneyRun.Status


def watch(run: JourneyRun, scene: Scene) -> None:
    """Begins anew with every answer."""
    if run.status == Status.WAITING:
        due = scene.now + limits.lasts("INTAKE_ABANDON")
        timers.start(kind=TIMER, object_id=run.pk, due_at=due, guard=run.seq, customer_id=run.customer_id)


def stop(run: JourneyRun) -> None:
    """They were answered, or are not needed any more."""
    timers.stop(kind=TIMER, object_id=run.pk)


def abandon(scene: Scene, run: JourneyRun) -> None:
    """Nobody answered: the run is suspended, the bot stays the owner, nothing was queued."""
    run.status = Status.SUSPENDED
    run.save(update_fields=["status"])
    data = {"reason": "abandoned"}
    events.append(conversation=scene.conversation, session=scene.session, kind="handover_failed", data=data)

"""What was a conversation before one thing was done to many? In plain values, with deadlines, promises and journeys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conversations import timers
from conversations.models import Conversation, Timer
from handover import affinity, parking, runs_before
from handover.models import Reservation
from handover.routing import steps
from handover.timing import clocks, sla

Before = dict[str, Any]  # what it was; `epoch` is the one that the doing left behind

PLAIN = ("mode", "queue_id", "priority", "routing_plan", "plan_step", "park_reason")
TIMES = ("queued_at", "ranked_at", "parked_until", "expires_at")
DEADLINES = (*clocks.ALL, steps.TIMER, parking.TIMER)


def of(conversation: Conversation) -> Before:
    """All that is needed to have it again; under the locks of root and conversation."""
    deadlines = Timer.objects.filter(kind__in=DEADLINES, object_id=conversation.pk)
    return {
        "owner": conversation.owner_kind,
        "owner_id": conversation.owner_id,
        "state": conversation.state,
        "was": conversation.owner_epoch,
        "answered_at": moment(conversation.last_agent_at),
        "offer": offer(conversation),
        "helped": affinity.kept(conversation),
        "promises": [one.pk for one in sla.running(conversation)],
        "deadlines": {kind: due_at.isoformat() for kind, due_at in deadlines.values_list("kind", "due_at")},
        "runs": runs_before.of(conversation),
        **{name: getattr(conversation, name) for name in PLAIN},
        **{name: moment(getattr(conversation, name)) for name in TIMES},
    }


def columns(before: Before) -> dict[str, Any]:
    """Of the conversation's row, but for owner and state."""
    times = {name: before[name] and datetime.fromisoformat(before[name]) for name in TIMES}
    return {**{name: before[name] for name in PLAIN}, **times}


def moved_runs(conversation: Conversation, before: Before) -> dict[str, Any]:
    """Of the person's journeys those that stand elsewhere by now; under the same locks."""
    return runs_before.moved(conversation, before["runs"])


def rewind(conversation: Conversation, before: Before) -> None:
    """Deadlines ring when they would have rung, and journeys are where they were; under the same locks."""
    _rewind(conversation, before["deadlines"])
    if "runs" in before:  # an earlier release noted none
        runs_before.put_back(conversation, before["runs"])


def _rewind(conversation: Conversation, deadlines: dict[str, str]) -> None:
    """An agent whom the plan asks by name is asked again."""
    Timer.objects.filter(kind__in=DEADLINES, object_id=conversation.pk).delete()
    target, epoch = steps.present(conversation), conversation.owner_epoch
    if target is not None and target.agent_id is not None:
        steps.begin(conversation)
        if conversation.owner_epoch != epoch:
            return
    for kind, due_at in deadlines.items():
        guard = steps.guard(conversation) if kind == steps.TIMER else conversation.owner_epoch
        timers.start(
            kind=kind,
            object_id=conversation.pk,
            due_at=datetime.fromisoformat(due_at),
            guard=guard,
            customer_id=conversation.customer_id,
        )


def offer(conversation: Conversation) -> int | None:
    """Which offer is open, if one is."""
    found = Reservation.objects.filter(conversation=conversation, status=Reservation.Status.PENDING)
    return found.values_list("pk", flat=True).first()


def moment(at: datetime | None) -> str | None:
    """As it stands in JSON."""
    return at.isoformat() if at else None

"""Where does an agent say to be? The word is kept, their screens show it, and routing looks again."""

from __future__ import annotations

from django.db import transaction

from conversations import realtime
from handover import owning, presence
from handover.models import Agent
from handover.routing import offers


@transaction.atomic
def say(*, agent: Agent, status: Agent.Status) -> bool:
    """Online, away, busy or offline from now on; whether that is new. Whoever says *online* is back for offers."""
    was_silent = status == Agent.Status.ONLINE and agent.not_responding_at is not None
    if was_silent:
        offers.back(agent=agent)
    if agent.manual_status == status:
        return was_silent
    presence.keep(agent=agent, status=status)
    told = {"type": "status", "data": {"status": str(status)}}
    transaction.on_commit(lambda: realtime.tell(f"agent:{agent.pk}", told))
    realtime.hint(owning.WAKE)
    return True

"""Where does an agent say to be? The word is kept, their screens show it, and routing looks again."""

from __future__ import annotations

from django.db import transaction

from conversations import realtime
from handover import owning, presence
from handover.models import Agent


@transaction.atomic
def say(*, agent: Agent, status: Agent.Status) -> bool:
    """Online, away, busy or offline from now on; whether that is new."""
    if agent.manual_status == status:
        return False
    presence.keep(agent=agent, status=status)
    told = {"type": "status", "data": {"status": str(status)}}
    transaction.on_commit(lambda: realtime.tell(f"agent:{agent.pk}", told))
    realtime.hint(owning.WAKE)
    return True

"""A conversation went into another of the same person: what ends with it, and who is told that it left their desk?"""

from __future__ import annotations

from functools import partial

from django.db import transaction

from conversations import joining, realtime
from conversations.joining import Joined
from conversations.models import Conversation
from handover import owning, sight
from handover.models import Agent
from handover.timing import clocks


def after(joined: Joined) -> None:
    """Its offer is over, its deadlines and promises have ended; whoever goes on with it owes the answer."""
    owning.moved(joined.other, cause=joining.CAUSE)
    if joined.kept.owner_kind != Conversation.Owner.BOT and joined.kept.waiting_on == "us":
        clocks.heard(joined.kept)
    if joined.agent_id is not None:
        _tell(joined, joined.agent_id)


def _tell(joined: Joined, agent_id: int) -> None:
    """The screens of the agent who had it say where it is now, by a link if they may see it there."""
    agents = Agent.objects.select_related("user").in_bulk([agent_id, joined.kept.owner_id or 0])
    before, now = agents.get(agent_id), agents.get(joined.kept.owner_id or 0)
    if before is None or now is None:
        return
    link = str(joined.kept.public_id) if sight.may_see(before, joined.kept) else ""
    data = {"conversation": str(joined.other.public_id), "into": link, "name": "" if now == before else now.name}
    transaction.on_commit(partial(realtime.tell, f"agent:{agent_id}", {"type": "joined", "data": data}))

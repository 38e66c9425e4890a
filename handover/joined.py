"""A conversation went into another of the same person: what ends with it, and who is told that it left their desk?"""

from __future__ import annotations

from functools import partial

from django.db import transaction

from conversations import joining, realtime
from conversations.joining import Joined
from conversations.journeys.scene import Scene
from conversations.models import Conversation, JourneyRun
from handover import intake, owning, sight
from handover.models import Agent
from handover.timing import clocks


def ready() -> None:
    """Called once, when Django is ready."""
    joining.follow(after)


def after(joined: Joined) -> None:
    """Its offer is over, its deadlines and promises have ended; whoever goes on with it owes the answer."""
    owning.moved(joined.other, cause=joining.CAUSE)
    if joined.kept.owner_kind != Conversation.Owner.BOT:
        _spare_questions(joined.kept)
        if joined.kept.waiting_on == "us":
            clocks.heard(joined.kept)
    if joined.agent_id is not None:
        _tell(joined, joined.agent_id)


def _spare_questions(kept: Conversation) -> None:
    """People have it: what was asked before one would come is answered by nobody any more."""
    asking = kept.runs.filter(purpose="intake", status__in=JourneyRun.OPEN).select_related("session__identity").first()
    if asking is not None:
        intake.drop(scene=Scene(kept, asking.session, kept.customer.root), reason="taken_over")


def _tell(joined: Joined, agent_id: int) -> None:
    """The screens of the agent who had it say where it is now, by a link if they may see it there."""
    agents = Agent.objects.select_related("user").in_bulk([agent_id, joined.kept.owner_id or 0])
    before, now = agents.get(agent_id), agents.get(joined.kept.owner_id or 0)
    if before is None or now is None:
        return
    link = str(joined.kept.public_id) if sight.may_see(before, joined.kept) else ""
    data = {"conversation": str(joined.other.public_id), "into": link, "name": "" if now == before else now.name}
    transaction.on_commit(partial(realtime.tell, f"agent:{agent_id}", {"type": "joined", "data": data}))

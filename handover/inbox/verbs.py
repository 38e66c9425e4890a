"""Which verbs make sense for this agent now, and how does the conversation rest, wait for a colleague, or end?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.models import Conversation
from handover import holding
from handover.inbox import staff
from handover.inbox.thread import Head
from handover.models import Agent, Reservation, WrapUp

Owner, State = Conversation.Owner, Conversation.State


@dataclass(frozen=True, slots=True)
class Verbs:
    """What the head offers beside taking, giving back and closing; the desk decides again when one is used."""

    can_assign: bool
    can_escalate: bool
    can_park: bool
    can_unpark: bool
    can_barge_in: bool
    can_reopen: bool
    leads: bool
    parked_by: str = ""
    parked_until: datetime | None = None
    park_reason: str = ""
    offered_to: str = ""
    wraps_until: datetime | None = None
    tags: Sequence[str] = ()


def of(conversation: Conversation, agent: Agent, head: Head) -> Verbs:
    """Three queries more than the head."""
    is_parked = conversation.state == State.PARKED
    leads = not head.is_mine and holding.leads(conversation, agent)
    is_anybodys = head.is_mine or (head.is_open and (leads or head.owner.kind in ("queue", "bot")))
    wrap = _wrap_up(conversation, agent)
    return Verbs(
        can_assign=is_anybodys,
        can_escalate=head.is_open and (head.is_mine or leads or head.owner.kind == "queue"),
        can_park=head.is_mine and conversation.state == State.OPEN,
        can_unpark=is_parked and (head.is_mine or leads),
        can_barge_in=head.is_open and leads and holding.has_agent(conversation),
        can_reopen=conversation.state == State.CLOSED,
        leads=leads,
        parked_by=head.owner.label if is_parked and not head.is_mine else "",
        parked_until=conversation.parked_until if is_parked else None,
        park_reason=conversation.park_reason if is_parked else "",
        offered_to=_offered(conversation) if head.is_open else "",
        wraps_until=wrap.ends_at if wrap else None,
        tags=list(conversation.tags.order_by("tag__title").values_list("tag__title", flat=True)),
    )


def _offered(conversation: Conversation) -> str:
    """The colleague whom a transfer asks now."""
    asked = conversation.reservations.filter(status=Reservation.Status.PENDING, kind=Reservation.Kind.TRANSFER)
    agent_id = asked.values_list("agent_id", flat=True).first()
    return staff.names([agent_id]).get(agent_id, "") if agent_id is not None else ""


def _wrap_up(conversation: Conversation, agent: Agent) -> WrapUp | None:
    if conversation.state != State.CLOSED:
        return None
    return conversation.wrap_ups.filter(agent=agent, done_at__isnull=True).first()

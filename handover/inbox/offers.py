"""What is offered to the agent at this screen, and what do they say to it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.problems import Problem
from conversations import content
from conversations.models import Conversation, Message
from handover.inbox import access, naming
from handover.inbox.access import for_agents
from handover.models import Agent, Reservation
from handover.routing import explaining
from handover.routing import offers as offered

SNIPPET = 120  # characters of what the customer said last


@dataclass(frozen=True, slots=True)
class Offer:
    """One card of the corner; `seconds` are left of `lasts` by the server's clock."""

    id: UUID
    conversation: UUID
    name: str
    kind: str  # of the channel
    words: str
    why: str
    sender: str  # of a colleague who passes it on
    note: str  # of theirs
    since: datetime | None
    seconds: int
    lasts: int


@dataclass(frozen=True, slots=True)
class Corner:
    """Everything that is offered, and whether the agent let one pass; `has_declined` if they said no to it."""

    offers: tuple[Offer, ...]
    is_silent: bool
    has_declined: bool = False


def corner(agent: Agent) -> Corner:
    """What is offered now; one query when there is nothing."""
    rows = list(offered.open_for(agent))
    names = naming.names({row.conversation.customer.root_id for row in rows}) if rows else {}
    found = tuple(_offer(row, agent, names[row.conversation.customer.root_id]) for row in rows)
    silent_since = agent.not_responding_at
    said_no = agent.reservations.filter(answered_at=silent_since, status=Reservation.Status.DECLINED)
    return Corner(found, silent_since is not None, silent_since is not None and said_no.exists())


def html(agent: Agent) -> str:
    """The corner as it stands on every page."""
    return render_to_string("inbox/_offers.html", {"corner": corner(agent)})


@require_safe
@for_agents
def show(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The corner again: after the line was lost."""
    return render(request, "inbox/_offers.html", {"corner": corner(agent)})


def _answering(act: Callable[..., Conversation]) -> Callable[..., HttpResponse]:
    @require_POST
    @for_agents
    def view(request: HttpRequest, agent: Agent, offer_id: UUID) -> HttpResponse:
        try:
            conversation = act(offer_id=offer_id, agent=agent)
        except Problem as problem:
            if access.is_script(request):
                return access.refused(problem)
            messages.error(request, access.said(problem))
            return redirect("inbox:start")
        if access.is_script(request):
            return JsonResponse({"ok": True, "conversation": str(conversation.public_id)})
        if conversation.owner_id == agent.pk and conversation.owner_kind == Conversation.Owner.AGENT:
            return redirect("inbox:conversation", public_id=conversation.public_id)
        return redirect("inbox:start")

    return view  # type: ignore[return-value]  # for_agents answers with HttpResponseBase


accept, decline = _answering(offered.accept), _answering(offered.decline)


@require_POST
@for_agents
def back(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Here again after an offer has passed."""
    offered.back(agent=agent)
    return JsonResponse({"ok": True}) if access.is_script(request) else redirect("inbox:start")


def _offer(row: Reservation, agent: Agent, name: str) -> Offer:
    said = Message.objects.filter(session__conversation=row.conversation, author=Message.Author.CUSTOMER)
    last = said.select_related("session").order_by("-pk").first()
    text = " ".join(content.from_json(last.content).plain_text().split()) if last else ""
    return Offer(
        id=row.public_id,
        conversation=row.conversation.public_id,
        name=name,
        kind=last.session.kind if last else "",
        words=text if len(text) <= SNIPPET else f"{text[:SNIPPET]}…",
        why="" if row.from_agent else explaining.sentence(row.conversation, agent),
        sender=row.from_agent.name if row.from_agent else "",
        note=_note(row),
        since=_since(row),
        seconds=max(0, int((row.expires_at - clock.now()).total_seconds())),
        lasts=max(1, int((row.expires_at - row.offered_at).total_seconds())),
    )


def _note(row: Reservation) -> str:
    """What the colleague wrote to pass it on with."""
    written = row.conversation.notes.filter(kind="note", agent=row.from_agent_id, created_at__lte=row.offered_at)
    note = written.order_by("-pk").first() if row.from_agent_id else None
    return note.text if note else ""


def _since(row: Reservation) -> datetime | None:
    """Since when the customer waits: in the queue, or for a colleague's answer, if they do."""
    conversation = row.conversation
    if conversation.owner_kind == Conversation.Owner.QUEUE:
        return conversation.queued_at
    return conversation.last_customer_at if conversation.waiting_on == "us" else None


doors = [
    path("offers", show, name="offers"),
    path("offers/back", back, name="offers-back"),
    path("offers/<uuid:offer_id>/accept", accept, name="offer-accept"),
    path("offers/<uuid:offer_id>/decline", decline, name="offer-decline"),
]

"""What does the palette offer for what is typed? People, their conversations, macros; the rest is known to the page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from conversations.models import Conversation
from customers import audit
from handover import filters, listing, reads, ready
from handover.filters import Filter
from handover.inbox import access, rows
from handover.inbox.access import for_agents
from handover.models import Agent, Macro

MOST = 8
MACROS = 300  # of more, the list behind a `/` finds the rest
SHORTEST = 3  # characters: less names nobody


@require_safe
@for_agents
def find(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The conversations of those whom the text names, the newest first; counted and noted as a search is."""
    try:
        asked = filters.read({"q": request.GET.get("q", ""), "state": "any"})
    except filters.BadFilter as problem:
        return access.refused(problem)
    if len(asked.q) < SHORTEST:
        return JsonResponse({"found": []})
    return JsonResponse({"found": _found(agent, asked)})


@require_safe
@for_agents
def macros(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """What the agent may have done in this conversation; each leads to what it shows of itself before."""
    found = access.conversation_for(agent, public_id)
    offered = ready.visible(Macro.objects.select_related("queue"), agent).order_by("title", "pk")[:MACROS]
    return JsonResponse({"macros": [_macro(one, found) for one in offered]})


def _macro(macro: Macro, conversation: Conversation) -> dict[str, str]:
    href = reverse("inbox:macro", args=[conversation.public_id, macro.public_id])
    return {"title": macro.title, "about": macro.queue.title if macro.queue else "", "href": href}


def _found(agent: Agent, asked: Filter) -> list[dict[str, str]]:
    listed = list(rows.with_last_message(listing.of(agent, asked)).order_by("-last_message_at")[:MOST])
    audit.record(actor=f"user:{agent.user_id}", action="inbox.search", rows=len(listed))
    reads.note(user_id=agent.user_id, conversations={one.pk for one in listed})
    return [
        {"title": row.name, "about": _about(row), "href": reverse("inbox:conversation", args=[row.id])}
        for row in rows.of(listed)
    ]


def _about(row: rows.Row) -> str:
    return row.owner.label if row.state != "closed" else _("Closed")

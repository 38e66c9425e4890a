"""Who else may this customer be? An agent looks for another one, and proposes the two; nothing is joined here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from conversations.models import Conversation
from customers import audit, finding, pages_suggestions
from customers.models import Customer
from handover.inbox import access, naming, rights
from handover.inbox.access import for_agents
from handover.inbox.person_forms import FindForm
from handover.models import Agent

MOST = 10


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def look(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The form, and on a POST whom the agent may be told of with this identifier; addresses of requests are logged."""
    found = access.conversation_for(agent, public_id)
    context = {**_frame(found, agent), "text": "", "others": None}
    if request.method == "POST":
        form = FindForm(request.POST)
        text = form.cleaned_data["text"] if form.is_valid() else ""
        context |= {"text": text, "others": _others(found, agent, text)}
    name = "_person_look.html" if access.is_script(request) else "person_look.html"
    return render(request, f"inbox/{name}", context)


def _others(conversation: Conversation, agent: Agent, text: str) -> list[dict[str, Any]]:
    """Those who have the identifier, but for this person; who may not be told of is not there."""
    if not text:
        return []
    root = conversation.customer.root_id
    rows = list(rights.people(agent).filter(finding.people(text, rights.newest(agent))).exclude(pk=root)[:MOST])
    audit.record(actor=rights.actor(agent), action="customers.search", rows=len(rows))
    sides = pages_suggestions.sides_of([row.pk for row in rows])
    return [{"root": row, **sides[row.pk]} for row in rows]


def _frame(conversation: Conversation, agent: Agent) -> dict[str, Any]:
    root: Customer = conversation.customer.root
    return {"conversation": conversation, "root": root, "name": naming.names([root.pk])[root.pk], "agent": agent}

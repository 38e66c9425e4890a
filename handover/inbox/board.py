"""What does a supervisor see of their teams? The board, one agent's desk, a conversation over the shoulder, ratings."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from common import clock
from conversations.models import Conversation
from handover import board, holding, leading, sight
from handover.board import leads, scores, staffing
from handover.inbox import access, board_parts, leaders, rows, shell
from handover.models import Agent

HELD_MOST = 50  # conversations of one agent on their sheet
DAYS = ("7", "30", "90")  # of the files with ratings


@require_safe
@leaders.for_leaders
def page(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The board: the whole page, or its parts when a script asks (its line is broken)."""
    scope, now = leads.of(agent), clock.now()
    picture = board.cut(board.read(), scope)
    parts = board_parts.of(picture, board_parts.people(picture))
    context = {
        "agent": agent,
        "totals": parts[board_parts.TOTALS],
        "alarms": parts[board_parts.ALARMS],
        "queues": [html for name, html in parts.items() if name.startswith("bq-")],
        "agents": [html for name, html in parts.items() if name.startswith("ba-")],
        "scores": scores.read(scope, now),
        "days": DAYS,
        "at": now,
    }
    if access.PANE in request.headers:
        return render(request, "inbox/_board.html", context)
    return render(request, "inbox/board.html", {**shell.around(agent), **context})


@require_safe
@leaders.for_leaders
def agent_sheet(request: HttpRequest, agent: Agent, ref: str) -> HttpResponse:
    """One agent: what they hold, and what can be done about it; 404 for those whom the viewer does not lead."""
    of = leaders.led_agent(agent, ref)
    theirs = sight.visible_to(agent).filter(owner_kind="agent", owner_id=of.pk).exclude(state="closed")
    held = rows.of(list(rows.with_last_message(theirs).order_by("-last_message_at")[:HELD_MOST]))
    now = clock.now()
    context = {
        "of": of,
        "ref": ref,
        "held": held,
        "presence": staffing.seen_as(of, now),
        "is_idle": staffing.is_idle(of, now),
        "statuses": shell.statuses(),
        "is_self": of.pk == agent.pk,
    }
    if access.PANE in request.headers:
        return render(request, "inbox/_board_sheet.html", context)
    return render(request, "inbox/board_sheet.html", {**shell.around(agent), **context})


@require_safe
@leaders.for_leaders
def watch(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The thread, to be read only; noted in the audit. One that no agent has is simply opened."""
    found = access.conversation_for(agent, public_id)
    if not holding.leads(found, agent):
        raise Http404
    address = reverse("inbox:conversation", args=[public_id])
    if not holding.has_agent(found) or holding.is_owner(found, agent):
        return redirect(address)
    leading.watch(conversation_id=found.pk, agent=agent)
    return redirect(f"{address}?watch=1")


def is_watching(request: HttpRequest, agent: Agent, conversation: Conversation) -> bool:
    """Is the thread opened over the shoulder of its agent? Then only a whisper can be written."""
    wants = request.GET.get("watch") == "1" and holding.has_agent(conversation)
    return wants and not holding.is_owner(conversation, agent) and holding.leads(conversation, agent)

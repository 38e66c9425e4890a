"""What does a supervisor see of their teams? The board, one agent's desk, a conversation over the shoulder, ratings."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from common import clock
from conversations.models import Conversation
from customers import audit
from customers.mapping_cells import neutral
from handover import board, holding, leading, refusals, sight
from handover.board import Scope, leads, scores, staffing
from handover.inbox import access, board_parts, rows, staff
from handover.inbox.access import for_agents
from handover.models import Agent, Rating

P = ParamSpec("P")
HELD_MOST = 50  # conversations of one agent on their sheet
DAYS = ("7", "30", "90")
COLUMNS = ("asked_at", "answered_at", "score", "comment", "queue", "agent", "channel", "conversation")


def for_leaders(view: Callable[Concatenate[HttpRequest, Agent, P], HttpResponseBase]) -> Callable[..., Any]:
    """For agents who lead a queue, and administrators with a desk; others are told that they do not (403)."""

    @for_agents
    @wraps(view)
    def guarded(request: HttpRequest, agent: Agent, *args: P.args, **kwargs: P.kwargs) -> Any:
        if leads.of(agent):
            return view(request, agent, *args, **kwargs)
        problem = refusals.NotLeading()
        if access.is_script(request):
            return access.refused(problem)
        return render(request, "inbox/board_none.html", {"problem": problem}, status=problem.status)

    return guarded


@require_safe
@for_leaders
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
    is_part = access.PANE in request.headers
    return render(request, "inbox/_board.html" if is_part else "inbox/board.html", context)


@require_safe
@for_leaders
def agent_sheet(request: HttpRequest, agent: Agent, ref: str) -> HttpResponse:
    """One agent: what they hold, and what can be done about it; 404 for those whom the viewer does not lead."""
    of = led_agent(agent, ref)
    theirs = sight.visible_to(agent).filter(owner_kind="agent", owner_id=of.pk).exclude(state="closed")
    held = rows.of(list(rows.with_last_message(theirs).order_by("-last_message_at")[:HELD_MOST]))
    now = clock.now()
    context = {
        "of": of,
        "ref": ref,
        "held": held,
        "presence": staffing.seen_as(of, now),
        "is_idle": staffing.is_idle(of, now),
        "statuses": Agent.Status.choices,
        "is_self": of.pk == agent.pk,
    }
    is_part = access.PANE in request.headers
    return render(request, "inbox/_board_sheet.html" if is_part else "inbox/board_sheet.html", context)


@require_safe
@for_leaders
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


@require_safe
@for_leaders
def ratings(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Every rating that was asked for in the led queues, as CSV with the customers' words; noted in the audit."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in DAYS else 30
    since = clock.now() - timedelta(days=days)
    found = scores.ratings(leads.of(agent)).filter(asked_at__gt=since)
    audit.record(actor=f"user:{agent.user_id}", action="ratings.export", rows=found.count())
    answer = StreamingHttpResponse(_lines(found.iterator(chunk_size=500)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="ratings-{days}-days.csv"'
    return answer


def led_agent(agent: Agent, ref: str) -> Agent:
    """The agent of that name on the wire, if the viewer leads them; else 404."""
    scope: Scope = leads.of(agent)
    known = Agent.objects.filter(is_active=True, user__is_active=True)
    theirs = known if scope.is_all else known.filter(memberships__queue_id__in=scope.queues)
    found = next((pk for pk in theirs.values_list("pk", flat=True).distinct() if staff.ref(pk) == ref), None)
    if found is None:
        raise Http404
    return known.select_related("user").get(pk=found)


def is_watching(request: HttpRequest, agent: Agent, conversation: Conversation) -> bool:
    """Is the thread opened over the shoulder of its agent? Then only a whisper can be written."""
    wants = request.GET.get("watch") == "1" and holding.has_agent(conversation)
    return wants and not holding.is_owner(conversation, agent) and holding.leads(conversation, agent)


def _lines(found: Iterator[Rating]) -> Iterator[str]:
    yield _line(COLUMNS)
    for one in found:
        yield _line(
            (
                one.asked_at.isoformat(),
                one.answered_at.isoformat() if one.answered_at else "",
                "" if one.score is None else str(one.score),
                neutral(one.comment),
                neutral(one.queue.title if one.queue else ""),
                neutral(one.agent.name if one.agent else ""),
                one.session.channel,
                str(one.conversation.public_id),
            )
        )


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()

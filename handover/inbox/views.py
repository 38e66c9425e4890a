"""Which pages and fragments does the inbox show? Nothing here changes anything."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from handover.inbox import access, frames, listed_views, lists, opened, person, shell, timeline
from handover.inbox.access import for_agents
from handover.models import Agent


@require_safe
@for_agents
def start(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The desk opens with the agent's own conversations."""
    return redirect("inbox:view", view="mine")


@require_safe
@for_agents
def view(request: HttpRequest, agent: Agent, view: str) -> HttpResponse:
    """A list: the whole page, or only the pane when a script asks for it."""
    views = lists.views(agent)
    context = listed_views.context(request, agent, views, view)
    wanted = request.headers.get(access.PANE)
    if wanted == "more":
        return render(request, "inbox/_rows.html", context)
    if wanted == "list":
        return render(request, "inbox/_list.html", context)
    return render(request, "inbox/page.html", {**shell.context(agent), **context})


@require_safe
@for_agents
def conversation(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """A thread with its side bar: the whole page, the two panes, what depends on the owner, or who the customer is."""
    found = access.conversation_for(agent, public_id)
    wanted = request.headers.get(access.PANE)
    if wanted == "head":
        return render(request, "inbox/_live_head.html", opened.head(found, agent))
    if wanted == "side":
        side = person.side(found, agent)
        return render(request, "inbox/_person.html", {**opened.named(found, side.at_hand), "side": side})
    context = opened.whole(request, found, agent)
    if wanted == "thread":
        return render(request, "inbox/_panes.html", context)
    views = lists.views(agent)
    listed = listed_views.context(request, agent, views, request.GET.get("view", "mine"), is_beside=True)
    context["back"] = listed["view"].key
    return render(request, "inbox/page.html", {**shell.context(agent), **listed, **context})


@require_safe
@for_agents
def older(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The items before a cursor."""
    found = access.conversation_for(agent, public_id)
    context = {"conversation": found, "stretch": timeline.page(found, before=_number(request, "before"), viewer=agent)}
    return render(request, "inbox/_items.html", context)


@require_safe
@for_agents
def events(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The envelopes past a cursor, as the socket would have brought them; too many are not replayed."""
    found = access.conversation_for(agent, public_id)
    after = _number(request, "after")
    if found.head_seq - after > frames.REPLAY_LIMIT:
        return JsonResponse({"reload": True, "envelopes": []})
    rows = timeline.since(found.pk, after=after)
    items = {item.seq: item for item in timeline.linked((item for _, item in rows if item is not None), agent)}
    envelopes = [frames.envelope(found.public_id, event, items.get(event.seq)) for event, _ in rows]
    return JsonResponse({"reload": False, "envelopes": envelopes})


@require_safe
@for_agents
def counts(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The numbers beside the views, as a page would say them."""
    found = {
        view.key: {"count": view.number, "waiting": view.waits, "unread": view.unread} for view in lists.views(agent)
    }
    return JsonResponse({"views": found})


def _number(request: HttpRequest, name: str) -> int:
    try:
        return max(0, int(request.GET.get(name, "0")))
    except ValueError:
        return 0

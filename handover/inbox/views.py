"""Which pages and fragments does the inbox show? Nothing here changes anything."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from conversations import attachments
from conversations.models import Conversation
from handover import holding
from handover.inbox import (
    access,
    board,
    desk_settings,
    frames,
    listed_views,
    lists,
    naming,
    offers,
    person,
    phrases,
    staff,
    thread,
    timeline,
    verbs,
)
from handover.inbox.access import for_agents
from handover.inbox.forms import LONGEST
from handover.models import Agent
from handover.routing import explaining


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
    return render(request, "inbox/page.html", {**_shell(agent), **context})


@require_safe
@for_agents
def conversation(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """A thread with its side bar: the whole page, the two panes, what depends on the owner, or who the customer is."""
    found = access.conversation_for(agent, public_id)
    wanted = request.headers.get(access.PANE)
    if wanted == "head":
        return render(request, "inbox/_live_head.html", _head_context(found, agent))
    if wanted == "side":
        return render(request, "inbox/_person.html", {**_named(found), "side": person.side(found, agent)})
    context = _thread_context(request, found, agent)
    if wanted == "thread":
        return render(request, "inbox/_panes.html", context)
    views = lists.views(agent)
    listed = listed_views.context(request, agent, views, request.GET.get("view", "mine"))
    return render(request, "inbox/page.html", {**_shell(agent), **listed, **context})


@require_safe
@for_agents
def older(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The items before a cursor."""
    found = access.conversation_for(agent, public_id)
    context = {"conversation": found, "stretch": timeline.page(found, before=_number(request, "before"))}
    return render(request, "inbox/_items.html", context)


@require_safe
@for_agents
def events(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The envelopes past a cursor, as the socket would have brought them; too many are not replayed."""
    found = access.conversation_for(agent, public_id)
    after = _number(request, "after")
    if found.head_seq - after > frames.REPLAY_LIMIT:
        return JsonResponse({"reload": True, "envelopes": []})
    items = timeline.since(found.pk, after=after)
    envelopes = [frames.envelope(found.public_id, event, item) for event, item in items]
    return JsonResponse({"reload": False, "envelopes": envelopes})


@require_safe
@for_agents
def counts(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The numbers beside the views."""
    found = {
        view.key: {"count": view.number, "waiting": view.waiting, "unread": view.unread} for view in lists.views(agent)
    }
    return JsonResponse({"views": found})


def _shell(agent: Agent) -> dict[str, Any]:
    return {
        "agent": agent,
        "me": f"agent:{staff.ref(agent.pk)}",
        "statuses": [(value, _(title)) for value, title in Agent.Status.choices],
        "longest": LONGEST,
        "say": phrases.sayings(),
        "corner": offers.corner(agent),
        **desk_settings.shell(agent),
    }


def _head_context(found: Conversation, agent: Agent) -> dict[str, Any]:
    ways, head = thread.choices(found), thread.head(found, agent)
    return {
        **_named(found),
        "head": head,
        "verbs": verbs.of(found, agent, head),
        "why": explaining.why(found, agent, leads=holding.leads(found, agent)),
        "choices": ways,
        "passed_over": thread.passed_over(ways),
        "card": thread.card(found),
    }


def _named(found: Conversation) -> dict[str, Any]:
    name = naming.names([found.customer.root_id])[found.customer.root_id]
    return {"conversation": found, "name": name}


def _thread_context(request: HttpRequest, found: Conversation, agent: Agent) -> dict[str, Any]:
    return {
        **_head_context(found, agent),
        "stretch": timeline.page(found),
        "side": person.side(found, agent),
        "is_watching": board.is_watching(request, agent, found),
        "back": request.GET.get("view", "mine"),
        "longest": LONGEST,
        "upload_max": attachments.UPLOAD_MAX,
        "client_id": uuid4(),
        "phrases": phrases.composer(found, agent),
    }


def _number(request: HttpRequest, name: str) -> int:
    try:
        return max(0, int(request.GET.get(name, "0")))
    except ValueError:
        return 0

"""What can an agent do with lists that have a name? Make, rename, move and delete them, by plain forms."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.problems import Problem
from handover import filters, saved_views
from handover.inbox import access
from handover.inbox.access import for_agents
from handover.models import Agent, Queue, SavedView

EVERYBODY = "all"


class ViewForm(forms.Form):
    """A name, and a filter as a query string."""

    title = forms.CharField(max_length=60, strip=True)
    filter = forms.CharField(max_length=2000, required=False)
    shared = forms.CharField(max_length=80, required=False)
    move = forms.ChoiceField(choices=[("up", "up"), ("down", "down")], required=False)


@require_POST
@for_agents
def create(request: HttpRequest, agent: Agent) -> HttpResponse:
    """From the filter at hand."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        return _no(request, _("A view needs a name of at most 60 characters."))
    given = form.cleaned_data
    try:
        asked = filters.read(QueryDict(given["filter"]).dict(), agent)
        queue = _queue(agent, given["shared"])
        is_shared = given["shared"] == EVERYBODY
        made = saved_views.create(agent=agent, title=given["title"], asked=asked, queue=queue, is_shared=is_shared)
    except Problem as problem:
        return _no(request, access.said(problem), problem)
    return redirect("inbox:view", view=f"view-{made.public_id.hex}")


@require_POST
@for_agents
def change(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """Another name, the filter at hand, or another place."""
    view, form = _found(agent, public_id), ViewForm(request.POST)
    if not form.is_valid():
        return _no(request, _("A view needs a name of at most 60 characters."))
    given = form.cleaned_data
    try:
        asked = filters.read(QueryDict(given["filter"]).dict(), agent) if given["filter"] else None
        saved_views.change(agent=agent, view=view, title=given["title"], asked=asked)
        if given["move"]:
            saved_views.arrange(agent=agent, ids=_moved(agent, view, given["move"]))
    except Problem as problem:
        return _no(request, access.said(problem), problem)
    return redirect("inbox:view", view=f"view-{view.public_id.hex}")


@require_POST
@for_agents
def remove(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """Gone."""
    try:
        saved_views.remove(agent=agent, view=_found(agent, public_id))
    except Problem as problem:
        return _no(request, access.said(problem), problem)
    return redirect("inbox:start")


def _found(agent: Agent, public_id: UUID) -> SavedView:
    """One that the agent has in their list; somebody else's own view and none look alike."""
    view = saved_views.visible_to(agent).filter(public_id=public_id).first()
    if view is None:
        raise Http404
    return view


def _queue(agent: Agent, shared: str) -> Queue | None:
    kind, _colon, key = shared.partition(":")
    if kind != "queue":
        return None
    queue = next((queue for queue in filters.queues_of(agent) if queue.key == key), None)
    if queue is None:
        raise saved_views.NotYourView()
    return queue


def _moved(agent: Agent, view: SavedView, way: str) -> list[UUID]:
    """The views beside this one in their new order."""
    beside = saved_views.visible_to(agent).filter(owner=view.owner_id, queue=view.queue_id)
    ids = list(beside.values_list("public_id", flat=True))
    place = ids.index(view.public_id)
    ids.insert(max(0, place + (-1 if way == "up" else 1)), ids.pop(place))
    return ids


def _no(request: HttpRequest, words: str, problem: Problem | None = None) -> HttpResponse:
    if access.is_script(request) and problem is not None:
        return access.refused(problem)
    messages.error(request, words)
    return redirect("inbox:start")

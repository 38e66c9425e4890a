"""Whom does the board open for, and whose sheet? Those who lead a queue, and the agents who work there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from handover import refusals
from handover.board import leads
from handover.inbox import access, staff
from handover.models import Agent

P = ParamSpec("P")


def for_leaders(view: Callable[Concatenate[HttpRequest, Agent, P], HttpResponseBase]) -> Callable[..., Any]:
    """For agents who lead a queue, and administrators with a desk; others are told that they do not (403)."""

    def guarded(request: HttpRequest, agent: Agent, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if leads.of(agent):
            return view(request, agent, *args, **kwargs)
        problem = refusals.NotLeading()
        if access.is_script(request):
            return access.refused(problem)
        return render(request, "inbox/board_none.html", {"problem": problem}, status=problem.status)

    return access.for_agents(guarded)


def led_agent(agent: Agent, ref: str) -> Agent:
    """The agent of that name on the wire, if the viewer leads them; else 404."""
    scope = leads.of(agent)
    known = Agent.objects.filter(is_active=True, user__is_active=True)
    theirs = known if scope.is_all else known.filter(memberships__queue_id__in=scope.queues)
    found = next((pk for pk in theirs.values_list("pk", flat=True).distinct() if staff.ref(pk) == ref), None)
    if found is None:
        raise Http404
    return known.select_related("user").get(pk=found)

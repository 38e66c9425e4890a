"""What can a supervisor do from the board? Let an agent finish, say that they are away; each is audited."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.problems import Problem
from handover import leading
from handover.inbox import access
from handover.inbox.actions import read
from handover.inbox.forms import StatusForm
from handover.inbox.leaders import for_leaders, led_agent
from handover.models import Agent


class DrainForm(forms.Form):
    on = forms.ChoiceField(choices=[("1", "on"), ("0", "off")])


@require_POST
@for_leaders
def drain(request: HttpRequest, agent: Agent, ref: str) -> HttpResponse:
    """No new work for them, or work again."""
    of = led_agent(agent, ref)

    def act() -> str:
        is_on = read(DrainForm, request).cleaned_data["on"] == "1"
        leading.drain(agent=agent, of=of, is_on=is_on)
        said = _("%(name)s gets nothing new.") if is_on else _("%(name)s gets work again.")
        return said % {"name": of.name}

    return _answer(request, act)


@require_POST
@for_leaders
def status(request: HttpRequest, agent: Agent, ref: str) -> HttpResponse:
    """As if they had chosen it themselves; their own word replaces it."""
    of = led_agent(agent, ref)

    def act() -> str:
        chosen = Agent.Status(read(StatusForm, request).cleaned_data["status"])
        leading.set_status(agent=agent, of=of, status=chosen)
        return _("%(name)s counts as %(status)s.") % {"name": of.name, "status": chosen.label}

    return _answer(request, act)


def _answer(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    try:
        said = act()
    except Problem as problem:
        if access.is_script(request):
            return access.refused(problem)
        messages.error(request, access.said(problem))
        return redirect("inbox:board")
    if access.is_script(request):
        return JsonResponse({"ok": True, "said": said})
    messages.success(request, said)
    return redirect("inbox:board")

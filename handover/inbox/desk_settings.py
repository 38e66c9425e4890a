"""What has an agent set for their own desk? Sounds, notices of the system, the language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from handover.inbox import access
from handover.inbox.access import for_agents
from handover.inbox.actions import BadForm
from handover.models import Agent
from handover.models.team import desk_languages


class DeskForm(forms.Form):
    """Everything at once, as the menu shows it."""

    sounds = forms.BooleanField(required=False)
    notifications = forms.BooleanField(required=False)
    language = forms.ChoiceField(choices=desk_languages)


@require_POST
@for_agents
def change(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The desk as the agent wants it; `reload` when the page must be drawn in another language."""
    form = DeskForm(request.POST)
    if not form.is_valid():
        return access.refused(BadForm())
    given, before = form.cleaned_data, agent.language
    agent.hears_sounds, agent.sees_notifications = given["sounds"], given["notifications"]
    agent.language = given["language"]
    agent.save(update_fields=["hears_sounds", "sees_notifications", "language"])
    if access.is_script(request):
        return JsonResponse({"reload": before != agent.language})
    with override(agent.language):
        messages.success(request, _("Your settings are kept."))
    return redirect("inbox:start")


def initials(name: str) -> str:
    """Two letters for a round badge."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def shell(agent: Agent) -> dict[str, Any]:
    """What the menu at the top shows."""
    return {"languages": desk_languages(), "initials": initials(agent.name)}


doors = [path("settings", change, name="settings")]

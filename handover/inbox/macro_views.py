"""What does an agent see of a macro before it is done, and of each step after? A dialog over the thread."""

from __future__ import annotations

from uuid import UUID, uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from conversations.models import Conversation
from handover import macros, ready
from handover.inbox import access
from handover.inbox.access import for_agents
from handover.models import Agent, Macro


class RunForm(forms.Form):
    """The same `client_id` again does nothing twice."""

    client_id = forms.UUIDField()
    seen_seq = forms.IntegerField(required=False, min_value=0)
    seen_epoch = forms.IntegerField(required=False, min_value=0)


@require_http_methods(["GET", "POST"])
@for_agents
def macro(request: HttpRequest, agent: Agent, public_id: UUID, macro_id: UUID) -> HttpResponse:
    """GET: every step in words; POST: they are done in order, and what became of each is said."""
    chosen = get_object_or_404(ready.visible(Macro.objects.all(), agent), public_id=macro_id)
    found = _found(request, agent, public_id, chosen)
    context = {"conversation": found, "macro": chosen, "client_id": uuid4()}
    if request.method == "GET":
        planned = macros.steps(macro=chosen, conversation=found, agent=agent)
        return render(request, "inbox/_macro.html", {**context, "steps": planned})
    form = RunForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    outcomes = macros.run(macro=chosen, conversation=found, agent=agent, **form.cleaned_data)
    is_whole = all(outcome.state == "done" for outcome in outcomes)
    return render(request, "inbox/_macro_done.html", {**context, "outcomes": outcomes, "is_whole": is_whole})


def _found(request: HttpRequest, agent: Agent, public_id: UUID, chosen: Macro) -> Conversation:
    """What the agent may see; also what this very run took out of their sight, whose form comes again because the first
    answer was lost: of that nothing is shown but what became of the steps."""
    try:
        return access.conversation_for(agent, public_id)
    except Http404:
        form = RunForm(request.POST)
        if not form.is_valid() or macros.passed_on(chosen, public_id, agent, form.cleaned_data["client_id"]) < 0:
            raise
    return get_object_or_404(Conversation.objects.select_related("customer"), public_id=public_id)

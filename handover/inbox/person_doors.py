"""What do all forms of the side panel share? The conversation they stand beside, an answer in words, and a way back.

Everything that a form names is looked up below the conversation that the agent may see: what is somebody else's is 404.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from common.problems import Problem
from conversations.models import Conversation
from customers import pages_words
from handover.inbox import access
from handover.inbox.access import for_agents
from handover.inbox.actions import BadForm
from handover.models import Agent


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it, in words; `undo` is the address that takes it back."""

    say: str
    undo: str = ""


Verb = Callable[..., Done]


def about(verb: Verb) -> Callable[..., HttpResponse]:
    """A POST about the customer of a conversation that the agent may see."""

    @require_POST
    @for_agents
    def view(request: HttpRequest, agent: Agent, /, public_id: UUID, **named: Any) -> HttpResponse:
        found = access.conversation_for(agent, public_id)
        try:
            done = verb(request, agent, found, **named)
        except Problem as problem:
            problem.detail = problem.detail or pages_words.BLOCKED.get(problem.code, "")
            return no(request, found, problem)
        if access.is_script(request):
            return JsonResponse({"ok": True, "say": done.say, "undo": done.undo})
        messages.success(request, done.say)
        return redirect("inbox:conversation", found.public_id)

    view.__name__ = verb.__name__
    return view  # type: ignore[return-value]  # for_agents answers with HttpResponseBase


def read(form_class: type[Form], request: HttpRequest) -> dict[str, Any]:
    """What the form says, or `BadForm`."""
    form = form_class(request.POST)
    if not form.is_valid():
        raise BadForm("; ".join(str(errors[0]) for errors in form.errors.values()))
    return form.cleaned_data


def no(request: HttpRequest, conversation: Conversation, problem: Problem) -> HttpResponse:
    """A refusal: a problem document for scripts, a message on the thread for browsers without them."""
    if access.is_script(request):
        return access.refused(problem)
    messages.error(request, access.said(problem))
    return redirect("inbox:conversation", conversation.public_id)

"""What does an agent see who picks a template, and what happens when one is sent? A page, and the same as a dialog."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from channels_app import offers
from common.problems import Problem
from conversations.models import Conversation
from handover.inbox import access, naming
from handover.models import Agent

FEW = 3  # templates that are overlooked without a search
VALUE = "value:"  # the fields of a form that fill places


class BadForm(Problem):
    code, title, status = "invalid", "The form cannot be read.", 400


class PickForm(forms.Form):
    """Which template, over which session; the values are read apart."""

    template = forms.UUIDField()
    session = forms.UUIDField(required=False)
    client_id = forms.UUIDField()
    seen_seq = forms.IntegerField(required=False, min_value=0)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_agents
def pick(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """GET: what can be sent; POST: it is sent, or refused in words."""
    found = access.conversation_for(agent, public_id)
    if request.method == "POST":
        return _sent(request, agent, found)
    whole = access.PANE not in request.headers
    return render(request, "inbox/templates.html" if whole else "inbox/_templates.html", _context(found))


def _sent(request: HttpRequest, agent: Agent, conversation: Conversation) -> HttpResponse:
    form = PickForm(request.POST)
    values = {name.removeprefix(VALUE): text for name, text in request.POST.items() if name.startswith(VALUE)}
    try:
        if not form.is_valid():
            raise BadForm()
        asked = form.cleaned_data
        offers.send(
            conversation=conversation,
            agent=agent,
            template=asked["template"],
            values={name: str(text) for name, text in values.items()},
            client_id=str(asked["client_id"]),
            session=asked["session"],
            seen_seq=asked["seen_seq"],
        )
    except Problem as problem:
        if access.is_script(request):
            return access.refused(problem)
        messages.error(request, access.said(problem))
        return redirect("inbox-templates", public_id=conversation.public_id)
    if access.is_script(request):
        return JsonResponse({"ok": True})
    return redirect("inbox:conversation", public_id=conversation.public_id)


def _context(conversation: Conversation) -> dict[str, Any]:
    root = conversation.customer.root_id
    found = offers.offers(conversation)
    shown = [{"offer": offer, "label": naming.way(offer.session)} for offer in found]
    rows = [one.row for offer in found for one in offer.templates]
    return {
        "languages": sorted({row.language for row in rows}),
        "is_long": len(rows) > FEW,
        "conversation": conversation,
        "name": naming.names([root])[root],
        "shown": shown,
        "client_id": uuid4(),
        "value": VALUE,
    }

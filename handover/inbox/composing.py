"""What does the composer ask while somebody writes? Drafts, ready words, colleagues; the customer hears none of it."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.models import Session
from handover import canned, drafts, macros, mentions, ready
from handover.inbox import access, nextup
from handover.inbox.access import for_agents
from handover.inbox.forms import LONGEST
from handover.models import Agent, Macro

COLLEAGUES = 12


class DraftForm(forms.Form):
    """Words begun; none wipe the draft. `screen` is the window's own name, so that it is not told of itself."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in drafts.KINDS])
    text = forms.CharField(max_length=LONGEST, strip=False, required=False)
    session = forms.UUIDField(required=False)
    screen = forms.CharField(max_length=40, required=False)


@require_http_methods(["GET", "POST"])
@for_agents
def draft(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """GET: what this agent has begun here; POST: it reads so now. Whose draft it is is never asked: one's own."""
    found = access.conversation_for(agent, public_id)
    if request.method == "GET":
        return JsonResponse({kind: drafts.told(one) for kind, one in drafts.of(found, agent).items()})
    form = DraftForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"code": "invalid", "title": "This draft cannot be kept."}, status=400)
    given = form.cleaned_data
    session = Session.objects.filter(conversation=found, public_id=given["session"]).first()
    revision = drafts.keep(
        conversation=found,
        agent=agent,
        kind=given["kind"],
        text=given["text"],
        session_id=session.pk if session else None,
        screen=given["screen"],
    )
    return JsonResponse({"revision": revision})


@require_safe
@for_agents
def ready_words(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """What may be chosen behind a `/`: replies with their places filled in, then macros."""
    found = access.conversation_for(agent, public_id)
    typed = request.GET.get("q", "")[:60].replace("\0", "").strip()
    found_macros = macros.matching(ready.visible(Macro.objects.select_related("queue"), agent), typed)
    context = {
        "conversation": found,
        "found": canned.find(conversation=found, agent=agent, typed=typed),
        "macros": found_macros.order_by("title", "pk")[: canned.MOST],
        "typed": typed,
    }
    return render(request, "inbox/_ready.html", context)


@require_safe
@for_agents
def colleagues(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """Whom a note may name behind an `@`: agents who may see this conversation."""
    found = access.conversation_for(agent, public_id)
    typed = request.GET.get("q", "")[:60].strip().casefold()
    here = [
        one
        for one in mentions.colleagues(found, but=agent)
        if typed in one.name.casefold() or one.user.username.casefold().startswith(typed)
    ]
    return render(request, "inbox/_colleagues.html", {"found": here[:COLLEAGUES]})


@require_POST
@for_agents
def mentions_seen(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The notes of this conversation are on the agent's screen."""
    found = access.conversation_for(agent, public_id)
    return JsonResponse({"seen": mentions.seen(conversation=found, agent=agent)})


@require_safe
@for_agents
def marks(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What only this agent's lists show: where they have begun to write, and how often they were named."""
    begun = sorted(str(one) for one in drafts.begun(agent))
    return JsonResponse({"drafts": begun, "mentions": mentions.unseen(agent)})


@require_safe
@for_agents
def next_one(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Which conversation waits for this agent next, other than `but`; '' when nobody waits."""
    try:
        but = UUID(request.GET.get("but", ""))
    except ValueError:
        but = None
    return JsonResponse({"url": nextup.url(agent, but=but)})

"""What can an agent do about the customer beside the thread? Each form calls one verb; a refusal is a problem document.

Everything that a form names is looked up below the conversation that the agent may see: what is somebody else's is 404.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.ids import uuid7
from common.problems import Problem
from conversations.models import Conversation
from customers import audit, consent, editing, merging, pages_words, settling, suggestions
from customers.models import Conflict, Customer, Identity, Link, MatchSuggestion
from handover.inbox import access, person, rights
from handover.inbox.access import for_agents
from handover.inbox.actions import BadForm
from handover.inbox.person_forms import ConsentForm, FactForm, ProposeForm, SettleForm
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
    def view(request: HttpRequest, agent: Agent, public_id: UUID, **named: Any) -> HttpResponse:
        found = access.conversation_for(agent, public_id)
        try:
            done = verb(request, agent, found, **named)
        except Problem as problem:
            problem.detail = problem.detail or pages_words.BLOCKED.get(problem.code, "")
            return _no(request, found, problem)
        if access.is_script(request):
            return JsonResponse({"ok": True, "say": done.say, "undo": done.undo})
        messages.success(request, done.say)
        return redirect("inbox:conversation", found.public_id)

    view.__name__ = verb.__name__
    return view  # type: ignore[return-value]  # for_agents answers with HttpResponseBase


@about
def fact(request: HttpRequest, agent: Agent, conversation: Conversation) -> Done:
    """A fact as the agent heard it; checked with the customer, it holds against what is only said."""
    given = _read(FactForm, request)
    kept = editing.edit(
        customer=conversation.customer.root,
        key=given["key"],
        text=given["value"],
        by=rights.actor(agent),
        seen=given["seen"] or 0,
        is_verified=given["verified"],
    )
    return Done("Saved." if kept else "Noted. What is there was verified, so that somebody has to settle the two.")


@about
def settle(request: HttpRequest, agent: Agent, conversation: Conversation, conflict_id: UUID) -> Done:
    """Keep, use or edit a value. What becomes of an address takes the permission that it takes elsewhere."""
    mine = Conflict.objects.filter(customer__root_id=conversation.customer.root_id)
    given = _read(SettleForm, request)
    if not given["choice"].isdecimal() and given["choice"] not in ("own", "dismiss"):
        rights.needs(agent, "change")
    found = get_object_or_404(mine, public_id=conflict_id)
    by = rights.actor(agent)
    return Done(settling.settle(conflict=found, choice=given["choice"], own=given["own"], by=by))


@about
def propose(request: HttpRequest, agent: Agent, conversation: Conversation) -> Done:
    """This customer and another one may be the same person; who may join them decides."""
    given = _read(ProposeForm, request)
    other = get_object_or_404(rights.people(agent), public_id=given["other"])
    by, root = rights.actor(agent), conversation.customer.root
    suggestions.propose(one=root, other=other, by=by, note=given["note"])
    audit.record(actor=by, action="suggestion.propose", object_id=str(root.public_id))
    return Done("Proposed. Somebody who may join customers decides.")


@about
def match(request: HttpRequest, agent: Agent, conversation: Conversation, suggestion_id: UUID, verb: str) -> Done:
    """Accept joins the two, reject says for good that they are two, snooze asks again in a week."""
    root = conversation.customer.root_id
    mine = MatchSuggestion.objects.shown().filter(Q(a__root_id=root) | Q(b__root_id=root))
    if verb != "snooze":
        rights.needs(agent, "merge")
    found = get_object_or_404(mine.select_related("a__root", "b__root"), public_id=suggestion_id)
    if verb == "accept":
        return _accept(found, agent, conversation)
    if verb == "reject":
        suggestions.reject(suggestion=found, actor=rights.actor(agent), reason="rejected at the desk")
        audit.record(actor=rights.actor(agent), action="suggestion.reject", object_id=str(found.public_id))
        return Done("They are two people; nobody is asked again.")
    suggestions.snooze(suggestion=found, actor=rights.actor(agent))
    return Done("Asked again in a week.")


@about
def undo(request: HttpRequest, agent: Agent, conversation: Conversation, link_id: UUID) -> Done:
    """Parts what one link joined, of any age."""
    rights.needs(agent, "split")
    mine = Link.objects.live().of_cluster(conversation.customer.root_id)
    link, by = get_object_or_404(mine, public_id=link_id), rights.actor(agent)
    event = merging.split(links=[link], actor=by, request_id=f"undo:{link_id}", reason="undone at the desk")
    audit.record(actor=by, action="customer.split", object_id=str(link.public_id))
    still = "Other links still join them." if len(event.root_after) == 1 else "They are two customers again."
    return Done(f"The link is undone. {still}")


@about
def allow(request: HttpRequest, agent: Agent, conversation: Conversation) -> Done:
    """One more word of consent, with how we know."""
    given, by = _read(ConsentForm, request), rights.actor(agent)
    mine = Identity.objects.live().of_cluster(conversation.customer.root_id)
    address = get_object_or_404(mine, public_id=given["address"])
    evidence = {"note": given["evidence"], "actor": by}
    consent.record(
        identity=address, purpose=given["purpose"], state=given["state"], occurred_at=given["at"], evidence=evidence
    )
    audit.record(actor=by, action="consent.record", object_id=str(address.public_id))
    return Done("The word is added; the newest one by its time holds.")


@require_POST
@for_agents
def reveal(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The addresses whole, for who may see them; it is written down who did."""
    found = access.conversation_for(agent, public_id)
    try:
        rights.needs(agent, "reveal")
    except Problem as problem:
        return _no(request, found, problem)
    root: Customer = found.customer.root
    audit.record(actor=rights.actor(agent), action="identity.reveal", object_id=str(root.public_id))
    addresses, facts = person.whole(root)
    if not access.is_script(request):
        return render(request, "inbox/person_whole.html", {"conversation": found, "shown": addresses, "facts": facts})
    shown = {str(row.public_id): text for row, _, text in addresses}
    return JsonResponse({"addresses": shown, "facts": person.hidden(root, facts)})


def _accept(found: MatchSuggestion, agent: Agent, conversation: Conversation) -> Done:
    by, request_id = rights.actor(agent), f"suggestion:{uuid7()}"
    done = suggestions.accept(suggestion=found, actor=by, request_id=request_id)
    audit.record(actor=by, action="customer.merge", object_id=str(done.root.public_id), request_id=request_id)
    can_undo = done.link is not None and rights.of(agent).split
    back = reverse("inbox:person-undo", args=[conversation.public_id, done.link.public_id]) if can_undo else ""  # type: ignore[union-attr]  # can_undo says so
    return Done("They are one person now.", back)


def _read(form_class: type[Form], request: HttpRequest) -> dict[str, Any]:
    form = form_class(request.POST)
    if not form.is_valid():
        raise BadForm("; ".join(str(errors[0]) for errors in form.errors.values()))
    return form.cleaned_data


def _no(request: HttpRequest, conversation: Conversation, problem: Problem) -> HttpResponse:
    if access.is_script(request):
        return access.refused(problem)
    messages.error(request, problem.detail or problem.title)
    return redirect("inbox:conversation", conversation.public_id)

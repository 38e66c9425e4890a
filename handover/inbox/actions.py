"""What can an agent do from the screen? Each form calls one verb of the desk; a refusal is a problem document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from common import clock
from common.problems import Problem
from conversations import attachments
from conversations.content import Content, Text
from conversations.models import Conversation
from handover import desk, drafts, presence, sight
from handover.inbox import access, files
from handover.inbox.access import for_agents
from handover.inbox.forms import ClaimForm, CloseForm, StatusForm, WordsForm
from handover.models import Agent
from handover.routing import offers

P = ParamSpec("P")
Verb = Callable[Concatenate[HttpRequest, Agent, Conversation, P], None]


class BadForm(Problem):
    code = "invalid"
    title = "The form cannot be read."
    status = 400


def on_conversation(verb: Callable[[HttpRequest, Agent, Conversation], Any]) -> Callable[..., HttpResponse]:
    """A POST on a conversation that the agent may see; answers 200 with what the verb says of it, or the refusal.

    `gone`: the agent has given it to somebody whose conversations they do not see; also when the same form comes
    again, because the first answer was lost.
    """

    @require_POST
    @for_agents
    def view(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
        try:
            found = access.conversation_for(agent, public_id)
        except Http404:
            if access.was_done(request, agent, public_id):
                return _gone(request)
            raise
        try:
            said = verb(request, agent, found) or ""
        except Problem as problem:
            return _no(request, found, problem)
        except desk.NoSuchWay:
            return _no(request, found, BadForm("session: no way to this customer"))
        is_gone = not sight.visible_to(agent).filter(pk=found.pk).exists()
        if access.is_script(request):
            return JsonResponse({"ok": True, "said": str(said), "gone": is_gone})
        if said:
            messages.success(request, said)
        return redirect("inbox:start" if is_gone else _thread(request, found))

    view.__name__ = verb.__name__
    return view  # type: ignore[return-value]  # for_agents answers with HttpResponseBase


@on_conversation
def reply(request: HttpRequest, agent: Agent, conversation: Conversation) -> None:
    """To the customer; claims by itself."""
    given = read(WordsForm, request).cleaned_data
    with transaction.atomic():  # the words are sent, or they are a draft: never both, never neither
        desk.reply(
            conversation_id=conversation.pk,
            agent=agent,
            content=_content(agent, conversation, given),
            client_id=str(given["client_id"]),
            way=given["session"],
            seen_seq=given["seen_seq"],
            force=given["force"],
            written_at=given["written"],
        )
        _sent(agent, conversation, "reply", given)


@on_conversation
def note(request: HttpRequest, agent: Agent, conversation: Conversation) -> None:
    """To the team only."""
    words = read(WordsForm, request).cleaned_data
    if not words["text"]:
        raise BadForm("text: a note has words")
    with transaction.atomic():
        desk.note(conversation_id=conversation.pk, agent=agent, text=words["text"], client_id=str(words["client_id"]))
        _sent(agent, conversation, "note", words)


@on_conversation
def claim(request: HttpRequest, agent: Agent, conversation: Conversation) -> None:
    """Mine from now on; the bot is silent."""
    seen = read(ClaimForm, request).cleaned_data["seen_epoch"]
    desk.claim(conversation_id=conversation.pk, agent=agent, seen_epoch=seen)


@on_conversation
def close(request: HttpRequest, agent: Agent, conversation: Conversation) -> None:
    """Done."""
    seen = read(CloseForm, request).cleaned_data["seen_seq"]
    desk.close(conversation_id=conversation.pk, agent=agent, seen_seq=seen)


@require_POST
@for_agents
def status(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Online, away, busy or offline by the agent's own word."""
    form = StatusForm(request.POST)
    if not form.is_valid():
        return access.refused(BadForm())
    presence.declare(agent=agent, status=form.cleaned_data["status"])
    if agent.manual_status == Agent.Status.ONLINE:
        offers.back(agent=agent)
    return JsonResponse({"status": agent.manual_status}) if access.is_script(request) else redirect("inbox:start")


@require_POST
@for_agents
def keys(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Single-key shortcuts on or off."""
    agent.uses_single_keys = request.POST.get("on") == "1"
    agent.save(update_fields=["uses_single_keys"])
    return JsonResponse({"on": agent.uses_single_keys}) if access.is_script(request) else redirect("inbox:start")


@require_POST
@for_agents
def heartbeat(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Presence while the socket is away; `input` says that somebody has typed or pointed meanwhile."""
    now = clock.now()
    presence.heartbeat(agent=agent, at=now)
    if request.POST.get("input") == "1":
        presence.touched(agent=agent, at=now)
    return HttpResponse(status=204)


def read(form_class: type[Form], request: HttpRequest) -> Form:
    form = form_class(request.POST)
    if not form.is_valid():
        raise BadForm("; ".join(f"{name}: {errors[0]}" for name, errors in form.errors.items()))
    return form


def _content(agent: Agent, conversation: Conversation, given: dict[str, Any]) -> Content:
    """The words, or the agent's own upload for this customer with the words below it."""
    if given["file"] is None:
        return Text(given["text"])
    try:
        found = attachments.waiting(
            public_id=given["file"],
            uploader=files.uploader(agent),
            client_id=str(given["client_id"]),
            root_id=conversation.customer.root_id,
        )
    except attachments.NotAvailable as error:
        raise BadForm("file: it is not there any more, attach it again") from error
    return attachments.as_content(found, caption=given["text"])


def _sent(agent: Agent, conversation: Conversation, kind: str, given: dict[str, Any]) -> None:
    drafts.drop(conversation=conversation, agent=agent, kind=kind, revision=given["draft"], screen=given["screen"])


def _gone(request: HttpRequest) -> HttpResponse:
    done = {"ok": True, "said": "", "gone": True}
    return JsonResponse(done) if access.is_script(request) else redirect("inbox:start")


def _no(request: HttpRequest, conversation: Conversation, problem: Problem) -> HttpResponse:
    if access.is_script(request):
        return access.refused(problem)
    messages.error(request, access.said(problem))
    return redirect(_thread(request, conversation))


def _thread(request: HttpRequest, conversation: Conversation) -> str:
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/inbox/"):
        return back
    return reverse("inbox:conversation", args=[conversation.public_id])

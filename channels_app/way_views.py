"""How does an agent lead a customer to another channel? A page of ways, the same as a dialog, and one press."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from channels_app import leading, spots
from common.problems import Problem
from conversations import answerable
from conversations.models import Conversation, Message, Session
from handover import desk, holding
from handover.inbox import access, naming
from handover.models import Agent


class NoSession(Problem):
    code, title, status = "not_writable", "This address cannot be written to now.", 409


class WayForm(forms.Form):
    """From where to where; sent once however often the button is pressed."""

    session = forms.UUIDField()
    to = forms.SlugField(max_length=64)
    client_id = forms.UUIDField()
    seen_seq = forms.IntegerField(required=False, min_value=0)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_agents
def ways(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """GET: the ways from each address; POST: the link is on its way, or refused in words."""
    found = access.conversation_for(agent, public_id)
    if request.method == "POST":
        return _sent(request, agent, found)
    whole = access.PANE not in request.headers
    return render(request, "inbox/ways.html" if whole else "inbox/_ways.html", _context(found))


def send(*, conversation: Conversation, agent: Agent, asked: dict[str, Any]) -> None:
    """The link as the agent's reply; while the bot speaks, in nobody's name, so that it goes on speaking."""
    session = next((one for one in _open(conversation) if one.public_id == asked["session"]), None)
    if session is None:
        raise NoSession
    client_id = str(asked["client_id"])
    if _is_sent(session, client_id):
        return
    spot = spots.Spot(session.identity, session.channel)
    content = leading.invitation(spot=spot, to=asked["to"])
    with transaction.atomic():
        conversation = holding.scene(conversation.pk, agent).conversation
        if _is_sent(session, client_id):
            return
        if conversation.owner_kind == Conversation.Owner.BOT:
            if asked["seen_seq"] is not None:
                holding.refuse_unseen(conversation, asked["seen_seq"])
            spots.speak(spot, content, client_id=client_id)
            return
        desk.reply(
            conversation_id=conversation.pk,
            agent=agent,
            content=content,
            client_id=client_id,
            way=session.public_id,
            seen_seq=asked["seen_seq"],
        )


def _is_sent(session: Session, client_id: str) -> bool:
    return Message.objects.filter(session=session, client_id=client_id).exists()


def _sent(request: HttpRequest, agent: Agent, conversation: Conversation) -> HttpResponse:
    form = WayForm(request.POST)
    try:
        if not form.is_valid():
            raise NoSession
        send(conversation=conversation, agent=agent, asked=form.cleaned_data)
    except Problem as problem:
        if access.is_script(request):
            return access.refused(problem)
        messages.error(request, access.said(problem))
        return redirect("inbox-ways", public_id=conversation.public_id)
    if access.is_script(request):
        return JsonResponse({"ok": True})
    return redirect("inbox:conversation", public_id=conversation.public_id)


def _open(conversation: Conversation) -> list[Session]:
    """Where free words can be sent now and nobody else reads them."""
    options = answerable.here(conversation=conversation)
    return [option.session for option in options if option.is_open and not option.session.is_public_place]


def _context(conversation: Conversation) -> dict[str, Any]:
    root = conversation.customer.root_id
    shown = [
        {"session": session, "label": naming.label(session.identity), "ways": leading.ways(here=session.channel)}
        for session in _open(conversation)
    ]
    name = naming.names([root])[root]
    return {"conversation": conversation, "name": name, "shown": shown, "client_id": uuid4()}

"""How does an agent get at files, and hand in new ones? Access is asked for each time; the link lives for minutes."""

from __future__ import annotations

from urllib.parse import unquote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from common.files import File
from common.parsing import FILE_NAME_HEADER
from common.problems import Problem
from conversations import attachments, events, filelinks, showing
from conversations.filelinks import Part
from conversations.models import Attachment, Message
from handover import sight
from handover.inbox import access
from handover.inbox.access import for_agents
from handover.models import Agent


@require_safe
@for_agents
def show(request: HttpRequest, agent: Agent, public_id: UUID, part: Part = "file") -> HttpResponse:
    """To the file, or its small copy, by a link that was made for this moment."""
    found = _seen(agent, public_id)
    if found.state != Attachment.State.STORED or (part == "thumb" and not found.thumb):
        raise Http404
    return HttpResponseRedirect(filelinks.for_person(found.public_id, part))


@require_POST
@for_agents
def again(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """A file that could not be fetched is fetched once more."""
    return JsonResponse({"ok": attachments.fetch_again(attachment=_seen(agent, public_id))})


@require_POST
@for_agents
def upload(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The body is the file; the answer names it for the reply that carries it."""
    conversation = access.conversation_for(agent, public_id)
    try:
        made = attachments.upload(file=read(request), customer_id=conversation.customer_id, uploader=uploader(agent))
    except Problem as problem:
        return access.refused(problem)
    return JsonResponse(showing.shown(made).to_json(), status=201)


def uploader(agent: Agent) -> str:
    """Who may send what this agent has uploaded: nobody else."""
    return f"agent:{agent.pk}"


def read(request: HttpRequest) -> File:
    """The file in a request's body, not one byte more than may be taken."""
    content = request.read(attachments.UPLOAD_MAX + 1)
    name = unquote(request.headers.get(FILE_NAME_HEADER, "")[:20_000], errors="replace")
    return File(content, request.content_type or "", name)


def _seen(agent: Agent, public_id: UUID) -> Attachment:
    """The file of a message that the agent may see, or an upload of their own; else 404."""
    found = Attachment.objects.select_related("message__session", "customer").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    if found.message is None:
        if found.uploader != uploader(agent):
            raise Http404
    elif not sight.visible_to(agent).filter(pk__in=_places(found.message)).exists():
        raise Http404
    return found


def _places(message: Message) -> set[int]:
    """Where it was said, and where its session goes on."""
    return {events.log_of(message), message.session.conversation_id}

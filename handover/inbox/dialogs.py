"""What does each of the desk's dialogs ask? Drawn when it is opened, so that who is there is as of now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.problems import Problem
from conversations.models import Conversation
from handover import blocking, going_back, holding, transferring
from handover.inbox import access, naming, targets
from handover.inbox.access import for_agents
from handover.inbox.desk_forms import PRESETS, REASON_TITLES
from handover.models import Agent, Disposition, Tag

Asked = Callable[[Conversation, Agent], dict[str, Any]]


@require_safe
@for_agents
def dialog(request: HttpRequest, agent: Agent, public_id: UUID, name: str) -> HttpResponse:
    """A dialog's form: alone for a script, else as a page of its own."""
    found = access.conversation_for(agent, public_id)
    asked = ASKED.get(name)
    if asked is None:
        raise Http404
    person = naming.names([found.customer.root_id])[found.customer.root_id]
    context = {"conversation": found, "dialog": f"inbox/_dialog_{name}.html", "name": person, **asked(found, agent)}
    is_part = access.PANE in request.headers
    return render(request, context["dialog"] if is_part else "inbox/dialog.html", context)


def _assign(conversation: Conversation, agent: Agent) -> dict[str, Any]:
    is_free = conversation.owner_kind != Conversation.Owner.AGENT
    return {
        "is_mine": holding.is_owner(conversation, agent),
        "can_claim": is_free and conversation.state == Conversation.State.OPEN,
        "queues": targets.queues(conversation),
        "agents": targets.agents(conversation, agent),
        "leads": holding.leads(conversation, agent),
        "can_pass_on": conversation.owner_kind != Conversation.Owner.BOT,
        "client_id": uuid4(),
    }


def _escalate(conversation: Conversation, agent: Agent) -> dict[str, Any]:
    found = transferring.behind(conversation)
    return {
        "reasons": REASON_TITLES,
        "queues": targets.queues(conversation),
        "behind": f"queue:{found.key}" if found else "",
        "client_id": uuid4(),
    }


def _park(conversation: Conversation, agent: Agent) -> dict[str, Any]:
    return {"presets": PRESETS}


def _release(conversation: Conversation, agent: Agent) -> dict[str, Any]:
    try:
        with transaction.atomic():  # a scene is read under its locks
            return {"places": going_back.places(holding.scene(conversation.pk, agent))}
    except Problem as problem:  # it has gone on elsewhere
        raise Http404 from problem


def _topics(conversation: Conversation, agent: Agent) -> dict[str, Any]:
    last = conversation.wrap_ups.order_by("-pk").first()
    given = set(conversation.tags.values_list("tag__key", flat=True))
    known = Tag.objects.filter(is_archived=False).order_by("title")
    return {
        "topics": [(tag.key, tag.title, tag.key in given) for tag in known],
        "dispositions": Disposition.objects.filter(is_archived=False).order_by("title"),
        "chosen": last.disposition_id if last else None,
        "is_closed": conversation.state == Conversation.State.CLOSED,
    }


def _block(conversation: Conversation, agent: Agent) -> dict[str, Any]:
    if not blocking.may(agent):
        raise Http404
    return {"reasons": blocking.REASONS, "client_id": uuid4()}


ASKED: dict[str, Asked] = {
    "assign": _assign, "escalate": _escalate, "park": _park, "topics": _topics, "block": _block, "release": _release,
}  # fmt: skip

"""May this message be sent once more? Only by an agent's wish, and never over somebody who has taken over since.

Problem
+-- NotFailed     409 not_failed     no part of it failed or got lost, or it is on its way again already
+-- Overtaken     409 overtaken      the bot decided to say it before somebody took over
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from channels_app import delivery, policy
from common.problems import Problem
from conversations import threads
from conversations.models import Delivery, Message
from handover import sight
from handover.inbox import access
from handover.models import Agent

AGAIN = (Delivery.State.FAILED, Delivery.State.UNKNOWN)


class NotFailed(Problem):
    code, title, status = "not_failed", "This message has not failed, or it is being sent again already.", 409


class Overtaken(Problem):
    code, title, status = "overtaken", "Somebody took over after the bot had decided to say this.", 409


@require_POST
@access.for_agents
def retry(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """The button below a message: 200, 404 for what the agent may not see, or the refusal."""
    seen = sight.visible_to(agent)
    message = Message.objects.filter(public_id=public_id, session__conversation__in=seen).first()
    if message is None:
        raise Http404
    try:
        send_again(message=message)
    except Problem as problem:
        return access.refused(problem)
    return JsonResponse({"ok": True})


@transaction.atomic
def send_again(*, message: Message) -> int:
    """Queues every part that failed or whose end nobody knows; returns how many. Event `delivery` for each."""
    parts = list(message.deliveries.filter(state__in=AGAIN).order_by("part"))
    if not parts:
        raise NotFailed()
    conversation = threads.lock(conversation_id=parts[0].conversation_id)
    epoch = conversation.owner_epoch
    if any(policy.is_overtaken(fence_epoch=part.fence_epoch, owner_epoch=epoch) for part in parts):
        raise Overtaken()
    queued = sum(delivery.retry(delivery_id=part.pk) for part in parts)
    if not queued:
        raise NotFailed()
    return queued

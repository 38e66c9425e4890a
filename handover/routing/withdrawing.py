"""Who was asked, and works here no longer, or not in that team? What they were offered is taken back at once."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from conversations import realtime, threads
from conversations.models import Conversation
from handover import owning
from handover.models import Agent, Membership, Queue, Reservation
from handover.routing import offers
from handover.routing.targets import Plan

EXPLICIT = 6  # the rule by which a step names an agent, whatever their queues

Kind, Status = Reservation.Kind, Reservation.Status


def look() -> int:
    """One look at everything that is offered; returns how many offers were taken back."""
    pending = list(Reservation.objects.filter(status=Status.PENDING).select_related("conversation"))
    if not pending:
        return 0
    asked = {offer.agent_id for offer in pending}
    works: dict[int, set[int]] = {pk: set() for pk in _active(asked)}
    for agent_id, queue_id in Membership.objects.filter(agent_id__in=asked).values_list("agent_id", "queue_id"):
        works.get(agent_id, set()).add(queue_id)
    return sum(_take_back(offer) for offer in pending if not _may_answer(offer, works.get(offer.agent_id)))


def _active(agent_ids: Collection[int]) -> list[int]:
    here = Agent.objects.filter(pk__in=agent_ids, is_active=True, user__is_active=True)
    return list(here.values_list("pk", flat=True))


def _may_answer(offer: Reservation, queues: Collection[int] | None) -> bool:
    """A colleague may be asked wherever they work; routing asks those of the queues that the plan has come to."""
    if queues is None or offer.kind == Kind.TRANSFER:
        return queues is not None
    conversation = offer.conversation
    plan = Plan.from_json(conversation.routing_plan)
    targets = plan.targets[: offer.plan_step + 1]
    is_named = any(target.agent_id == offer.agent_id for target in targets)
    if is_named and (plan.rule == EXPLICIT or _crosses(conversation)):
        return True
    return bool({conversation.owner_id, *(target.queue_id for target in targets)}.intersection(queues))


def _crosses(conversation: Conversation) -> bool:
    return Queue.objects.filter(pk=conversation.owner_id or 0, allow_cross_queue=True).exists()


@transaction.atomic
def _take_back(offer: Reservation) -> bool:
    """Nobody has missed anything, and the plan goes on; what a colleague passed on goes back to the sender's queue."""
    conversation = threads.lock(conversation_id=offer.conversation_id)
    fresh = Reservation.objects.filter(pk=offer.pk, status=Status.PENDING).select_related("agent").first()
    if fresh is None:
        return False
    owning.rescind(conversation)
    offers.go_on(conversation, fresh, because="not_there")
    realtime.hint(f"desk:{conversation.pk}")  # the corner of an open screen
    return True

"""Who was asked, and works here no longer, or not in that team? What they were offered is taken back at once."""

from __future__ import annotations

from django.db import transaction

from conversations import realtime, threads
from handover import owning
from handover.models import Reservation
from handover.routing import entitled, offers

Status = Reservation.Status


def look() -> int:
    """One look at everything that is offered; returns how many offers were taken back."""
    pending = list(Reservation.objects.filter(status=Status.PENDING).select_related("conversation"))
    if not pending:
        return 0
    works = entitled.teams_of({offer.agent_id for offer in pending})
    return sum(_take_back(offer) for offer in pending if not entitled.may_answer(offer, offer.conversation, works))


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

"""What becomes of a conversation that was offered to a colleague: taken, or not?"""

from __future__ import annotations

from functools import partial

from django.db import transaction

from conversations import outbox, realtime
from conversations.journeys.scene import Scene
from conversations.models import LAST_HEARD, Conversation
from handover import holding, queueing, unanswered
from handover.models import Reservation
from handover.routing import offers

Owner = Conversation.Owner


def ready() -> None:
    """Called once, when Django is ready."""
    offers.when_missed(Reservation.Kind.TRANSFER, not_taken)
    offers.when_taken(Reservation.Kind.TRANSFER, taken)


def not_taken(conversation: Conversation, offer: Reservation) -> None:
    """A colleague declined it or let it pass: back to the sender's queue, its place kept; what no agent has stays where
    it is. The sender is told. Needs the conversation's row lock.
    """
    if conversation.owner_epoch != offer.epoch:
        return
    transaction.on_commit(partial(realtime.tell, "not_taken", {"offer": offer.pk}))
    queue = holding.home(conversation)
    heard = conversation.sessions.filter(ended_at__isnull=True).select_related("identity", "customer__root")
    session = heard.order_by(LAST_HEARD).first()
    if conversation.owner_kind == Owner.AGENT and queue is not None and session is not None:
        scene = Scene(conversation, session, session.customer.root)
        since = conversation.queued_at or unanswered.since(conversation) or offer.offered_at
        queueing.wait_in(scene, queue, since, "transfer_back", actor_kind="system")


def taken(conversation: Conversation) -> None:
    """What the bot or another system had: the agent gets a card, and what the bot has queued and not sent is cancelled.

    Needs the conversation's row lock.
    """
    holding.brief(conversation)
    outbox.cancel_unsent(conversation=conversation)

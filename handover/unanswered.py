"""Since when does a customer wait for an answer of people? Since the first word that stands unanswered."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from conversations.models import Conversation

ANSWERED = Q(kind="message", actor_kind="agent")
LET_GO = Q(kind="owner_changed", data__from__kind=Conversation.Owner.BOT)
SAID = Q(kind="message", actor_kind="customer")


def since(conversation: Conversation) -> datetime | None:
    """Their first word after our last answer, by our clock; None if the last word is ours.

    What the bot has heard counts from when it let go. Two statements, read from the end of the log.
    """
    if conversation.waiting_on != "us":
        return None
    before = conversation.events.filter(ANSWERED | LET_GO).order_by("-seq").first()
    if before is not None and before.kind != "message":
        return before.recorded_at
    said = conversation.events.filter(SAID, seq__gt=before.seq if before else 0).order_by("seq").first()
    return said.recorded_at if said else conversation.last_customer_at

"""How does a conversation change hands on the human side? Owner, its offer, its deadlines: one act."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection

from common import clock
from conversations import events, ownership, realtime
from conversations.models import Conversation
from handover.timing import clocks

# One of the statements of every change of owner, ten thousand times when a queue is given away.
RESCIND = """
UPDATE handover_reservation SET status = 'rescinded', answered_at = %(now)s
WHERE conversation_id = %(conversation)s AND status = 'pending'
"""
WAKE = "wake:routing"  # somebody waits, or somebody has room again

State = Conversation.State
Owner = Conversation.Owner


def move(
    *,
    conversation: Conversation,
    to: Owner,
    owner_id: int | None = None,
    seen_epoch: int | None = None,
    state: State = State.OPEN,
    allowed_states: Collection[State] = (State.OPEN, State.PARKED),
    allowed_owners: Collection[Owner] = tuple(Owner),
    cause: str,
    actor_kind: str = "",
    actor_id: int | None = None,
    **changes: Any,
) -> None:
    """`conversations.ownership.move`, and what hangs on the owner: a pending offer is over, deadlines are wound anew.

    Needs the conversation's row lock. `seen_epoch` is what the caller decided on; the row at hand if it is not given.
    What rested lives anew: the last word may be days old.
    """
    rested = conversation.state == State.PARKED or (conversation.mode == "ticket" and changes.get("mode") == "live")
    if rested and state == State.OPEN:
        changes.setdefault("expires_at", clock.now() + events.TTL)
    if conversation.state == State.PARKED and state != State.PARKED:
        changes = {"parked_until": None, "park_reason": "", **changes}
    ownership.move(
        conversation=conversation,
        seen_epoch=conversation.owner_epoch if seen_epoch is None else seen_epoch,
        to=to,
        owner_id=owner_id,
        state=state,
        allowed_states=allowed_states,
        allowed_owners=allowed_owners,
        cause=cause,
        actor_kind=actor_kind,
        actor_id=actor_id,
        **changes,
    )
    moved(conversation, cause=cause)


def moved(conversation: Conversation, *, cause: str) -> None:
    """What hangs on the owner, after a move that was made below us; needs the conversation's row lock."""
    rescind(conversation)
    clocks.moved(conversation, cause=cause)
    realtime.hint(WAKE)


def rescind(conversation: Conversation) -> None:
    """What was offered to somebody is no longer to be had. An accepted offer is settled before its owner moves."""
    with connection.cursor() as cursor:
        cursor.execute(RESCIND, {"conversation": conversation.pk, "now": clock.now()})

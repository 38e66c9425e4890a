"""What has the browser received and shown? The web's own receipts, on the same lattice as every provider's."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from channels_app import outcomes
from channels_app.connections import Standing
from channels_app.outcomes import Change
from channels_app.protocol import Seen
from common import clock
from conversations.models import ConversationEvent, Delivery, Message

State = Delivery.State
BELOW: dict[str, tuple[str, ...]] = {
    State.DELIVERED: (State.SENT,),
    State.READ: (State.SENT, State.DELIVERED),
}
MOST = 200  # deliveries that one receipt may cover


@transaction.atomic
def note(*, standing: Standing, seen: Seen) -> int:
    """Raises what was said to the endpoint up to `seq` to delivered or read, never backwards; returns how many.

    A stream that is not the visit's own raises nothing.
    """
    name = standing.streams.get(seen.stream)
    if name is None:
        return 0
    _, identity_id, channel = name.split(":", 2)
    shown = ConversationEvent.objects.filter(
        session__identity_id=int(identity_id), session__channel=channel, session_seq__lte=seen.seq
    ).exclude(message__author=Message.Author.CUSTOMER)
    rows = Delivery.objects.filter(
        identity_id=int(identity_id), channel=channel, state__in=BELOW[seen.state], message__in=shown.values("message")
    )
    now = clock.now()
    return len(outcomes.write([_change(row, seen.state, now) for row in rows.order_by("-pk")[:MOST]]))


def _change(row: Delivery, state: str, at: datetime) -> Change:
    return Change(
        delivery_id=row.pk,
        conversation_id=row.conversation_id,
        customer_id=row.customer_id,
        message_id=row.message_id,
        state=state,
        at=at,
        allowed=BELOW[state],
    )

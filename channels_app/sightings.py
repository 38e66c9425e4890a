"""What has the browser received and shown? The web's own receipts, on the same lattice as every provider's."""

from __future__ import annotations

from itertools import groupby

from django.db import transaction

from channels_app.connections import Standing
from channels_app.protocol import Seen
from common import clock
from conversations import events, threads
from conversations.models import ConversationEvent, Delivery, Message

State = Delivery.State
BELOW = {State.DELIVERED: (State.SENT,), State.READ: (State.SENT, State.DELIVERED)}
STAMPS = {State.DELIVERED: "delivered_at", State.READ: "read_at"}
MOST = 200  # messages that one receipt may cover


def note(*, standing: Standing, seen: Seen) -> int:
    """Raises what was said to the endpoint up to `seq` to delivered or read, never backwards; returns how many messages.

    A stream that is not the visit's own raises nothing.
    """
    name = standing.streams.get(seen.stream)
    if name is None:
        return 0
    _, identity_id, channel = name.split(":", 2)
    rows = ConversationEvent.objects.filter(
        session__identity_id=int(identity_id),
        session__channel=channel,
        session_seq__lte=seen.seq,
        message__deliveries__state__in=BELOW[State(seen.state)],
    ).exclude(message__author=Message.Author.CUSTOMER)
    found = (
        rows.order_by("conversation_id", "message_id").values_list("conversation_id", "message_id").distinct()[:MOST]
    )
    for conversation_id, pairs in groupby(found, key=lambda pair: pair[0]):
        _raise(conversation_id, [message_id for _, message_id in pairs if message_id], State(seen.state))
    return len(found)


@transaction.atomic
def _raise(conversation_id: int, message_ids: list[int], state: State) -> None:
    conversation = threads.lock(conversation_id=conversation_id)
    for message_id in message_ids:
        rows = Delivery.objects.filter(message_id=message_id, state__in=BELOW[state])
        if rows.update(state=state, **{STAMPS[state]: clock.now()}):
            data = {"message": message_id, "state": str(state)}
            events.append(conversation=conversation, kind="delivery", data=data)

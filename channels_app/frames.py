"""What does a customer's own screen show? The envelopes of an endpoint's stream, and nothing of other channels."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Max

from channels_app.protocol import VERSION
from conversations import content, events, joining, showing
from conversations.hub import Frames
from conversations.models import Conversation, ConversationEvent, Delivery, Message, Session
from conversations.showing import ShownFile
from customers.models import Identity
from handover.models import Agent

HISTORY = 50  # messages of each endpoint that a browser is given when it comes back
PAGE = 200  # events of one catch-up

# What else of a conversation an endpoint may be told: that it happened, and no more.
FACTS = frozenset({"owner_changed", "handover_requested", "handover_offline", "handover_failed", "closed"})


def read(rest: str, after: int) -> Frames:
    """The hub's reader of `endpoint:<identity id>:<channel key>`: encoded envelopes past a cursor."""
    identity_id, _, channel = rest.partition(":")
    rows = events.of_endpoint(int(identity_id), channel, after=after, limit=PAGE)
    if not rows:
        return []
    stream = Identity.objects.values_list("public_id", flat=True).get(pk=int(identity_id))
    return [(wire["seq"], json.dumps(wire)) for wire in envelopes(stream, rows)]


def heads(rests: Collection[str]) -> dict[str, int]:
    """The number that each endpoint's stream has come to, for the hub; none where nobody has spoken. One query.

    A session counts on from the one before it.
    """
    people, channels = {int(rest.partition(":")[0]) for rest in rests}, {rest.partition(":")[2] for rest in rests}
    rows = Session.objects.filter(identity__in=people, channel__in=channels)
    ends = rows.values_list("identity_id", "channel").annotate(Max("seq"))
    return {f"{identity_id}:{channel}": seq for identity_id, channel, seq in ends}


def since(identity: Identity, channel: str, *, after: int) -> list[dict[str, Any]]:
    """The same envelopes for the catch-up over HTTP."""
    return envelopes(identity.public_id, events.of_endpoint(identity.pk, channel, after=after, limit=PAGE))


def latest(identity: Identity, channel: str) -> list[dict[str, Any]]:
    """The end of an endpoint's stream, oldest first; its last `seq` is the cursor to go on from."""
    rows = ConversationEvent.objects.filter(
        session__identity=identity, session__channel=channel, session_seq__isnull=False
    )
    newest = rows.select_related("message").order_by("-session_seq")[:HISTORY]
    return envelopes(identity.public_id, reversed(newest))


def envelopes(stream: UUID, rows: Iterable[ConversationEvent]) -> list[dict[str, Any]]:
    """One envelope an event; what the end user is not meant to see stays as its number, so that there is no gap."""
    rows = list(rows)
    said = [row.message_id for row in rows if row.message_id]
    unread, files = _undone(said), showing.of_messages(said)
    return [_envelope(stream, row, unread, files) for row in rows]


def _envelope(
    stream: UUID, row: ConversationEvent, unread: dict[int, str], files: dict[int, list[ShownFile]]
) -> dict[str, Any]:
    is_message = row.kind == "message" and row.message is not None
    says_owner = row.kind in ("owner_changed", joining.MOVED)
    shown = "owner_changed" if says_owner else row.kind if is_message or row.kind in FACTS else "other"
    data = _message(row.message, unread) if is_message and row.message else {}
    if is_message and (found := files.get(row.message_id or 0)):
        data["files"] = [file.to_json() for file in found]
    return {
        "v": VERSION,
        "stream": str(stream),
        "seq": row.session_seq,
        "type": shown,
        "at": row.occurred_at.isoformat(),
        "data": _owner(row) if says_owner else data,
    }


def _owner(row: ConversationEvent) -> dict[str, Any]:
    """Who speaks with the customer from here on: `bot`, `queue`, or an agent by name."""
    to = row.data["to"]
    if to["kind"] != Conversation.Owner.AGENT:
        return {"owner": to["kind"]}
    return {"owner": "agent", "name": Agent.objects.values_list("name", flat=True).filter(pk=to["id"]).first() or ""}


def _message(message: Message, unread: dict[int, str]) -> dict[str, Any]:
    """A message as its customer sees it; agents by the name they chose to show."""
    data: dict[str, Any] = {
        "id": str(message.public_id),
        "author": message.author,
        "content": _content(content.from_json(message.content)),
    }
    if message.author == Message.Author.AGENT:
        data["name"] = message.agent_name
    if message.author == Message.Author.CUSTOMER:
        data["client_id"] = message.client_id
    else:
        data["state"] = unread.get(message.pk, Delivery.State.SENT)
    return data


def _content(said: content.Content) -> dict[str, Any]:
    """Plain data, never markup; a kind that the widget cannot show yet comes as its words."""
    if isinstance(said, content.Choice):
        options = [
            {"label": option.label, "payload": option.payload, "description": option.description}
            for option in said.options
        ]
        return {"type": "choice", "text": said.text, "options": options}
    if isinstance(said, content.Media) and said.attachment:
        return {"type": "text", "text": said.caption}  # the file itself stands beside it
    if isinstance(said, content.Media) and said.url:
        return {"type": "text", "text": "\n".join(part for part in (said.caption, said.url) if part)}
    return {"type": "text", "text": said.plain_text()}


def _undone(message_ids: list[int]) -> dict[int, str]:
    """Message -> how far it got (for ticks and the unread count)."""
    rows = Delivery.objects.filter(message_id__in=message_ids, part=0)
    return dict(rows.values_list("message_id", "state"))

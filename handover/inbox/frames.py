"""Which envelopes does a conversation's stream carry? Made once per process; the catch-up answers the same.

A link to another conversation is left out of what all are sent: each screen adds it if its agent may follow it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from conversations.hub import Frames
from conversations.models import Conversation, ConversationEvent
from handover.inbox import timeline
from handover.inbox.timeline import Item, Line

VERSION = 1
REPLAY_LIMIT = 200  # events; beyond that the client loads the thread anew


class Leading(str):
    """An envelope of a line that tells of another conversation, without a link. `to` is that one, `linked` the envelope
    for who may open it."""

    to: UUID
    linked: str


def read(rest: str, after: int) -> Frames:
    """The hub's reader of `conversation:<id>`: encoded envelopes past a cursor."""
    conversation_id = int(rest)
    shown = timeline.since(conversation_id, after=after)
    if not shown:
        return []
    public_id = Conversation.objects.values_list("public_id", flat=True).get(pk=conversation_id)
    return [(event.seq, _encoded(public_id, event, item)) for event, item in shown]


def heads(rests: Collection[str]) -> dict[str, int]:
    """The seq of the newest event of each, for the hub's poll. One query."""
    rows = Conversation.objects.filter(pk__in=map(int, rests))
    return {str(pk): seq for pk, seq in rows.values_list("pk", "head_seq")}


def head(conversation_id: int) -> int:
    """The seq of the newest event."""
    return Conversation.objects.values_list("head_seq", flat=True).get(pk=conversation_id)


def envelope(public_id: UUID, event: ConversationEvent, item: Item | None) -> dict[str, Any]:
    """One event on the wire; `html` replaces the element `target`, or joins the thread when there is none yet."""
    wire: dict[str, Any] = {
        "v": VERSION,
        "stream": f"conversation:{public_id}",
        "seq": event.seq,
        "type": event.kind,
        "at": event.occurred_at.isoformat(),
        "data": item.facts if item else {},
    }
    if item:
        wire |= {"html": timeline.html(item), "target": item.dom_id}
    return wire


def _encoded(public_id: UUID, event: ConversationEvent, item: Item | None) -> str:
    frame = json.dumps(envelope(public_id, event, item))
    if not isinstance(item, Line) or not item.other:
        return frame
    leading = Leading(frame)
    leading.to, leading.linked = UUID(item.other), json.dumps(envelope(public_id, event, timeline.led(item)))
    return leading

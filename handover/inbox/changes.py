"""What became of a message after it was said? Its latest wording, those before, and the emojis put to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from conversations import content
from conversations.models import Message, MessageEdit, MessageReaction


@dataclass(frozen=True, slots=True)
class Wording:
    """What a message read, from this time on."""

    at: datetime
    content: content.Content


@dataclass(frozen=True, slots=True)
class Changes:
    """What the bubble shows: the wording that holds, the earlier ones (oldest first), emojis with their numbers."""

    now: content.Content
    before: tuple[Wording, ...] = ()
    reactions: tuple[tuple[str, int], ...] = ()


def of(messages: Collection[Message]) -> dict[int, Changes]:
    """The changes by message id. Two queries."""
    ids = [message.pk for message in messages]
    edits: dict[int, list[Wording]] = {}
    for edit in MessageEdit.objects.filter(message_id__in=ids).order_by("occurred_at", "pk") if ids else ():
        edits.setdefault(edit.message_id, []).append(Wording(edit.occurred_at, content.from_json(edit.content)))
    emojis: dict[int, Counter[str]] = {}
    for reaction in MessageReaction.objects.filter(message_id__in=ids).order_by("pk") if ids else ():
        emojis.setdefault(reaction.message_id, Counter())[reaction.emoji] += 1
    return {message.pk: _changes(message, edits, emojis) for message in messages}


def _changes(message: Message, edits: dict[int, list[Wording]], emojis: dict[int, Counter[str]]) -> Changes:
    said = Wording(message.occurred_at, content.from_json(message.content))
    *before, now = [said, *edits.get(message.pk, [])]
    return Changes(now.content, tuple(before), tuple(emojis.get(message.pk, Counter()).items()))

"""Can the team's own words be searched? Notes are found by whoever may see their conversation."""

from __future__ import annotations

from collections.abc import Collection

from conversations import words
from conversations.words import Spoken
from handover.models import Note


def ready() -> None:
    """Called once, when Django is ready."""
    words.know(words.NOTE, Note._meta.db_table, _read)


def _read(ids: Collection[int]) -> list[Spoken]:
    """Handover cards hold no words of their own. One query."""
    rows = Note.objects.filter(pk__in=ids)
    return [Spoken(row.pk, row.conversation_id, row.customer_id, row.created_at, row.text, "note") for row in rows]

"""What can be searched? Messages here; others add names, and what else is written in a conversation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from conversations import content
from conversations.models import Message, MessageEdit

MESSAGE, NOTE, NAME = "m", "n", "p"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One text as it stands now; `text` is '' where it was taken back."""

    object_id: int
    conversation_id: int
    customer_id: int
    said_at: datetime
    text: str
    author: str = ""


Reader = Callable[[Collection[int]], list[Spoken]]


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose rows are gathered in the order of their primary key, and how its texts are opened.

    `where`: which of its rows `t`, as SQL. `sign` stands before each of its words, so that they are found by no other
    search; without one they are said in a conversation.
    """

    kind: str
    table: str
    read: Reader
    where: str = ""
    sign: str = ""


_sources: dict[str, Source] = {}


def know(kind: str, table: str, read: Reader, *, where: str = "", sign: str = "") -> None:
    """Adds a kind of text; called when Django is ready."""
    _sources[kind] = Source(kind, table, read, where, sign)


def of(kind: str) -> Source:
    """That kind."""
    return _sources[kind]


def every() -> list[Source]:
    """The kinds, in the order in which they were added."""
    return list(_sources.values())


def read(kind: str, ids: Collection[int]) -> list[Spoken]:
    """The texts of these rows, if they are still there."""
    return _sources[kind].read(ids) if ids else []


def messages(ids: Collection[int]) -> list[Spoken]:
    """Messages in their latest wording. Two queries."""
    rows = Message.objects.filter(pk__in=ids).select_related("session")
    rows = rows.only("public_id", "content", "customer_id", "author", "recorded_at", "session__conversation_id")
    edits = MessageEdit.objects.filter(message_id__in=ids).order_by("occurred_at", "pk")
    latest = {edit.message_id: edit for edit in edits}
    return [
        Spoken(
            row.pk,
            row.session.conversation_id,
            row.customer_id,
            row.recorded_at,
            _text(content.from_json((latest.get(row.pk) or row).content)),
            row.author,
        )
        for row in rows
    ]


def _text(said: content.Content) -> str:
    return "" if isinstance(said, content.Removed) else said.plain_text()


know(MESSAGE, Message._meta.db_table, messages)

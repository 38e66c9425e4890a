"""What does one line of the conversation list show? Made in batches, the same for every viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject
from django.template.loader import render_to_string

from conversations import content
from conversations.models import Conversation, ConversationEvent, Message, Session
from conversations.words import Piece
from handover import listing
from handover.inbox import naming, owners, promises
from handover.inbox.owners import Owner
from handover.inbox.promises import Promise
from handover.models import Agent, ConversationTag, Queue, SeenMark

PREVIEW = 90  # characters
PREVIOUS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in the list."""

    id: str
    name: str
    owner: Owner
    state: str
    is_waiting: bool
    is_ticket: bool  # a message left for the team; nobody waits at the other end
    at: datetime
    queued_at: datetime | None
    closed_at: datetime | None
    preview: str
    author: str
    kind: str
    promise: Promise | None
    rank: datetime | None  # the place in its queue
    mode: str
    queue: str  # key of the queue that it waits in or came through
    kinds: tuple[str, ...]  # of channels
    tags: tuple[tuple[str, str], ...]  # key and title
    heard: int  # seq of the customer's last message
    seen: int | None = None  # how far the viewer has read; none where the row is for many
    score: int | None = None  # what the customer gave afterwards, 1 to 5
    since: datetime | None = None  # it waits in a queue: what we said meanwhile makes it no newer
    snippet: tuple[Piece, ...] = ()  # what a search has found in it
    spot: str = ""  # the message or note that is meant: the thread opens there

    @property
    def sla(self) -> str:
        """What a filter calls the promise's state."""
        return {"late": "over", "near": "near"}.get(self.promise.state if self.promise else "", "")

    @property
    def is_unread(self) -> bool:
        """In people's hands, and the customer has written since the viewer looked."""
        return self.seen is not None and self.owner.kind != Conversation.Owner.BOT and self.heard > self.seen

    @property
    def facts(self) -> dict[str, Any]:
        """What scripts need to place the row; ids and enumerations only."""
        return {"id": self.id, "owner": self.owner.wire, "state": self.state, "is_waiting": self.is_waiting}


def for_reader(conversations: QuerySet[Conversation], agent: Agent) -> QuerySet[Conversation]:
    """Adds what `of` needs to the query, and as `seen_seq` how far this agent has read."""
    mark = SeenMark.objects.filter(conversation=OuterRef("pk"), agent=agent).values("seq")[:1]
    return with_last_message(conversations).annotate(seen_seq=Coalesce(Subquery(mark), Value(0)))


def with_last_message(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Adds what `of` needs to the query: of one that waits the customer's words, of the others the last of anybody's.

    What the system says is news to nobody here. Each is read backwards along the conversation's numbered events.
    """
    events = ConversationEvent.objects.filter(conversation=OuterRef("pk"), kind="message", message__isnull=False)
    spoken = events.exclude(actor_kind="system").order_by("-seq")
    heard = spoken.filter(actor_kind="customer")
    said = Subquery(spoken.values("message_id")[:1])
    asked = Coalesce(Subquery(heard.values("message_id")[:1]), said)
    sessions = Session.objects.filter(conversation=OuterRef("pk")).order_by("kind").values("kind").distinct()
    tags = ConversationTag.objects.filter(conversation=OuterRef("pk")).order_by("tag__title")
    return conversations.select_related("customer").annotate(
        last_message_id=Case(When(owner_kind=Conversation.Owner.QUEUE, then=asked), default=said),
        given_score=F("rating__score"),
        heard_seq=Coalesce(Subquery(heard.values("seq")[:1]), Value(0)),
        session_kinds=ArraySubquery(sessions),
        queue_key=Subquery(Queue.objects.filter(pk=OuterRef("queue_id")).values("key")[:1]),
        tag_pairs=ArraySubquery(tags.values(pair=JSONObject(key="tag__key", title="tag__title"))),
    )


def of(conversations: Sequence[Conversation]) -> list[Row]:
    """The rows in the given order; at most six queries, whatever the number."""
    ids = [getattr(c, "last_message_id", None) for c in conversations]
    messages = Message.objects.select_related("session").in_bulk([pk for pk in ids if pk is not None])
    names = naming.names({c.customer.root_id for c in conversations}) if conversations else {}
    speakers, promised = owners.of(conversations), promises.of([c.pk for c in conversations])
    return [
        _row(c, names[c.customer.root_id], speakers[c.pk], messages.get(pk) if pk is not None else None, promised)
        for c, pk in zip(conversations, ids, strict=True)
    ]


def html(row: Row) -> str:
    """The row as it stands in every list."""
    return render_to_string("inbox/_row.html", {"row": row})


def _row(
    conversation: Conversation, name: str, owner: Owner, last: Message | None, promised: Mapping[int, Promise]
) -> Row:
    is_queued = conversation.owner_kind == Conversation.Owner.QUEUE
    waits = conversation.waiting_on == "us" and conversation.owner_kind != Conversation.Owner.BOT
    return Row(
        id=str(conversation.public_id),
        name=name,
        owner=owner,
        state=conversation.state,
        is_waiting=waits and conversation.state != Conversation.State.CLOSED,
        is_ticket=conversation.mode == "ticket" and is_queued,
        at=conversation.last_message_at,
        since=conversation.queued_at if is_queued else None,
        queued_at=conversation.queued_at,
        closed_at=conversation.closed_at,
        preview=_preview(last),
        author=last.author if last else "",
        kind=last.session.kind if last else "",
        promise=promised.get(conversation.pk),
        rank=conversation.ranked_at or conversation.queued_at,
        mode=conversation.mode,
        queue=getattr(conversation, "queue_key", "") or "",
        kinds=tuple(getattr(conversation, "session_kinds", ())),
        tags=tuple((pair["key"], pair["title"]) for pair in getattr(conversation, "tag_pairs", ())),
        heard=getattr(conversation, "heard_seq", 0),
        score=getattr(conversation, "given_score", None),
        seen=getattr(conversation, "seen_seq", None),
    )


def _preview(message: Message | None) -> str:
    if message is None:
        return ""
    return short(content.from_json(message.content).plain_text())


def short(said: str) -> str:
    """As much of a text as a row has room for."""
    text = " ".join(said.split())
    return text if len(text) <= PREVIEW else f"{text[:PREVIEW]}…"


def previous(conversation: Conversation, root_id: int, agent: Agent) -> list[Row]:
    """The person's other conversations that the agent may see, the newest first."""
    seen = listing.matters_of(agent, root_id).exclude(pk=conversation.pk)
    return of(list(with_last_message(seen).order_by("-opened_at")[:PREVIOUS]))

"""What does an agent see of a conversation, item by item? The same for the page, the push and the catch-up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from conversations import content, events, joining, showing
from conversations.models import Conversation, ConversationEvent, Message
from conversations.showing import ShownFile
from handover import mentions, sight
from handover.inbox import changes, deliveries, jobs, lines, owners, staff
from handover.inbox.changes import Changes
from handover.inbox.deliveries import Progress
from handover.inbox.jobs import Job
from handover.models import Agent, Note, Rating
from handover.templatetags.inbox import epoch

PAGE = 60
REDRAWN = ("delivery", "attachment", "message_edited", "message_removed", "reaction")  # these change a bubble
COMMENTED = "rating_commented"
HIDDEN = (*REDRAWN, "closed")  # the last is told by the move that it goes with


@dataclass(frozen=True, slots=True)
class Said:
    """A bubble."""

    template: ClassVar[str] = "inbox/_message.html"
    dom_id: str
    seq: int
    at: datetime
    message: Message
    changes: Changes
    kind: str  # of the channel
    channel: str
    agent: str  # wire name of the author, '' for others
    progress: Progress | None
    files: Sequence[ShownFile]
    facts: dict[str, Any]

    @property
    def content(self) -> content.Content:
        return self.changes.now

    @property
    def map_url(self) -> str:
        place = self.content
        if not isinstance(place, content.Location):
            return ""
        spot = f"{place.latitude:.6f}"
        return (
            f"https://www.openstreetmap.org/?mlat={spot}&mlon={place.longitude:.6f}#map=16/{spot}/{place.longitude:.6f}"
        )

    @property
    def retry_url(self) -> str:
        is_bad = self.progress is not None and self.progress.is_bad
        return deliveries.retry_url(str(self.message.public_id)) if is_bad else ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A private note."""

    template: ClassVar[str] = "inbox/_note.html"
    dom_id: str
    seq: int
    at: datetime
    note: Note
    author: str
    agent: str
    pieces: Sequence[mentions.Piece]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened between the messages."""

    template: ClassVar[str] = "inbox/_line.html"
    dom_id: str
    seq: int
    at: datetime
    type: str
    words: str
    details: Sequence[tuple[str, str]]
    facts: dict[str, Any]
    other: str = ""  # the conversation that it tells of
    link: str = ""  # to that one, for who may open it

    @property
    def is_journey(self) -> bool:
        return self.type in lines.JOURNEY


@dataclass(frozen=True, slots=True)
class Reported:
    """What a job elsewhere has reported, with what can be done about it."""

    template: ClassVar[str] = "inbox/_job.html"
    dom_id: str
    seq: int
    at: datetime
    type: str
    job: Job
    facts: dict[str, Any]


Item = Said | Noted | Line | Reported


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some items in the order of their event times; `before` is the cursor of what is older, 0 if nothing is.

    `is_cut`: there are newer ones, too. `at`: the number of the item that was looked for.
    """

    items: Sequence[Item]
    before: int
    is_cut: bool = False
    at: int | None = None


def page(conversation: Conversation, *, before: int | None = None, viewer: Agent | None = None) -> Stretch:
    """The newest items, or those before a cursor, with the links that this viewer may follow."""
    found = ConversationEvent.objects.filter(conversation=conversation).exclude(kind__in=HIDDEN)
    if before is not None:
        found = found.filter(seq__lt=before)
    rows = list(found.select_related("message__session").order_by("-seq")[: PAGE + 1])
    older = rows[PAGE - 1].seq if len(rows) > PAGE else 0
    items = linked(of_events(rows[:PAGE]).values(), viewer)
    return Stretch(sorted(items, key=lambda item: (epoch(item.at), item.seq)), older)  # as scripts put them


def around(conversation: Conversation, wanted: UUID | None, *, viewer: Agent | None = None) -> Stretch:
    """The items about a message or a note; the newest, if it is among them or is none of this conversation."""
    of_it = Q(message__public_id=wanted, kind="message") | Q(kind="note", data__note=str(wanted))
    log = ConversationEvent.objects.filter(conversation=conversation)
    seq = log.filter(of_it).values_list("seq", flat=True).first() if wanted else None
    if seq is None or conversation.head_seq - seq < PAGE // 2:
        return replace(page(conversation, viewer=viewer), at=seq)
    return replace(page(conversation, before=seq + PAGE // 2, viewer=viewer), is_cut=True, at=seq)


def since(conversation_id: int, *, after: int) -> list[tuple[ConversationEvent, Item | None]]:
    """The events past a cursor in order, each with the item it shows now."""
    rows = events.of_conversation(conversation_id, after=after)
    _follow_receipts(rows)
    items = of_events(rows)
    return [(event, items.get(event.seq)) for event in rows]


def html(item: Item) -> str:
    """The item as it stands in every thread; nothing in it depends on the viewer but what `linked` gave it."""
    return render_to_string(item.template, {"item": item})


def linked(items: Iterable[Item], viewer: Agent | None) -> list[Item]:
    """The same; lines that tell of another conversation lead there if the viewer may open it. One query, if there are
    such lines."""
    found = list(items)
    others = {item.other for item in found if isinstance(item, Line) and item.other}
    if viewer is None or not others:
        return found
    seen = sight.visible_to(viewer).filter(public_id__in=others).values_list("public_id", flat=True)
    may_open = set(map(str, seen))
    return [led(item) if isinstance(item, Line) and item.other in may_open else item for item in found]


def led(line: Line) -> Line:
    """With a link to the conversation that it tells of."""
    return replace(line, link=reverse("inbox:conversation", args=[line.other]))


def of_events(rows: Sequence[ConversationEvent]) -> dict[int, Item]:
    """The items by seq; at most ten queries, whatever the number of events."""
    around = _Around.of(rows)
    made = {event.seq: around.item(event) for event in rows}
    return {seq: item for seq, item in made.items() if item is not None}


def _follow_receipts(rows: Iterable[ConversationEvent]) -> None:
    """What changes a bubble names its message by id: it is shown as that message's bubble, anew."""
    wanted = {e.seq: e.data.get("message") for e in rows if e.kind in REDRAWN}
    found = Message.objects.select_related("session").in_bulk([pk for pk in wanted.values() if isinstance(pk, int)])
    for event in rows:
        if event.seq in wanted:
            event.message = found.get(wanted[event.seq])


@dataclass(frozen=True, slots=True)
class _Around:
    """What the items of a batch of events need from other tables, read once."""

    progress: dict[int, Progress]
    notes: dict[str, Note]
    owners: dict[int, owners.Owner]
    agents: dict[int, str]
    changes: dict[int, Changes] = field(default_factory=dict)
    files: dict[int, list[ShownFile]] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    named: dict[int, list[str]] = field(default_factory=dict)
    said_of_it: dict[int, str] = field(default_factory=dict)  # by conversation: the words to a rating

    @classmethod
    def of(cls, rows: Sequence[ConversationEvent]) -> _Around:
        said = [e.message for e in rows if e.message is not None]
        written = [str(e.data.get("note")) for e in rows if e.kind == "note"]
        notes = {str(n.public_id): n for n in Note.objects.filter(public_id__in=written)} if written else {}
        moves = {e.seq: _target(e) for e in rows if e.kind == "owner_changed"}
        actors = {e.actor_id for e in rows if e.actor_kind == "agent"} | {n.agent_id for n in notes.values()}
        actors |= {e.data.get("agent") for e in rows if e.kind == "offered"}
        sent = [m.pk for m in said if not m.is_inbound]
        files = showing.of_messages([m.pk for m in said])
        names, made = staff.names(actors), jobs.of(rows)
        named = mentions.of_notes([note.pk for note in notes.values()])
        moved, changed = owners.of_pairs(moves), changes.of(said)
        return cls(deliveries.of(sent), notes, moved, names, changed, files, made, named, _commented(rows))

    def item(self, event: ConversationEvent) -> Item | None:
        if event.message is not None:
            return self._said(event, event.message)
        if event.kind == "note":
            return self._noted(event)
        if event.seq in self.jobs:
            facts = {"state": str(event.data.get("state", ""))}
            return Reported(f"e-{event.seq}", event.seq, event.occurred_at, event.kind, self.jobs[event.seq], facts)
        return None if event.kind in (*HIDDEN, "message") else self._line(event)

    def _said(self, event: ConversationEvent, message: Message) -> Said:
        agent = f"agent:{staff.ref(message.agent_id)}" if message.agent_id else ""
        is_ours = message.author == Message.Author.AGENT and bool(message.client_id)
        public = message.client_id if is_ours else str(message.public_id)
        return Said(
            dom_id=f"m-{public}",
            seq=event.seq,
            at=message.occurred_at,
            message=message,
            changes=self.changes[message.pk],
            kind=message.session.kind,
            channel=message.session.channel,
            agent=agent,
            progress=self.progress.get(message.pk),
            files=self.files.get(message.pk, []),
            facts={"author": message.author, "agent": agent, "channel": message.session.kind},
        )

    def _noted(self, event: ConversationEvent) -> Noted | None:
        note = self.notes.get(str(event.data.get("note")))
        if note is None:
            return None
        agent = f"agent:{staff.ref(note.agent_id)}" if note.agent_id else ""
        return Noted(
            dom_id=f"m-{note.client_id or note.public_id}",
            seq=event.seq,
            at=note.created_at,
            note=note,
            author=self.agents.get(note.agent_id or 0, "Throughline"),
            agent=agent,
            pieces=mentions.pieces(note.text, self.named.get(note.pk, [])),
            facts={"agent": agent},
        )

    def _line(self, event: ConversationEvent) -> Line:
        owner = self.owners.get(event.seq)
        who = event.data.get("agent") if event.kind == "offered" else event.actor_id
        words = lines.sentence(event, owner, self.agents.get(who or 0, ""))
        if event.kind == COMMENTED and (comment := self.said_of_it.get(event.conversation_id)):
            words = f"{words}: “{comment}”"
        facts = {"owner": owner.wire, "state": event.data.get("state", "")} if owner else {}
        dom_id = f"e-{event.seq}"
        other = str(event.data.get("conversation") or "") if event.kind == joining.MOVED else ""
        return Line(dom_id, event.seq, event.occurred_at, event.kind, words, lines.details(event), facts, other)


def _commented(rows: Sequence[ConversationEvent]) -> dict[int, str]:
    """What customers wrote to their ratings; no query where none of the events tells of it."""
    told = {event.conversation_id for event in rows if event.kind == COMMENTED}
    found = Rating.objects.filter(conversation__in=told) if told else ()
    return {rating.conversation_id: rating.comment for rating in found}


def _target(event: ConversationEvent) -> tuple[str, int | None]:
    to = event.data.get("to") or {}
    return str(to.get("kind", "bot")), to.get("id")

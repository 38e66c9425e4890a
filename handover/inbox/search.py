"""Whom and what does a search find? People by an address or words of a name, and every word that was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import OperationalError

from conversations import words
from conversations.models import Conversation, Message
from conversations.words import Hit, Spoken, Standing, Wanted
from customers import audit
from handover import listing, reads, sight
from handover.filters import Filter
from handover.inbox import lists, rows
from handover.models import Agent, Note

PAGE = 20
TOO_LONG = "57014"  # what PostgreSQL says when it was stopped


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of the answer; `more` is the cursor of the next one. `is_cut`: the words are so common that not
    everything was looked at. `has_phrase`: words of it stand in quotation marks."""

    people: Sequence[rows.Row]
    rows: Sequence[rows.Row]
    more: str
    standing: Standing
    is_cut: bool = False
    has_phrase: bool = False

    @property
    def share(self) -> int:
        """How much can be found, in percent."""
        return int(100 * self.standing.share)


def look(agent: Agent, asked: Filter, *, after: str = "") -> Found:
    """What the agent may see of it, the newest first; noted in the audit log with its number, never with its words."""
    wanted, theirs = words.wanted(asked.q), list[Conversation]()
    try:
        theirs = [] if after else named(agent, asked)
        seen = listing.narrow(sight.visible_to(agent), asked, agent).exclude(pk__in=[one.pk for one in theirs])
        answer = words.find(asked=wanted, among=seen, limit=PAGE + 1, before=_cursor(after))
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != TOO_LONG:
            raise
        answer = words.Answer([], is_cut=True)
    said = _said(agent, answer.hits[:PAGE], wanted)
    shown = {one.pk for one in theirs} | {hit.conversation_id for hit in answer.hits[:PAGE]}
    reads.note(user_id=agent.user_id, conversations=shown)
    if not after:
        audit.record(actor=f"user:{agent.user_id}", action="inbox.search", rows=len(theirs) + len(said))
    return Found(rows.of(theirs), said, _more(answer.hits), words.standing(), answer.is_cut, bool(wanted.phrases))


def named(agent: Agent, asked: Filter) -> list[Conversation]:
    """The conversations of those whom it names, as rows need them, the latest first."""
    visible = sight.visible_to(agent)
    roots = listing.people(asked.q, visible)
    seen = listing.narrow(visible.filter(customer__root__in=roots), asked, agent)
    return list(rows.for_reader(seen, agent).order_by("-last_message_at", "-pk")[: lists.PAGE]) if roots else []


def _said(agent: Agent, hits: Sequence[Hit], wanted: Wanted) -> list[rows.Row]:
    """The rows with what was found in each; only these texts are opened."""
    ids = [hit.conversation_id for hit in hits]
    known = rows.for_reader(Conversation.objects.filter(pk__in=ids), agent).in_bulk() if ids else {}
    texts: dict[tuple[str, int], Spoken] = {}
    for kind in {hit.kind for hit in hits}:
        read = words.read(kind, [hit.object_id for hit in hits if hit.kind == kind])
        texts |= {(kind, one.object_id): one for one in read}
    kept = [hit for hit in hits if hit.conversation_id in known and (hit.kind, hit.object_id) in texts]
    made = rows.of([known[hit.conversation_id] for hit in kept])
    spots = _spots(kept)
    found = [_row(row, hit, texts[hit.kind, hit.object_id], wanted) for row, hit in zip(made, kept, strict=True)]
    return [replace(row, spot=spots.get((hit.kind, hit.object_id), "")) for row, hit in zip(found, kept, strict=True)]


def _spots(hits: Sequence[Hit]) -> dict[tuple[str, int], str]:
    """The public ids of what was found; a query for messages, one for notes."""
    found: dict[tuple[str, int], str] = {}
    for kind in {hit.kind for hit in hits}:
        table = Note.objects if kind == words.NOTE else Message.objects
        pks = [hit.object_id for hit in hits if hit.kind == kind]
        found |= {
            (kind, pk): str(public_id) for pk, public_id in table.filter(pk__in=pks).values_list("pk", "public_id")
        }
    return found


def _row(row: rows.Row, hit: Hit, spoken: Spoken, wanted: Wanted) -> rows.Row:
    author = "note" if hit.kind == words.NOTE else spoken.author
    return replace(row, snippet=tuple(words.snippet(spoken.text, wanted)), author=author, at=hit.said_at)


def _more(hits: Sequence[Hit]) -> str:
    last = hits[PAGE - 1] if len(hits) > PAGE else None
    return f"{last.placed_at.isoformat()}_{last.conversation_id}" if last else ""


def _cursor(after: str) -> tuple[datetime, int] | None:
    moment, _, pk = after.partition("_")
    try:
        return (datetime.fromisoformat(moment), int(pk)) if pk.isdecimal() and len(pk) < 19 else None
    except ValueError:
        return None

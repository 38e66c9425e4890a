"""What does the desk hold of a person? Notes and cards, who helped them last, and what the API answered about them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from common import clock
from conversations.models import Conversation, Message
from customers.models import IdempotentAnswer, Identity
from customers.privacy import ORIGIN, PROJECTION, Person, Rows, Store, moment, register
from customers.privacy_rows import drop
from handover.models import (
    Affinity,
    ConversationTag,
    Draft,
    EngineMark,
    Mention,
    Note,
    Rating,
    Reservation,
    SeenMark,
    SlaClock,
    WrapUp,
)

ANSWERS_KEPT = timedelta(days=1)  # so long a repetition gets the first answer again
BLOCK = 500
UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
MINE = "t.customer_id = ANY(%s)"
ON_THE_DESK = (ConversationTag, Draft, EngineMark, Reservation, SeenMark, SlaClock, WrapUp)
THEIRS = "t.conversation_id IN (SELECT id FROM conversations_conversation WHERE customer_id = ANY(%s))"


def ready() -> None:
    """Called once, when Django is ready."""
    register(
        "handover",
        [
            Store("answers of the API", {IdempotentAnswer: {}}, _answers),
            Store("mentions", {Mention: {}}, _mentions),
            Store("notes", {Note: {"customer": ORIGIN}}, _notes, _said_notes, is_for_review=True),
            Store("what stood on the desk", {model: {} for model in ON_THE_DESK}, _from_the_desk),
            Store("ratings", {Rating: {"customer": ORIGIN}}, _ratings, _said_ratings),
            Store("who helped last", {Affinity: {"customer": PROJECTION}}, _affinities),
        ],
    )


def _notes(person: Person, limit: int) -> int:
    return drop(Note, MINE, [list(person.members)], limit)


def _mentions(person: Person, limit: int) -> int:
    return drop(Mention, f"t.note_id IN (SELECT t.id FROM handover_note t WHERE {MINE})", [list(person.members)], limit)


def _from_the_desk(person: Person, limit: int) -> int:
    """Words begun, topics, offers, deadlines: whatever hangs on their conversations."""
    return sum(drop(model, THEIRS, [list(person.members)], limit) for model in ON_THE_DESK)


def _ratings(person: Person, limit: int) -> int:
    return drop(Rating, MINE, [list(person.members)], limit)


def _affinities(person: Person, limit: int) -> int:
    return drop(Affinity, MINE, [list(person.members)], limit)


def _answers(person: Person, limit: int) -> int:
    """Kept for repetitions of a request, sealed, for a day; those that name one of their ids go at once."""
    found = IdempotentAnswer.objects.filter(created_at__lt=clock.now() - ANSWERS_KEPT).delete()[0]
    block: list[IdempotentAnswer] = []
    for row in IdempotentAnswer.objects.filter(answer__isnull=False).order_by("pk").iterator(BLOCK):
        block.append(row)
        if len(block) == BLOCK:
            found += _forget(block, person)
            block = []
    return found + _forget(block, person)


def _forget(block: Iterable[IdempotentAnswer], person: Person) -> int:
    named = {row.pk: {UUID(text) for text in UUIDS.findall(json.dumps(row.answer))} for row in block}
    theirs = _theirs(set().union(*named.values()), person)
    hit = [pk for pk, ids in named.items() if ids & theirs]
    return IdempotentAnswer.objects.filter(pk__in=hit).delete()[0]


def _theirs(ids: set[UUID], person: Person) -> set[UUID]:
    """Which of these ids are the person's: of theirs, their addresses, conversations, messages and notes."""
    found: set[UUID] = ids & set(person.customers)
    for model in (Conversation, Message, Note, Identity):
        rows = model._default_manager.filter(public_id__in=ids, customer_id__in=person.members)
        found |= set(rows.values_list("public_id", flat=True))
    return found


def _said_notes(person: Person) -> Rows:
    """What the team wrote, without its names."""
    for row in Note.objects.filter(customer__in=person.members).order_by("pk").iterator(500):
        yield {"kind": row.kind, "text": row.text, "card": row.card, "at": moment(row.created_at)}


def _said_ratings(person: Person) -> Rows:
    """How they said it went."""
    given = Rating.objects.filter(customer__in=person.members, answered_at__isnull=False)
    for row in given.order_by("pk").iterator(500):
        yield {"score": row.score, "comment": row.comment, "at": moment(row.answered_at)}

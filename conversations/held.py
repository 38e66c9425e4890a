"""What do conversations hold of a person, and how does it go? Files first, blank conversations stay."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db.models import Model, Q, QuerySet

from common import clock
from conversations import filenames, held_remembered, realtime
from conversations.answers import held as held_misses
from conversations.journeys import held_requests, held_tasks
from conversations.models import (
    Attachment,
    Conversation,
    ConversationEvent,
    Delivery,
    JourneyRun,
    Message,
    MessageEdit,
    MessageReaction,
    MissAsking,
    RemoteTask,
    SearchWords,
    Session,
    StepLog,
    Timer,
    WebRequest,
)
from conversations.words import held as held_words
from customers.privacy import ORIGIN, PROJECTION, Files, Person, Rows, Store, moment, register
from customers.privacy_rows import blank, drop

State = Conversation.State
ERASED = "erased"  # the close reason of a blank conversation: its person was erased
FILES = 200  # files whose bytes are removed in one transaction
MINE = "t.customer_id = ANY(%s)"
OF_MY_MESSAGES = "t.message_id IN (SELECT id FROM conversations_message WHERE customer_id = ANY(%s))"
OF_MY_SESSIONS = "t.session_id IN (SELECT id FROM conversations_session WHERE customer_id = ANY(%s))"
IN_MINE = "t.conversation_id IN (SELECT id FROM conversations_conversation WHERE customer_id = ANY(%s))"


def ready() -> None:
    """Called once, when Django is ready."""
    own = {"customer": ORIGIN}
    register(
        "conversations",
        [
            Store("files", {Attachment: own}, _files, _said_files, _stored_files),
            Store("edits and reactions", {MessageEdit: own, MessageReaction: own}, _amendments, _said_amendments),
            Store("events", {ConversationEvent: own}, _events, _said_events),
            Store("deliveries", {Delivery: own}, _deliveries, _said_deliveries),
            *held_remembered.stores(),
            Store("unanswered questions", {MissAsking: own}, held_misses.erase, held_misses.said),
            Store("messages", {Message: own}, _messages, _said_messages),
            Store("words of the search", {SearchWords: {"customer": PROJECTION}}, held_words.erase),
            Store("jobs", {RemoteTask: own}, held_tasks.erase, held_tasks.said),
            Store("requests", {WebRequest: own}, held_requests.erase, held_requests.said),
            Store("journeys", {JourneyRun: own, StepLog: own}, _journeys, _said_journeys),
            Store("deadlines", {Timer: own}, _gone(Timer, MINE)),
            Store("sessions", {Session: own}, _sessions),
            Store("conversations", {Conversation: own}, _conversations, _said_conversations),
        ],
        cut=cut,
        elsewhere=lambda person: _of(Session, person).values_list("kind", flat=True).distinct(),
    )


def cut(person: Person) -> None:
    """Nothing goes on: conversations are closed, what was to be sent is not, screens look again. Under their locks."""
    now, mine = clock.now(), _of(Conversation, person)
    ids = list(mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    Conversation.objects.filter(pk__in=ids).exclude(state=State.CLOSED).update(
        state=State.CLOSED, owner_kind=Conversation.Owner.BOT, owner_id=None, closed_at=now
    )
    rows = Conversation.objects.filter(pk__in=ids)
    rows.update(
        close_reason=ERASED,
        handover=None,
        referrer="",
        queued_at=None,
        expires_at=None,
        parked_until=None,
        park_reason="",
    )
    _of(JourneyRun, person).filter(status__in=JourneyRun.OPEN).update(
        status=JourneyRun.Status.CANCELLED, end_reason=ERASED, ended_at=now
    )
    held_tasks.cut(person)
    Timer.objects.filter(customer_id__in=person.members).delete()
    held_requests.cut(person)
    waiting = Delivery.objects.filter(Q(customer_id__in=person.members) | Q(identity_id__in=person.identities))
    waiting.filter(state=Delivery.State.QUEUED).update(state=Delivery.State.CANCELLED, reason=ERASED)
    open_ones = _of(Session, person).filter(ended_at__isnull=True)
    streams = [realtime.endpoint_stream(*place) for place in open_ones.values_list("identity_id", "channel")]
    open_ones.update(ended_at=now)
    realtime.hint(*(name for pk in ids for name in (realtime.conversation_stream(pk), f"desk:{pk}")), *streams)


# --- erase ------------------------------------------------------------------------------------------------------------


def _gone(model: type[Model], *conditions: str) -> Callable[[Person, int], int]:
    """Drops what any of the conditions holds for: the next one is asked when little is left of the one before."""

    def erase(person: Person, limit: int) -> int:
        found = 0
        for condition in conditions:
            found += drop(model, condition, [list(person.members)], limit)
            if found >= limit:
                break
        return found

    return erase


def _files(person: Person, limit: int) -> int:
    """The bytes first: a row without its file is found again, a file without its row never."""
    mine = Q(customer_id__in=person.members) | Q(message__customer_id__in=person.members)
    rows = list(Attachment.objects.filter(mine).order_by("pk")[: min(limit, FILES)])
    for row in rows:
        for name in (row.file.name, row.thumb.name):
            if name:
                default_storage.delete(name)
    return Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


def _amendments(person: Person, limit: int) -> int:
    edits = _gone(MessageEdit, MINE, OF_MY_MESSAGES)(person, limit)
    return edits + _gone(MessageReaction, MINE, OF_MY_MESSAGES)(person, limit)


def _events(person: Person, limit: int) -> int:
    """Those in others' conversations leave a blank place, so that nobody misses a number; the rest goes."""
    mine = list(person.members)
    others = "NOT EXISTS (SELECT 1 FROM conversations_conversation c WHERE c.id = t.conversation_id"
    others += " AND c.customer_id = ANY(%s))"
    change = "kind = 'erased', message_id = NULL, session_id = NULL, session_seq = NULL, data = '{}', source = '',"
    change += " source_event_id = '', actor_kind = '', actor_id = NULL"
    found = drop(ConversationEvent, f"{MINE} AND {IN_MINE}", [mine, mine], limit)
    for condition in () if found >= limit else (MINE, OF_MY_SESSIONS, OF_MY_MESSAGES):
        left = f"{condition} AND t.kind <> 'erased' AND {others}"
        found += blank(ConversationEvent, change, left, [mine, mine], limit)
    return found


def _deliveries(person: Person, limit: int) -> int:
    found = _gone(Delivery, MINE, OF_MY_MESSAGES)(person, limit)
    return found or drop(Delivery, "t.identity_id = ANY(%s)", [list(person.identities)], limit)


def _messages(person: Person, limit: int) -> int:
    return _gone(Message, MINE)(person, limit)


def _journeys(person: Person, limit: int) -> int:
    """Runs of theirs; others' words that were said in one stay without it."""
    runs = "(SELECT id FROM conversations_journeyrun WHERE customer_id = ANY(%s))"
    mine = [list(person.members)]
    found = drop(StepLog, f"({MINE} OR t.run_id IN {runs})", mine * 2, limit)
    if found:
        return found
    _of(JourneyRun, person).exclude(parent=None).update(parent=None)
    blank(JourneyRun, "parent_id = NULL", f"t.parent_id IN {runs}", mine, limit)
    blank(Message, "run_id = NULL", f"t.run_id IN {runs}", mine, limit)
    return drop(JourneyRun, MINE, mine, limit)


def _sessions(person: Person, limit: int) -> int:
    """Somebody they were taken for may have gone on with a journey there: it goes back to a session of their own."""
    own = "(SELECT max(s.id) FROM conversations_session s WHERE s.customer_id = t.customer_id)"
    mine = [list(person.members)]
    blank(JourneyRun, f"session_id = {own.replace('t.', 'conversations_journeyrun.')}", OF_MY_SESSIONS, mine, limit)
    return drop(Session, MINE, mine, limit)


def _conversations(person: Person, limit: int) -> int:
    """They stay blank, so that whoever has one open is told; nothing says when it was, or of what."""
    told = Q(last_customer_at__isnull=False) | Q(last_agent_at__isnull=False) | Q(queue_id__isnull=False)
    told |= Q(head_seq__gt=0) | ~Q(skill="") | ~Q(close_reason=ERASED)
    ids = list(_of(Conversation, person).filter(told).values_list("pk", flat=True)[:limit])
    now = clock.now()
    return Conversation.objects.filter(pk__in=ids).update(
        handover=None,
        referrer="",
        skill="",
        priority=0,
        queue_id=None,
        close_reason=ERASED,
        head_seq=0,
        opened_at=now,
        closed_at=now,
        last_message_at=now,
        last_customer_at=None,
        last_agent_at=None,
        hushed_until=None,
        **dict.fromkeys(("routing_plan", "ranked_at", "parked_until")),
        plan_step=0,
        park_reason="",
    )


# --- export -----------------------------------------------------------------------------------------------------------


def _said_messages(person: Person) -> Rows:
    """Every message with its wordings; the staff's names are not handed out."""
    rows = _of(Message, person).select_related("session__conversation").prefetch_related("edits", "attachments")
    for row in rows.order_by("pk").iterator(500):
        yield {
            "id": str(row.public_id),
            "conversation": str(row.session.conversation.public_id),
            "channel": row.session.channel,
            "author": row.author,
            "content": row.content,
            "edits": [{"at": moment(edit.occurred_at), "content": edit.content} for edit in row.edits.all()],
            "files": [str(file.public_id) for file in row.attachments.all()],
            "occurred_at": moment(row.occurred_at),
        }


def _said_conversations(person: Person) -> Rows:
    for row in _of(Conversation, person).order_by("pk").iterator(500):
        yield {
            "id": str(row.public_id),
            "state": row.state,
            "referrer": row.referrer,
            "opened_at": moment(row.opened_at),
            "closed_at": moment(row.closed_at),
            "close_reason": row.close_reason,
        }


def _said_journeys(person: Person) -> Rows:
    rows = _of(JourneyRun, person).select_related("version__journey").order_by("pk")
    for row in rows.iterator(200):
        yield {
            "journey": row.version.journey.key,
            "status": row.status,
            "step": row.step_id,
            "answers": row.vars,
            "started_at": moment(row.started_at),
            "ended_at": moment(row.ended_at),
            "steps": [
                {"step": step.step_id, "input": step.input, "at": moment(step.at)} for step in row.log.order_by("pk")
            ],
        }


def _said_deliveries(person: Person) -> Rows:
    rows = _of(Delivery, person).select_related("message").order_by("pk")
    for row in rows.iterator(500):
        yield {
            "message": str(row.message.public_id),
            "channel": row.channel,
            "state": row.state,
            "queued_at": moment(row.queued_at),
            "sent_at": moment(row.sent_at),
        }


def _said_events(person: Person) -> Rows:
    for row in _of(ConversationEvent, person).exclude(kind="message").order_by("pk").iterator(500):
        yield {"kind": row.kind, "by": row.actor_kind, "occurred_at": moment(row.occurred_at)}


def _said_amendments(person: Person) -> Rows:
    rows = _of(MessageReaction, person).select_related("message").order_by("pk")
    for row in rows.iterator(500):
        yield {"message": str(row.message.public_id), "emoji": row.emoji, "at": moment(row.occurred_at)}


def _said_files(person: Person) -> Rows:
    for row in _of(Attachment, person).order_by("pk").iterator(500):
        yield {
            "id": str(row.public_id),
            "name": row.name,
            "media_type": row.sniffed_type or row.media_type,
            "size": row.size,
            "state": row.state,
            "recorded_at": moment(row.recorded_at),
        }


def _stored_files(person: Person) -> Files:
    for row in _of(Attachment, person).filter(state=Attachment.State.STORED).order_by("pk").iterator(500):
        if row.file.name:
            yield f"{row.public_id}-{filenames.of(row.name, row.sniffed_type)}", partial(_open, row.file.name)


def _open(name: str) -> IO[bytes]:
    return default_storage.open(name, "rb")


def _of(model: type[Model], person: Person) -> QuerySet[Any]:
    """The rows of one model that were born on these origins."""
    return model._default_manager.filter(customer_id__in=person.members)

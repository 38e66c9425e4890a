"""Which conversations stand in a list, in which order, and how many are there? What `filters.Filter` means in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from common import clock
from conversations import threads
from conversations.models import Conversation, Session
from customers import finding
from handover import filters, seeing, sight
from handover.filters import Filter
from handover.models import Agent, ConversationTag, Mention, Queue, SlaClock

MOST, SOME = 1000, 100  # so far numbers are counted: more is "999+", and "99+" where it says little
PEOPLE = 1000  # in as many of the newest conversations one looks for words that too many have in their names
COUNTED = """(SELECT ARRAY[count(*), count(*) FILTER (WHERE counted.waiting_on = 'us' AND counted.owner_kind <> 'bot')]
FROM ({}) counted)"""
Kind, State = Conversation.Owner, Conversation.State


def of(agent: Agent, asked: Filter, *, seen: QuerySet[Conversation] | None = None) -> QuerySet[Conversation]:
    """What the agent may see (`seen`, if it is at hand) of it; unordered. Of a search only whom it names, no words."""
    rows = sight.visible_to(agent) if seen is None else seen
    if asked.q:
        rows = rows.filter(customer__root__in=people(asked.q, rows))
    return narrow(rows, asked, agent)


def narrow(rows: QuerySet[Conversation], asked: Filter, agent: Agent | None) -> QuerySet[Conversation]:
    """Without the search. What is said of "me" needs the agent."""
    rows = _in_state(rows, asked.state)
    for condition in (
        _owned(asked, agent),
        _ran_over(asked.channel),
        _waiting(asked.waiting),
        Q(mode=asked.mode) if asked.mode else Q(),
        _promised(asked.sla),
        _about(asked.tag),
        seeing.is_unread(agent) if asked.unread and agent else Q(),
        _named(agent) if asked.mentions and agent else Q(),
    ):
        rows = rows.filter(condition) if condition else rows
    return rows


def matters(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Without those in which only thanks or a rating of another one was said."""
    return rows.exclude(routing_plan=threads.ASIDE)


def matters_of(agent: Agent, root_id: int) -> QuerySet[Conversation]:
    """This person's, as far as the agent may see them."""
    return matters(sight.visible_to(agent)).filter(customer__root_id=root_id)


def order(asked: Filter) -> tuple[str, bool]:
    """By which column of `placed`, and whether it rises: queues show who is next, the others what moved last."""
    if asked.owner == "nobody":
        return "rank", True
    return ("closed_at", False) if asked.state == State.CLOSED else ("last_message_at", False)


def placed(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """With each one's place in its queue."""
    return rows.annotate(rank=Coalesce("ranked_at", "queued_at", "opened_at"))


def people(text: str, seen: QuerySet[Conversation]) -> set[int]:
    """The roots whom a text names by an address or words of a name; of common words those in the newest of `seen`."""
    return finding.roots(text, newest(seen))


def newest(seen: QuerySet[Conversation]) -> finding.Newest:
    """The roots of those that were opened last: when anything was said last is in no index of all conversations."""
    return seen.order_by("-pk").values_list("customer__root_id", flat=True)[:PEOPLE]


@dataclass(frozen=True, slots=True)
class Number:
    """How many there are, and how many of those wait for us."""

    all: int = 0
    waiting: int = 0


def counts(asked: Mapping[str, tuple[QuerySet[Conversation], int]]) -> dict[str, Number]:
    """How many rows each has, none counted beyond its number. One statement, however many there are."""
    if not asked:
        return {}
    parts: list[str] = []
    values: list[Any] = []
    for rows, most in asked.values():
        statement, given = rows.order_by().values("waiting_on", "owner_kind")[:most].query.sql_with_params()
        parts.append(COUNTED.format(statement))
        values += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return {name: Number(*found) for name, found in zip(asked, cursor.fetchone(), strict=True)}


def _in_state(rows: QuerySet[Conversation], state: str) -> QuerySet[Conversation]:
    if state == "any":
        return rows
    if state == State.CLOSED:
        rows = matters(rows)
    return rows.filter(state=state) if state else rows.exclude(state=State.CLOSED)


def _owned(asked: Filter, agent: Agent | None) -> Q:
    """A queue is who waits there, if nobody has it; else all that came through it."""
    if asked.owner == "nobody":
        return Q(owner_kind=Kind.QUEUE) & (_waits_for(asked.queue) if asked.queue else _in_own_queues(agent))
    mine = agent.pk if agent else None
    found = {
        "": Q(),
        "me": Q(owner_kind=Kind.AGENT, owner_id=mine),
        "colleagues": Q(owner_kind=Kind.AGENT) & ~Q(owner_id=mine),
        "bot": Q(owner_kind=Kind.BOT),
        "external": Q(owner_kind=Kind.EXTERNAL),
    }[asked.owner]
    return found & (Q(queue_id=_queue(asked.queue)) if asked.queue else Q())


def _in_own_queues(agent: Agent | None) -> Q:
    """What they may see anyway, said so that an index finds it."""
    if agent is None or agent.user.is_superuser:
        return Q()
    return Q(owner_id__in=[one.queue_id for one in sight.memberships(agent)])


def _waits_for(key: str) -> Q:
    """There now. Who was asked before sees it still and may take it, but no index would find it for every queue."""
    return Q(owner_id=_queue(key))


def _queue(key: str) -> Subquery:
    """The queue of that key, looked up by the same statement; one that is gone has no rows."""
    return Subquery(Queue.objects.filter(key=key).values("pk")[:1])


def _waiting(on: str) -> Q:
    """Whom it waits for, in people's hands: what the bot has waits for none of us."""
    return Q(waiting_on=on) & ~Q(owner_kind=Kind.BOT) if on else Q()


def _ran_over(channel: str) -> Q:
    if not channel:
        return Q()
    sessions = Session.objects.filter(conversation=OuterRef("pk"))
    named = sessions.filter(kind=channel) if channel in filters.kinds() else sessions.filter(channel=channel)
    return Q(Exists(named))


def _promised(sla: str) -> Q:
    if not sla:
        return Q()
    running = SlaClock.objects.filter(conversation=OuterRef("pk"), ended_at__isnull=True)
    late = Q(breached_at__isnull=False) | Q(due_at__lte=clock.now())
    is_over = Exists(running.filter(late))
    return Q(is_over) if sla == "over" else Q(Exists(running.filter(warned_at__isnull=False))) & ~Q(is_over)


def _about(tag: str) -> Q:
    return Q(Exists(ConversationTag.objects.filter(conversation=OuterRef("pk"), tag__key=tag))) if tag else Q()


def _named(agent: Agent) -> Q:
    unseen: QuerySet[Any] = Mention.objects.filter(agent=agent, seen_at__isnull=True)
    return Q(pk__in=unseen.values("note__conversation_id"))

"""Which conversations stand in which view of the desk, and how many?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from conversations.models import Conversation
from handover import sight
from handover.inbox import rows
from handover.models import Agent, Queue

PAGE = 30
Kind, State = Conversation.Owner, Conversation.State


@dataclass(frozen=True, slots=True)
class View:
    """One entry of the left pane; `count` is None where a number would say nothing."""

    key: str
    title: str
    kind: str
    queue_id: int | None = None
    count: int | None = None
    waiting: int = 0


EVERYTHING = View("all", "All conversations", "all")  # what a search looks through; no entry of the left pane


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list; `more` is the cursor of the next one, '' at the end."""

    rows: Sequence[rows.Row]
    more: str


def views(agent: Agent) -> list[View]:
    """The views of an agent with their counts; two queries."""
    queues = Queue.objects.filter(memberships__agent=agent).order_by("title")
    tally = Tally.of(agent)
    mine = tally.of_owner(Kind.AGENT, agent.pk)
    found = [View("mine", "Mine", "mine", count=mine[0], waiting=mine[1])]
    for queue in queues:
        count, waiting = tally.of_owner(Kind.QUEUE, queue.pk)
        found.append(View(f"queue-{queue.key}", queue.title, "queue", queue.pk, count, waiting))
    team = tally.of_kind(Kind.AGENT) - mine[0]
    found.append(View("team", "With colleagues", "team", count=team))
    found.append(View("bot", "With the bot", "bot", count=tally.of_kind(Kind.BOT)))
    found.append(View("closed", "Closed", "closed"))
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How many open conversations the agent may see, by owner and by who waits."""

    cells: dict[tuple[str, int | None, str], int]

    @classmethod
    def of(cls, agent: Agent) -> Tally:
        seen = sight.visible_to(agent).exclude(state=State.CLOSED).order_by()
        counted = seen.values_list("owner_kind", "owner_id", "waiting_on").annotate(Count("pk", distinct=True))
        return cls({(kind, owner_id, waiting): number for kind, owner_id, waiting, number in counted})

    def of_owner(self, kind: str, owner_id: int) -> tuple[int, int]:
        """(all, those that wait for us)"""
        us = self.cells.get((kind, owner_id, "us"), 0)
        return us + self.cells.get((kind, owner_id, "customer"), 0), us

    def of_kind(self, kind: str) -> int:
        return sum(number for (owner, _, _), number in self.cells.items() if owner == kind)


def page(agent: Agent, view: View, *, after: str = "", channel: str = "", only: Q | None = None) -> Page:
    """One page of a view past the cursor, narrowed by channel kind and by a search."""
    found = in_view(agent, view)
    if channel:
        found = found.filter(sessions__kind=channel).distinct()
    if only is not None:
        found = found.filter(only)
    field, is_rising = _order(view)
    found = _past(found, field, is_rising, after)
    sign = "" if is_rising else "-"
    listed = list(rows.with_last_message(found).order_by(f"{sign}{field}", f"{sign}public_id")[: PAGE + 1])
    more = _cursor(listed[PAGE - 1], field) if len(listed) > PAGE else ""
    return Page(rows.of(listed[:PAGE]), more)


def in_view(agent: Agent, view: View) -> QuerySet[Conversation]:
    """What the agent may see of a view."""
    seen = sight.visible_to(agent)
    if view.kind == "all":
        return seen
    if view.kind == "closed":
        return seen.filter(state=State.CLOSED)
    unclosed = seen.exclude(state=State.CLOSED)
    if view.kind == "mine":
        return unclosed.filter(owner_kind=Kind.AGENT, owner_id=agent.pk)
    if view.kind == "queue":
        return unclosed.filter(owner_kind=Kind.QUEUE, owner_id=view.queue_id)
    if view.kind == "team":
        return unclosed.filter(owner_kind=Kind.AGENT).exclude(owner_id=agent.pk)
    return unclosed.filter(owner_kind=Kind.BOT)


def _order(view: View) -> tuple[str, bool]:
    """A queue shows who has waited longest first; the other views what moved last."""
    return {"queue": ("queued_at", True), "closed": ("closed_at", False)}.get(view.kind, ("last_message_at", False))


def _past(found: QuerySet[Conversation], field: str, is_rising: bool, after: str) -> QuerySet[Conversation]:
    try:
        moment, public_id = datetime.fromisoformat(after.partition("_")[0]), UUID(after.partition("_")[2])
    except ValueError:
        return found
    beyond = "gt" if is_rising else "lt"
    same = {field: moment, f"public_id__{beyond}": public_id}
    return found.filter(Q(**{f"{field}__{beyond}": moment}) | Q(**same))


def _cursor(last: Conversation, field: str) -> str:
    moment: datetime = getattr(last, field)
    return f"{moment.isoformat()}_{last.public_id}"

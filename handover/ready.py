"""Which ready words and macros does an agent have, which may they change, and what do they say in a conversation?

The places in them are filled in here and nowhere else: a value that is masked for the agent fills nothing.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from conversations.journeys import templates
from conversations.journeys.expressions import Scope
from conversations.journeys.templates import Filled
from conversations.models import Conversation
from customers import attribute_showing, naming
from handover.models import Agent, CannedReply, Macro, Queue

ROOTS = frozenset({"customer", "agent", "conversation"})
PLACES = ("customer.first_name", "customer.name", "agent.first_name", "agent.name", "conversation.queue")
BROKEN = ("template",)  # what is missing of words that cannot be filled in at all
NAMES = ("name", "first_name", "last_name")
Words = TypeVar("Words", CannedReply, Macro)


def visible(rows: QuerySet[Words], agent: Agent) -> QuerySet[Words]:
    """Everybody's, those of the agent's queues, and the agent's own; administrators see those of every queue."""
    theirs = Q(owner=agent) | Q(owner__isnull=True, queue__isnull=True)
    if agent.user.is_superuser:
        return rows.filter(theirs | Q(owner__isnull=True))
    return rows.filter(theirs | Q(owner__isnull=True, queue__in=agent.memberships.values("queue_id")))


def led(agent: Agent) -> QuerySet[Queue]:
    """The queues for which the agent may write words."""
    if agent.user.is_superuser:
        return Queue.objects.order_by("title")
    return Queue.objects.filter(memberships__agent=agent, memberships__role="supervisor").order_by("title")


def may_change(agent: Agent, *, owner_id: int | None, queue_id: int | None) -> bool:
    """One's own: everybody; a queue's: its supervisors; everybody's: administrators, who may change a queue's, too."""
    if owner_id is not None:
        return owner_id == agent.pk
    if agent.user.is_superuser:
        return True
    return queue_id is not None and led(agent).filter(pk=queue_id).exists()


def scope(conversation: Conversation, agent: Agent) -> Scope:
    """What the places may say: the customer as the side bar shows them to this agent, the agent, the conversation."""
    root_id = conversation.customer.root_id
    known = attribute_showing.shown(root_id, reveals=False)
    told: dict[str, Any] = {one.key: one.value for one in known if not one.masked and one.key not in NAMES}
    name = naming.names([root_id], write=lambda row: "", reveals=True)[root_id]
    name = "" if name == naming.NOBODY else name
    queue = Queue.objects.filter(pk=conversation.queue_id or 0).values_list("title", flat=True).first()
    return {
        "customer": {**told, "name": name, "first_name": _first(name)},
        "agent": {"name": agent.name, "first_name": _first(agent.name)},
        "conversation": {"queue": queue or "", "language": language(conversation)},
    }


def language(conversation: Conversation) -> str:
    """The customer's, '' if nobody knows."""
    found = attribute_showing.values(conversation.customer.root_id).get("language")
    return found if isinstance(found, str) else ""


def fill(text: str, scope: Scope) -> Filled:
    """The words with their places filled in, in one pass: what a customer wrote is never read as a place."""
    return templates.fill(text, scope, roots=ROOTS)


def flaw(text: str) -> str:
    """Why these words cannot be kept, '' if they can."""
    try:
        templates.compile(text, ROOTS)
    except templates.TemplateRefused as error:
        return str(error)
    return ""


def _first(name: str) -> str:
    return name.split()[0] if name.split() else ""

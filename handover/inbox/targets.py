"""To whom can a conversation go? Its queues and colleagues as a list to choose from, and a choice read back."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from common import clock
from conversations.models import Conversation
from handover import capacity, hours, presence
from handover.board import staffing
from handover.inbox import staff
from handover.models import Agent, Queue

MOST = 200  # colleagues on the list


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the list; `value` is what the form says."""

    value: str
    title: str
    about: str
    is_there: bool


def queues(conversation: Conversation) -> list[Target]:
    """Every queue but the one it waits in; those where somebody is come first. Two queries."""
    now = clock.now()
    online = Agent.objects.filter(presence.online(now))
    staffed = set(online.values_list("queues", flat=True))
    found = Queue.objects.filter(is_archived=False).select_related("hours").order_by("title")
    if conversation.owner_kind == Conversation.Owner.QUEUE:
        found = found.exclude(pk=conversation.owner_id or 0)
    made = []
    for queue in found:
        is_open = hours.is_open(queue, now)
        about = "" if is_open and queue.pk in staffed else _("Nobody is there now") if is_open else _("Closed now")
        made.append(Target(f"queue:{queue.key}", queue.title, about, is_open and queue.pk in staffed))
    return sorted(made, key=lambda target: not target.is_there)


def agents(conversation: Conversation, agent: Agent) -> list[Target]:
    """Colleagues, those who are there first, with what they carry. Three queries."""
    now = clock.now()
    found = Agent.objects.filter(is_active=True, user__is_active=True).exclude(pk=agent.pk)
    if conversation.owner_kind == Conversation.Owner.AGENT:
        found = found.exclude(pk=conversation.owner_id or 0)
    rows = list(found.prefetch_related("queues").order_by("name")[:MOST])
    carried = capacity.loads([row.pk for row in rows])
    made = []
    for row in rows:
        names = ", ".join(sorted(queue.title for queue in row.queues.all()))
        room = _("%(carried)s of %(most)s") % {"carried": f"{carried[row.pk]:g}", "most": row.capacity}
        shown = staffing.seen_as(row, now)  # the word that the board has for it
        is_there = shown == Agent.Status.ONLINE
        state = room if is_there else str(_(Agent.Status(shown).label))
        about = " · ".join(filter(None, (state, names)))  # the names of many queues are cut off
        made.append(Target(f"agent:{staff.ref(row.pk)}", row.name, about, is_there))
    return sorted(made, key=lambda target: not target.is_there)


def read(value: str) -> Queue | Agent | None:
    """Whom the form names; None if there is nobody of that name (any more)."""
    kind, _, name = value.partition(":")
    if kind == "queue":
        return Queue.objects.filter(key=name, is_archived=False).first()
    if kind != "agent":
        return None
    ids = Agent.objects.filter(is_active=True).values_list("pk", flat=True)
    found = next((pk for pk in ids if staff.ref(pk) == name), None)
    return Agent.objects.select_related("user").filter(pk=found).first() if found else None

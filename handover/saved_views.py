"""Which lists has somebody given a name? Their own, their queues', and everybody's.

Problem
+-- NotYourView   403 not_your_view   shared views are changed by whoever leads the queue, everybody's by administrators
+-- TooManyViews  409 too_many_views
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from common.problems import Problem
from conversations import realtime
from handover import filters, sight
from handover.filters import Filter
from handover.models import Agent, Membership, Queue, SavedView

MOST = 50  # of one agent, of one queue, of all
TOPIC = "views"  # of the hub: {"agents": ids of those who see something else now, None for all}
EVERYBODY = "handover.change_savedview"


class NotYourView(Problem):
    code = "not_your_view"
    title = "This view is shared; whoever leads the team can change it."
    status = 403


class TooManyViews(Problem):
    code = "too_many_views"
    title = "There are too many views. Delete one first."
    status = 409


def visible_to(agent: Agent) -> QuerySet[SavedView]:
    """Their own, their queues' and everybody's, in order: shared ones first."""
    queues = Membership.objects.filter(agent=agent).values("queue_id")
    shared = Q(owner__isnull=True, queue__isnull=True) | Q(queue_id__in=queues)
    found = SavedView.objects.filter(Q(owner=agent) | shared).select_related("queue")
    return found.order_by(F("owner").asc(nulls_first=True), "position", "title", "pk")


def changeable(agent: Agent, views: Collection[SavedView]) -> set[int]:
    """Which of them the agent may change: their own; a queue's if they lead it; everybody's as an administrator."""
    led = _led(agent) if any(view.owner_id is None for view in views) else set()
    return {view.pk for view in views if view.owner_id == agent.pk or (view.owner_id is None and view.queue_id in led)}


def sharing(agent: Agent, queues: Collection[Queue]) -> tuple[list[Queue], bool]:
    """For which of the queues the agent may make views, and whether for everybody."""
    led = _led(agent)
    return [queue for queue in queues if queue.pk in led], None in led


def filter_of(view: SavedView) -> Filter:
    """What it keeps, as far as that is still understood."""
    try:
        return filters.read(view.filters)
    except filters.BadFilter:
        return Filter()


@transaction.atomic
def create(
    *, agent: Agent, title: str, asked: Filter, queue: Queue | None = None, is_shared: bool = False
) -> SavedView:
    """A new last one: of the agent, or shared with a queue or (`is_shared`, no queue) with everybody."""
    owner = None if queue or is_shared else agent
    if owner is None and (queue.pk if queue else None) not in _led(agent):
        raise NotYourView()
    beside = SavedView.objects.filter(owner=owner, queue=queue)
    if beside.count() >= MOST:
        raise TooManyViews()
    last = beside.aggregate(last=Max("position"))["last"]
    view = SavedView.objects.create(
        title=title, filters=asked.to_json(), owner=owner, queue=queue, position=0 if last is None else last + 1
    )
    _tell([view])
    return view


@transaction.atomic
def change(*, agent: Agent, view: SavedView, title: str | None = None, asked: Filter | None = None) -> SavedView:
    """Another name, another filter, or both."""
    _refuse(agent, view)
    changes: dict[str, Any] = {"title": title} if title is not None else {}
    changes |= {"filters": asked.to_json()} if asked is not None else {}
    for name, value in changes.items():
        setattr(view, name, value)
    view.save(update_fields=list(changes))
    _tell([view])
    return view


@transaction.atomic
def remove(*, agent: Agent, view: SavedView) -> None:
    """Gone, for everybody who had it."""
    _refuse(agent, view)
    _tell([view])
    view.delete()


@transaction.atomic
def arrange(*, agent: Agent, ids: Collection[UUID]) -> None:
    """Puts those that the agent may change in this order; others keep their place."""
    known = {view.public_id: view for view in visible_to(agent).filter(public_id__in=ids)}
    may, moved = changeable(agent, list(known.values())), []
    for position, public_id in enumerate(ids):
        view = known.get(public_id)
        if view is not None and view.pk in may and view.position != position:
            view.position = position
            view.save(update_fields=["position"])
            moved.append(view)
    _tell(moved)


def _tell(views: Collection[SavedView]) -> None:
    """Whoever may see one of them looks again, once it is stored; a screen not told does so with its next numbers."""
    if not views:
        return
    queues = {view.queue_id for view in views if view.queue_id}
    members = Membership.objects.filter(queue_id__in=queues).values_list("agent_id", flat=True)
    agents = {view.owner_id for view in views if view.owner_id} | set(members)
    is_everybodys = any(view.owner_id is None and view.queue_id is None for view in views)
    data = {"agents": None if is_everybodys else sorted(agents)}
    transaction.on_commit(partial(realtime.tell, TOPIC, data))


def _refuse(agent: Agent, view: SavedView) -> None:
    if not changeable(agent, [view]):
        raise NotYourView()


def _led(agent: Agent) -> set[int | None]:
    """The queues whose views the agent may change; None stands for everybody's. Superusers lead all."""
    if agent.user.is_superuser:
        return {None, *Queue.objects.values_list("pk", flat=True)}
    led: set[int | None] = {one.queue_id for one in sight.memberships(agent) if one.role == "supervisor"}
    return led | {None} if agent.user.has_perm(EVERYBODY) else led

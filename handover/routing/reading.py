"""What does a plan depend on? Everything is read once."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from common import clock
from conversations.models import Conversation
from customers.models import Customer
from handover import capacity, hours, limits, presence
from handover.models import Affinity, Queue
from handover.routing.facts import Facts, Preferred, QueueFacts


def facts_for(*, conversation: Conversation, root: Customer, queue: Queue | None, skill: str) -> Facts:
    """Reads once what a plan for this conversation depends on."""
    now = clock.now()
    default = Queue.objects.filter(is_default=True).first()
    affinity = _affinity(root, skill)
    preferred, last_queue = None, None
    if affinity is not None:
        preferred = _preferred(affinity, queue or default, conversation, now)
        last_queue = _queue_facts(affinity.queue)
    return Facts(
        wanted=_queue_facts(queue),
        default=_queue_facts(default),
        fallbacks=tuple(filter(None, map(_queue_facts, _fallbacks(queue)))),
        last_queue=last_queue,
        preferred=preferred,
        has_skill=bool(skill),
    )


def _affinity(root: Customer, skill: str) -> Affinity | None:
    """The newest one of the person's cluster: of this skill, or of any when none is asked for."""
    found = Affinity.objects.filter(customer__root_id=root.pk).select_related("agent", "queue")
    if skill:
        found = found.filter(Q(scope=skill) | Q(scope=""))
    return found.order_by("-handled_at").first()


def _preferred(affinity: Affinity, queue: Queue | None, conversation: Conversation, now: datetime) -> Preferred | None:
    agent = affinity.agent
    if agent is None:
        return None
    return Preferred(
        pk=agent.pk,
        handled_at=affinity.handled_at,
        is_online=presence.is_online(agent, now),
        is_member=queue is not None and agent.memberships.filter(queue=queue).exists(),
        has_room=capacity.has_room(agent, capacity.weight_of(conversation)),
    )


def _fallbacks(queue: Queue | None) -> list[Queue]:
    """At most three, each once: a circle of fall-backs ends where it began."""
    found: list[Queue] = []
    while queue is not None and queue.fallback is not None and len(found) < limits.number("FALLBACK_DEPTH"):
        queue = queue.fallback
        if queue in found:
            break
        found.append(queue)
    return found


def _queue_facts(queue: Queue | None) -> QueueFacts | None:
    return QueueFacts(queue.pk, hours.is_open(queue, clock.now()), presence.is_staffed(queue)) if queue else None

"""What changes for those who wait while nobody does anything? A queue closes or empties, a customer becomes a VIP."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from common import clock
from conversations import threads
from conversations.journeys.scene import Scene
from conversations.models import LAST_HEARD, Conversation, Timer
from customers.models import Attribute
from handover import limits
from handover.routing import apart, houses, ranking, reading, steps, withdrawing
from handover.routing.houses import House
from handover.timing import clocks, exhaustion, saying

AT_ONCE = 50  # conversations of one queue in one look

Owner, State = Conversation.Owner, Conversation.State
# `steps.demanded`, for a query.
DEMANDED = Case(When(routing_plan__waives=True, then=Value("")), default=F("skill"))


def look() -> int:
    """One look at everybody who waits; returns for how many something was done."""
    taken_back = withdrawing.look()
    waiting = Conversation.objects.filter(owner_kind=Owner.QUEUE, state=State.OPEN)
    waiting.filter(ranked_at__isnull=True, queued_at__isnull=False).update(ranked_at=F("queued_at"))
    where = set(waiting.filter(mode="live").annotate(demands=DEMANDED).values_list("owner_id", "demands").distinct())
    if not where:
        return taken_back
    now = clock.now()
    found = {skill: houses.whole(now, skill=skill) for skill in sorted({skill for _, skill in where})}
    done = taken_back + hurry_vips()
    for pk, skill in sorted(where):
        if pk is not None:
            done += apart.serve("closing", pk, partial(_leave, pk, found[skill]))
    return done


def hurry_vips() -> int:
    """Who has become a VIP while waiting counts as older from now on, once."""
    waiting = Conversation.objects.queued().filter(_lacks("priority"), state=State.OPEN)
    marked = Attribute.objects.filter(key__in=("vip", "priority"), observation__is_clear=False)
    roots = waiting.values("customer__root_id")
    named: dict[int, dict[str, object]] = {}
    for row in marked.filter(root_id__in=roots).select_related("observation"):
        named.setdefault(row.root_id, {})[row.key] = row.observation.value
    vips = [pk for pk, known in named.items() if reading.is_vip(known)]
    return sum(map(_hurry, waiting.filter(customer__root_id__in=vips).values_list("pk", flat=True)))


@transaction.atomic
def _hurry(conversation_id: int) -> int:
    conversation = threads.lock(conversation_id=conversation_id)
    plan = _stored(conversation)
    if conversation.owner_kind != Owner.QUEUE or plan.get("priority"):
        return 0
    minutes = int(limits.lasts("VIP_PRIORITY").total_seconds() // 60)
    conversation.routing_plan = {**plan, "priority": minutes}
    conversation.save(update_fields=["routing_plan"])
    ranking.hurry(conversation=conversation, minutes=minutes, cause="vip")
    return 1


def _leave(queue_id: int, house: House) -> int:
    """It has closed, or the last of its people (with the skill) has gone: who has somewhere else to wait goes there."""
    facts = house.facts(house.queues.get(queue_id))
    if facts is None or facts.is_eligible:
        return 0
    waiting = Conversation.objects.queued().filter(owner_id=queue_id, state=State.OPEN, mode="live")
    waiting = waiting.annotate(demands=DEMANDED).filter(demands=house.skill)
    waiting = waiting.exclude(_has_no_more()) if facts.is_open else waiting.filter(_lacks("exhausted"))
    found = ranking.in_order(waiting).values_list("pk", "customer_id")[:AT_ONCE]
    return sum(_go_on(pk, customer, house, is_open=facts.is_open) for pk, customer in found)


@transaction.atomic
def _go_on(conversation_id: int, customer_id: int, house: House, *, is_open: bool) -> int:
    root = threads.lock_root(customer_id=customer_id)
    conversation = threads.lock(conversation_id=conversation_id)
    facts = house.facts(house.queues.get(conversation.owner_id or 0))
    if conversation.owner_kind != Owner.QUEUE or facts is None or facts.is_eligible:
        return 0
    heard = conversation.sessions.select_related("identity").filter(ended_at__isnull=True)
    session = heard.order_by(LAST_HEARD, "-pk").first()
    if session is None:
        return 0
    if is_open and not steps.has_more(conversation, house):
        clocks.left_alone(conversation)
        return 0
    scene = Scene(conversation, session, root)
    if steps.advance(conversation=conversation, because="unstaffed" if is_open else "closed"):
        saying.tell(scene, "requeued")
        return 1
    if not is_open:
        conversation.routing_plan = {**_stored(conversation), "exhausted": True}
        conversation.save(update_fields=["routing_plan"])
        exhaustion.decide(scene)
        return 1
    return 0


def _stored(conversation: Conversation) -> dict[str, Any]:
    """The plan as it is kept, to be marked; an empty one if there is none, or what is there is none."""
    plan = conversation.routing_plan
    return dict(plan) if plan and isinstance(plan, dict) else {"rule": 0, "steps": []}


def _has_no_more() -> Q:
    """No plan to go on with, and its time alone is counted already."""
    counted = Timer.objects.filter(kind=clocks.QUEUE_ALONE, object_id=OuterRef("pk"))
    return Q(Exists(counted), routing_plan__isnull=True)


def _lacks(key: str) -> Q:
    """The stored plan says nothing of this, or there is none."""
    return Q(routing_plan__isnull=True) | Q(**{f"routing_plan__{key}__isnull": True})

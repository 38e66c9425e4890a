"""May an agent still take what they were offered? Who works here no longer may not, nor who has left that team."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from common.problems import Problem
from conversations.models import Conversation
from handover.models import Agent, Membership, Queue, Reservation
from handover.routing.targets import Plan

EXPLICIT = 6  # the rule by which a step names an agent, whatever their queues

Teams = Mapping[int, Collection[int]]  # the queues of each agent who works here


class NotOffered(Problem):
    code, title, status = "not_found", "There is no such offer.", 404


class OfferOver(Problem):
    code, title, status = "offer_over", "This offer is over.", 409


def teams_of(agent_ids: Collection[int]) -> Teams:
    """Two queries, however many agents; whoever is not among them works here no longer."""
    here = Agent.objects.filter(pk__in=agent_ids, is_active=True, user__is_active=True)
    works: dict[int, set[int]] = {pk: set() for pk in here.values_list("pk", flat=True)}
    for agent_id, queue_id in Membership.objects.filter(agent_id__in=works).values_list("agent_id", "queue_id"):
        works[agent_id].add(queue_id)
    return works


def may_answer(offer: Reservation, conversation: Conversation, works: Teams) -> bool:
    """A colleague may be asked wherever they work; routing asks those of the queues that the plan has come to."""
    queues = works.get(offer.agent_id)
    if queues is None or offer.kind == Reservation.Kind.TRANSFER:
        return queues is not None
    plan = Plan.from_json(conversation.routing_plan)
    targets = plan.targets[: offer.plan_step + 1]
    is_named = any(target.agent_id == offer.agent_id for target in targets)
    if is_named and (plan.rule == EXPLICIT or _crosses(conversation)):
        return True
    return bool({conversation.owner_id, *(target.queue_id for target in targets)}.intersection(queues))


def _crosses(conversation: Conversation) -> bool:
    return Queue.objects.filter(pk=conversation.owner_id or 0, allow_cross_queue=True).exists()

"""How does a program that leads read the plan of a conversation? Every step, with logins and keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.refusing import refuses
from conversations.models import Conversation
from handover import holding, refusals
from handover.models import Agent
from handover.naming_owners import Names
from handover.routing.targets import Plan, Target
from handover.serializers import RoutePlanSerializer
from handover.ways_api import WaysShown


class PlanShown(WaysShown):
    """With the ways to the customer; mixed into the viewset of conversations, which brings the helpers."""

    get_object: Callable[[], Conversation]
    request: Any

    @extend_schema(responses=RoutePlanSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    @refuses(refusals.NotLeading)
    def plan(self, request: Request, public_id: str) -> Response:
        """Who is asked in which order, and how far it has come: for those who lead there, administrators, engines."""
        conversation = self.get_object()
        agent: Agent | None = getattr(request.user, "agent", None)
        if agent is not None and not request.user.is_superuser and not holding.leads(conversation, agent):
            raise refusals.NotLeading()
        return Response(RoutePlanSerializer(_shown(conversation)).data)


def _shown(conversation: Conversation) -> dict[str, Any]:
    plan = Plan.from_json(conversation.routing_plan)
    is_waiting = conversation.owner_kind == Conversation.Owner.QUEUE
    at = conversation.plan_step if is_waiting else len(plan.targets)
    agents = {one.pk for one in plan.targets if not one.is_queue}
    names = Names.of(agents, {one.pk for one in plan.targets if one.is_queue})
    return {"rule": plan.rule, "steps": [_step(one, number - at, names) for number, one in enumerate(plan.targets)]}


def _step(target: Target, ahead: int, names: Names) -> dict[str, Any]:
    return {
        "kind": "queue" if target.is_queue else "agent",
        "name": (names.queues if target.is_queue else names.agents).get(target.pk, ""),
        "seconds": None if target.lasts is None else int(target.lasts.total_seconds()),
        "needs": list(target.needs),
        "state": "past" if ahead < 0 else "ahead" if ahead else "present",
    }

"""Which of these conversations may which of these agents see now? Asked in batches for open sockets."""

from __future__ import annotations

from collections.abc import Collection

from handover import desk
from handover.models import Agent


def of(agent_ids: Collection[int], conversation_ids: Collection[int]) -> dict[int, set[int]]:
    """Visible conversation ids by agent; a deactivated agent sees nothing."""
    agents = Agent.objects.filter(pk__in=agent_ids, is_active=True, user__is_active=True).select_related("user")
    return {agent.pk: one(agent, conversation_ids) for agent in agents}


def one(agent: Agent, conversation_ids: Collection[int]) -> set[int]:
    """Visible conversation ids of one agent."""
    return set(desk.visible_to(agent).filter(pk__in=conversation_ids).values_list("pk", flat=True))

"""Who leads what? Supervisors their queues, administrators with a desk everything; for one agent or for many."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import Q

from handover.models import Agent, Membership

CALLED_FOR = timedelta(hours=24)  # so long the board says what somebody was called for


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody leads; falsy when it is nothing."""

    queues: frozenset[int] = frozenset()
    is_all: bool = False

    def __bool__(self) -> bool:
        return self.is_all or bool(self.queues)


def of(agent: Agent) -> Scope:
    """Of one agent: one query, none for an administrator."""
    if not agent.is_active:
        return Scope()
    if agent.user.is_superuser:
        return Scope(is_all=True)
    led = agent.memberships.filter(role="supervisor", queue__is_archived=False)
    return Scope(frozenset(led.values_list("queue_id", flat=True)))


def of_all(agent_ids: Collection[int]) -> dict[int, Scope]:
    """Of these agents as they are now; who is deactivated or leads nothing is left out. Two queries."""
    active = Agent.objects.filter(pk__in=agent_ids, is_active=True, user__is_active=True)
    is_root = dict(active.values_list("pk", "user__is_superuser"))
    led: dict[int, set[int]] = {}
    rows = Membership.objects.filter(agent_id__in=is_root, role="supervisor", queue__is_archived=False)
    for agent_id, queue_id in rows.values_list("agent_id", "queue_id"):
        led.setdefault(agent_id, set()).add(queue_id)
    found = {pk: Scope(frozenset(led.get(pk, ())), is_all) for pk, is_all in is_root.items()}
    return {pk: scope for pk, scope in found.items() if scope}


def leads_agent(agent: Agent, of_agent: Agent) -> bool:
    """Does `of_agent` work in a queue that `agent` leads? Administrators lead everybody."""
    scope = of(agent)
    return scope.is_all or of_agent.memberships.filter(queue_id__in=scope.queues).exists()


def over(user_id: int) -> list[tuple[int, str]]:
    """Who leads whatever this user works in, with their languages; administrators with a desk, too. Not the user."""
    active = Agent.objects.filter(is_active=True, user__is_active=True).exclude(user_id=user_id)
    led = Membership.objects.filter(agent__user_id=user_id).values("queue_id")
    leading = Membership.objects.filter(role="supervisor", queue_id__in=led).values("agent_id")
    found = active.filter(Q(user__is_superuser=True) | Q(pk__in=leading))
    return list(found.order_by("pk").values_list("pk", "language"))


def name_of(user_id: int) -> str:
    """As colleagues call them; of an account without a desk its login."""
    name = Agent.objects.filter(user_id=user_id).values_list("name", flat=True).first()
    return name or get_user_model().objects.filter(pk=user_id).values_list("username", flat=True).first() or "?"

"""Which agent is at this screen, and how are agents named on the wire?"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef
from django.utils.crypto import salted_hmac

from handover.models import Agent, Membership, Queue


def at_desk(user: object) -> Agent | None:
    """The active agent of a logged-in user; None if there is no desk for them. `leads_a_queue` says so (pages link)."""
    if not isinstance(user, AbstractBaseUser) or not user.is_active:
        return None
    led = Membership.objects.filter(agent=OuterRef("pk"), role="supervisor", queue__is_archived=False)
    known = Agent.objects.select_related("user").annotate(leads_a_queue=Exists(led))
    return known.filter(user_id=user.pk, is_active=True).first()


@lru_cache(maxsize=4096)
def ref(agent_id: int) -> str:
    """A stable name of an agent for data attributes and frames: no key of the database leaves us."""
    return salted_hmac("handover.inbox.staff", str(agent_id)).hexdigest()[:16]


def names(agent_ids: Collection[int | None]) -> dict[int, str]:
    """The display names of agents. One query, none when there is nobody."""
    wanted = {agent_id for agent_id in agent_ids if agent_id is not None}
    return dict(Agent.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def queue_titles(queue_ids: Collection[int | None]) -> dict[int, tuple[str, str]]:
    """Key and title of queues. One query, none when there is none."""
    wanted = {queue_id for queue_id in queue_ids if queue_id is not None}
    found = Queue.objects.filter(pk__in=wanted).values_list("pk", "key", "title") if wanted else []
    return {pk: (key, title) for pk, key, title in found}

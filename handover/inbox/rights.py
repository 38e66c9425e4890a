"""What may an agent do about a customer? A desk lets them note and propose; joining and revealing take a permission."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from common.problems import Problem
from customers import finding
from customers.models import Customer
from handover import listing, sight
from handover.models import Agent

VIEW = "customers.view_customer"
# What a desk does not bring with it; the same permissions as in the back office and in the API.
TAKES = {
    "merge": "customers.merge_customer",
    "split": "customers.undo_link",
    "force": "customers.force_merge",
    "reveal": "customers.reveal_identity",
    "change": "customers.change_customer",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """Of one agent, about the people in the conversations they see. `has_office`: the person's page opens for them."""

    merge: bool
    split: bool
    force: bool
    reveal: bool
    change: bool
    has_office: bool


class NotAllowed(Problem):
    code = "not_allowed"
    title = "This takes a permission that you do not have."
    status = 403


def of(agent: Agent) -> Rights:
    """Two queries at most: the user's own permissions and those of their groups."""
    user = agent.user
    found = {name: user.has_perm(permission) for name, permission in TAKES.items()}
    return Rights(**found, has_office=user.is_staff and user.has_perm(VIEW))


def needs(agent: Agent, name: str) -> None:
    """`NotAllowed` unless the agent has the permission behind that name."""
    if not agent.user.has_perm(TAKES[name]):
        raise NotAllowed()


def actor(agent: Agent) -> str:
    """Who the ledgers name."""
    return f"user:{agent.user_id}"


def people(agent: Agent) -> QuerySet[Customer]:
    """Whom the agent may be told of: everybody with the permission, else who is in a conversation that they see."""
    roots = Customer.objects.roots().kept()
    if agent.user.has_perm(VIEW):
        return roots
    return roots.filter(pk__in=sight.visible_to(agent).values("customer__root_id"))


def newest(agent: Agent) -> finding.Newest | None:
    """Among whom a common name is looked for: the same people, the latest; None: whoever was seen last."""
    return None if agent.user.has_perm(VIEW) else listing.newest(sight.visible_to(agent))

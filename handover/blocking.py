"""Whom do we keep from people? Somebody who may says so, with a reason, and takes it back; the bot goes on with them.

It is the attribute `blocked`, which routing heeds; an outside system may say it, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations import events
from conversations.journeys.scene import Scene
from conversations.models import Conversation
from customers import attributes, audit
from customers.models import AuditEntry, Customer, Observation
from handover import following, holding, noting, parting, refusals
from handover.models import Agent
from handover.routing import reading

KEY, MAY = "blocked", "customers.change_customer"
BLOCK, UNBLOCK = "customer.block", "customer.unblock"
REASONS = {
    "abuse": _("Insults or threatens"),
    "spam": _("Advertises, or writes nonsense"),
    "fraud": _("Is no customer, but pretends to be one"),
    "other": _("Something else"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when somebody is blocked, by whom, and why; `reason` is empty where another system has said it."""

    at: datetime
    by: str
    reason: str = ""

    @property
    def why(self) -> str:
        return str(REASONS.get(self.reason, ""))


@transaction.atomic
def block(*, conversation_id: int, agent: Agent, reason: str, note: str = "", client_id: str = "") -> bool:
    """The customer is kept from people from now on; out of the queue if they wait in one. Audited; False: they were.

    `MayNotBlock` without the permission to change customers. `reason` is a key of `REASONS`; the note is for the team.
    """
    scene = _scene(conversation_id, agent)
    if note:
        noting.write(conversation=scene.conversation, agent=agent, text=note, client_id=client_id)
    if reading.is_blocked(scene.root.pk):
        return False
    _say(scene, agent, True, BLOCK, reason)
    if scene.conversation.owner_kind == Conversation.Owner.QUEUE:
        parting.to_bot(scene.conversation, agent, Conversation.State.OPEN, "blocked")
        following.hand_back(scene=scene, is_over=False)
    return True


@transaction.atomic
def unblock(*, conversation_id: int, agent: Agent) -> bool:
    """People are there for them again, once they ask; audited. False if they were not blocked."""
    scene = _scene(conversation_id, agent)
    if not reading.is_blocked(scene.root.pk):
        return False
    _say(scene, agent, None, UNBLOCK)
    return True


def may(agent: Agent) -> bool:
    """Supervisors, as the groups come: it changes what holds of a customer."""
    return agent.user.has_perm(MAY)


def refuse_others(agent: Agent) -> None:
    """`MayNotBlock` for everybody else."""
    if not may(agent):
        raise refusals.MayNotBlock()


def standing(root: Customer, word: Observation, *, by: str) -> Standing | None:
    """Of the attribute's present word, which `by` has said, if it says so, with why from the audit log."""
    if word.is_clear or not reading.is_yes(word.value):
        return None
    entries = AuditEntry.objects.filter(object_id=str(root.public_id), action=BLOCK, actor=word.verified_by or "-")
    entry = entries.order_by("-id").first()
    return Standing(word.effective_at, by, entry.reason if entry else "")


def _scene(conversation_id: int, agent: Agent) -> Scene:
    scene = holding.scene(conversation_id, agent)
    refuse_others(agent)
    return scene


def _say(scene: Scene, agent: Agent, value: Any, action: str, reason: str = "") -> None:
    by = f"user:{agent.user_id}"
    attributes.verify(customer=scene.root, key=KEY, value=value, by=by)
    audit.record(actor=by, action=action, object_id=str(scene.root.public_id), reason=reason)
    events.append(
        conversation=scene.conversation,
        kind="customer_blocked" if value else "customer_unblocked",
        actor_kind="agent",
        actor_id=agent.pk,
        data={"reason": reason} if reason else {},
    )

"""What may a supervisor do that others may not? Assign without asking, take over from an agent, let somebody finish."""

from __future__ import annotations

from django.db import transaction

from common import clock
from conversations import outbox, realtime
from conversations.models import Conversation
from customers import audit
from handover import holding, owning, presence, refusals, transferring
from handover.models import Agent, Membership

Owner, State = Conversation.Owner, Conversation.State


@transaction.atomic
def force_assign(*, conversation_id: int, agent: Agent, to: Agent) -> Conversation:
    """Whoever has it -> that desk at once, unasked and whatever it carries; audited. Only by whoever leads there."""
    conversation = _led(conversation_id, agent)
    if not to.is_active or not to.user.is_active:
        raise refusals.TargetGone()
    if holding.is_owner(conversation, to):
        raise refusals.TargetHasIt()
    was_bots = conversation.owner_kind == Owner.BOT
    if was_bots:
        holding.brief(conversation)
    transferring.lay(conversation, agent, to, "force_assign")
    if was_bots:
        outbox.cancel_unsent(conversation=conversation)
    _audit(agent, "conversation.force_assign", conversation)
    return conversation


@transaction.atomic
def barge_in(*, conversation_id: int, agent: Agent) -> Conversation:
    """An agent's -> the supervisor's own; the agent's screen says so; audited."""
    conversation = _led(conversation_id, agent)
    if not holding.has_agent(conversation):
        raise refusals.NotYours(owner=holding.owner_name(conversation))
    if holding.is_owner(conversation, agent):
        return conversation
    transferring.lay(conversation, agent, agent, "barge_in")
    presence.heartbeat(agent=agent, at=clock.now())
    _audit(agent, "conversation.barge_in", conversation)
    return conversation


@transaction.atomic
def drain(*, agent: Agent, of: Agent, is_on: bool) -> Agent:
    """`of` gets no new work and finishes what they have; or is back for new work. Only by whoever leads a queue of
    theirs; audited."""
    led = Membership.objects.filter(agent=agent, role="supervisor").values("queue_id")
    if not agent.user.is_superuser and not of.memberships.filter(queue_id__in=led).exists():
        raise refusals.NotLeading()
    if of.is_draining != is_on:
        of.is_draining = is_on
        of.save(update_fields=["is_draining"])
        audit.record(actor=f"user:{agent.user_id}", action="agent.drain", object_id=of.user.username, rows=int(is_on))
        realtime.hint(owning.WAKE)
    return of


def _led(conversation_id: int, agent: Agent) -> Conversation:
    conversation = holding.locked(conversation_id, agent)
    if conversation.state == State.CLOSED:
        raise refusals.AlreadyClosed()
    if not holding.leads(conversation, agent):
        raise refusals.NotLeading()
    return conversation


def _audit(agent: Agent, action: str, conversation: Conversation) -> None:
    audit.record(actor=f"user:{agent.user_id}", action=action, object_id=str(conversation.public_id))

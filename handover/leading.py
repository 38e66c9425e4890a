"""What may a supervisor do that others may not? Assign without asking, take over, watch, let somebody finish.

Each is audited; so is a whisper, which is a note (`desk.note`) to the agent who has the conversation.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from common import clock
from conversations import outbox, realtime
from conversations.models import Conversation
from customers import audit
from handover import holding, owning, presence, refusals, statuses, transferring
from handover.board import leads
from handover.models import Agent

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
    _leads(agent, of)
    if of.is_draining != is_on:
        of.is_draining = is_on
        of.save(update_fields=["is_draining"])
        audit.record(actor=f"user:{agent.user_id}", action="agent.drain", object_id=of.user.username, rows=int(is_on))
        realtime.tell(f"agent:{of.pk}", {"type": "told", "data": {"words": _told(of, agent)}})
        realtime.hint(owning.WAKE)
    return of


def _told(of: Agent, by: Agent) -> str:
    """What their screens say of it, in their language."""
    with override(of.language):
        if of.is_draining:
            return _("{name} lets you finish what you have: nothing new comes to you.").format(name=by.name)
        return _("{name} gives you work again.").format(name=by.name)


@transaction.atomic
def set_status(*, agent: Agent, of: Agent, status: Agent.Status) -> Agent:
    """`of` counts as online, away, busy or offline from now on, as if they had said so; their screens show it; audited.

    Their own word replaces it. Only by whoever leads a queue of theirs.
    """
    _leads(agent, of)
    if statuses.say(agent=of, status=status):
        audit.record(actor=f"user:{agent.user_id}", action=f"agent.status.{status}", object_id=of.user.username)
    return of


@transaction.atomic
def watch(*, conversation_id: int, agent: Agent) -> Conversation:
    """Looks over an agent's shoulder: nothing changes, the audit says so. Only by whoever leads there."""
    conversation = _led(conversation_id, agent)
    _audit(agent, "conversation.watch", conversation)
    return conversation


def _leads(agent: Agent, of: Agent) -> None:
    if not leads.leads_agent(agent, of):
        raise refusals.NotLeading()


def _led(conversation_id: int, agent: Agent) -> Conversation:
    conversation = holding.locked(conversation_id, agent)
    if conversation.state == State.CLOSED:
        raise refusals.AlreadyClosed()
    if not holding.leads(conversation, agent):
        raise refusals.NotLeading()
    return conversation


def _audit(agent: Agent, action: str, conversation: Conversation) -> None:
    audit.record(actor=f"user:{agent.user_id}", action=action, object_id=str(conversation.public_id))

"""How does a closed conversation come to be open again? With its sessions, and by one move."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from common import clock
from conversations import events, joining, sessions, sql, threads
from conversations.models import Conversation
from handover import capacity, holding, owning, presence, refusals, sight, wrapping
from handover.models import Agent, Note

Owner, State = Conversation.Owner, Conversation.State


@transaction.atomic
def reopen(*, conversation_id: int, agent: Agent) -> Conversation:
    """Closed -> this agent's again, with its sessions. `GoesOn` if the customer has another conversation by now."""
    customer_id = sight.visible_to(agent).filter(pk=conversation_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise refusals.NotThere()
    root = threads.lock_root(customer_id=customer_id)
    if (other := sql.unclosed(root.pk)) is not None and other.pk != conversation_id:
        raise refusals.GoesOn(conversation=str(other.public_id))
    conversation = threads.lock(conversation_id=conversation_id)
    holding.refuse_stranger(conversation, agent)
    if conversation.state != State.CLOSED:
        raise refusals.NotClosed()
    if (later := joining.goes_on(conversation)) is not None:
        raise refusals.GoesOn(conversation=str(later.public_id))
    capacity.lock(agent.pk)
    open_again(conversation, Owner.AGENT, agent.pk, actor_kind="agent", actor_id=agent.pk)
    if not Note.objects.filter(conversation=conversation, kind="card").exists():
        holding.brief(conversation)  # the bot had it to the end; whoever has it next reads what went on
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


def give_back(conversation: Conversation, agent_id: int) -> None:
    """The customer has said more: it is on this agent's desk as before, full or not, and counted there."""
    capacity.lock(agent_id)
    open_again(conversation, Owner.AGENT, agent_id, actor_kind="customer")


def open_again(conversation: Conversation, to: Conversation.Owner, owner_id: int, **changes: Any) -> None:
    """Closed -> whoever has it from now on; needs the locks of root and conversation. Its wrap-up is over."""
    wrapping.stop(conversation)
    sessions.revive(conversation=conversation)
    owning.move(
        conversation=conversation,
        to=to,
        owner_id=owner_id,
        allowed_states=(State.CLOSED,),
        cause="reopen",
        closed_at=None,
        close_reason="",
        mode="live",
        expires_at=clock.now() + events.TTL,
        **changes,
    )


def join(aside: Conversation) -> None:
    """In a conversation of its own the customer only said thanks: it is over, for the matter itself goes on."""
    owning.move(
        conversation=aside,
        to=Owner.BOT,
        state=State.CLOSED,
        allowed_owners=(Owner.BOT,),
        cause="joined",
        actor_kind="customer",
        close_reason="joined",
    )
    events.append(conversation=aside, kind="closed", actor_kind="customer", data={"reason": "joined"})
    sessions.end_all(conversation=aside)

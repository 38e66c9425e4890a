"""How does a conversation become again what it was before somebody did one thing to many? As if nothing had been done.

Owner, place in the queue, plan, deadlines, promises and journeys are what they were, and the customer hears nothing of
it. What somebody has answered or passed on since stays as it is: `OwnerMoved`.
"""

from __future__ import annotations

from django.db import transaction

from conversations import outbox, ownership, sessions, sql, threads
from conversations.models import Conversation
from handover import affinity, capacity, holding, owning, refusals, standing_before, wrapping
from handover.models import Agent, Queue
from handover.standing_before import Before
from handover.timing import sla

CAUSE = "undo"

Owner, State = Conversation.Owner, Conversation.State


def hold(conversation_id: int, agent: Agent) -> Conversation:
    """Root, then conversation locked, if this agent may see it: nobody else touches it until the transaction ends."""
    conversation = _locked(conversation_id)
    holding.refuse_stranger(conversation, agent)
    return conversation


def done(conversation: Conversation, before: Before) -> Before | None:
    """With the epoch that it has now; None if it did not move and nobody was asked, for then there is nothing to put
    back."""
    conversation.refresh_from_db(fields=["owner_epoch"])
    if conversation.owner_epoch == before["was"] and standing_before.offer(conversation) == before["offer"]:
        return None
    helped = affinity.kept(conversation)
    helped_at = helped["handled_at"] if helped is not None and helped != before["helped"] else None
    runs = standing_before.moved_runs(conversation, before)
    return {**before, "epoch": conversation.owner_epoch, "helped_at": helped_at, "runs": runs}


@transaction.atomic
def put_back(*, conversation_id: int, agent: Agent, before: Before) -> None:
    """Whoever did it may take it back, wherever it went: what they gave away, they may not see any more."""
    conversation = _locked(conversation_id)
    is_touched = standing_before.moment(conversation.last_agent_at) != before["answered_at"]
    if conversation.owner_epoch != before["epoch"] or is_touched:
        raise ownership.OwnerMoved()
    _refuse_gone(before)
    if conversation.state == State.CLOSED:
        _revive(conversation)
    if before["was"] != before["epoch"]:
        outbox.cancel_unsent(conversation=conversation)
    if before.get("helped_at"):
        affinity.put_back(conversation, before["helped"], if_at=before["helped_at"])
    sla.take_back(conversation, before["promises"])
    _move(conversation, agent, before)
    standing_before.rewind(conversation, before)


def _locked(conversation_id: int) -> Conversation:
    customer_id = Conversation.objects.filter(pk=conversation_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise refusals.NotThere()
    threads.lock_root(customer_id=customer_id)
    return threads.lock(conversation_id=conversation_id)


def _refuse_gone(before: Before) -> None:
    """Whoever had it must still be there to have it."""
    queues = Queue.objects.filter(is_archived=False)
    agents = Agent.objects.filter(is_active=True, user__is_active=True)
    rows = {Owner.QUEUE: queues, Owner.AGENT: agents}.get(before["owner"])
    if rows is not None and not rows.filter(pk=before["owner_id"]).exists():
        raise refusals.TargetGone()


def _revive(conversation: Conversation) -> None:
    other = sql.unclosed(conversation.customer.root_id)
    if other is not None:
        raise refusals.GoesOn(conversation=str(other.public_id))
    wrapping.stop(conversation)
    sessions.revive(conversation=conversation)


def _move(conversation: Conversation, agent: Agent, before: Before) -> None:
    if before["owner"] == Owner.AGENT:
        capacity.lock(before["owner_id"])
    owning.move(
        conversation=conversation,
        to=Owner(before["owner"]),
        owner_id=before["owner_id"],
        state=State(before["state"]),
        allowed_states=(State(conversation.state),),
        cause=CAUSE,
        actor_kind="agent",
        actor_id=agent.pk,
        closed_at=None,
        close_reason="",
        **standing_before.columns(before),
    )
    outbox.refence(conversation=conversation, from_epoch=before["epoch"])

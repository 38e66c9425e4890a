"""Does a closed conversation go on? An agent opens it again, or its customer comes back within a day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction

from common import clock
from conversations import courtesy, events, sessions, sql, threads
from conversations.journeys import commands, publishing, stop_words, tongues, triggers
from conversations.journeys.state import Heard as Said
from conversations.models import Conversation
from conversations.sessions import Place
from conversations.threads import Heard
from customers.models import Customer
from handover import capacity, limits, owning, presence, ratings, refusals, routing, sight, wrapping
from handover.models import Agent, Queue

Owner, State = Conversation.Owner, Conversation.State


def ready() -> None:
    """Called once, when Django is ready."""
    threads.on_comeback(come_back)


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
    if conversation.state != State.CLOSED:
        raise refusals.NotClosed()
    capacity.lock(agent.pk)
    _open(conversation, Owner.AGENT, agent.pk, actor_kind="agent", actor_id=agent.pk)
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


def come_back(root: Customer, place: Place, heard: Heard) -> Conversation | None:
    """Rule 5: what an agent has resolved within a day goes on when its customer writes, with the same people.

    Thanks leave it closed, and what names something else begins anew with the bot; so it does where nobody is there.
    While it is being wrapped up it is the same agent's at once. Needs the root's lock.
    """
    if place.is_public or not _goes_on(root, heard, place):
        return None
    conversation = sql.last_closed(root.pk, clock.now() - limits.lasts("REOPEN_WITHIN"))
    if conversation is None or not _is_resolved(conversation):
        return None
    if (agent_id := wrapping.agent_of(conversation)) is not None:
        capacity.lock(agent_id)
        _open(conversation, Owner.AGENT, agent_id, actor_kind="customer")
        return conversation
    return conversation if _route(conversation, root) else None


def _route(conversation: Conversation, root: Customer) -> bool:
    """The agent of last time, the queue of last time, then whoever stands behind it; False if nobody is there."""
    now = clock.now()
    queue = Queue.objects.filter(pk=conversation.queue_id or 0).first()
    facts = routing.facts_for(conversation=conversation, root=root, queue=queue, skill=conversation.skill)
    standing = routing.Standing("closed", agent=facts.preferred, closed_at=conversation.closed_at, reason="resolved")
    plan = routing.plan(replace(facts, standing=standing), now)
    if plan.queue_id is None:
        return False
    _open(
        conversation,
        Owner.QUEUE,
        plan.queue_id,
        actor_kind="customer",
        queue_id=plan.queue_id,
        queued_at=now,
        ranked_at=routing.rank(now, conversation.priority),
        routing_plan=plan.to_json(),
        plan_step=0,
    )
    routing.begin(conversation)
    return True


def _open(conversation: Conversation, to: Conversation.Owner, owner_id: int, **changes: Any) -> None:
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


def _is_resolved(conversation: Conversation) -> bool:
    """Has an agent closed it, and the matter with it?"""
    moved = conversation.events.filter(kind="owner_changed", epoch=conversation.owner_epoch).first()
    was_agents = moved is not None and moved.data["cause"] == "close" and moved.data["from"]["kind"] == Owner.AGENT
    return was_agents and conversation.close_reason == "resolved"


def _goes_on(root: Customer, heard: Heard, place: Place) -> bool:
    """Words or a picture that name nothing of their own: no courtesy, no command, no journey, no other language."""
    if heard.is_automatic or heard.action or heard.payload or heard.link:
        return False
    said = Said(text=heard.text, at=clock.now(), channel=place.channel)
    if courtesy.of(heard.text) or stop_words.wish(heard.text) or tongues.named(heard.text):
        return False
    if ratings.is_answer(heard.text, root_id=root.pk, identity_id=place.identity.pk, channel=place.channel):
        return False
    return commands.recognise(said) is None and triggers.match(said, publishing.table(), whole=True) is None

"""Does a customer come back to what was resolved? Rule 5: within a day it goes on, with the same people."""

from __future__ import annotations

from dataclasses import replace

from common import clock
from conversations import sql, threads
from conversations.models import Conversation
from conversations.sessions import Place
from conversations.threads import Heard
from customers.models import Customer
from handover import courtesies, joined, limits, matters, ratings, reopening, routing, wrapping
from handover.models import Queue

Owner = Conversation.Owner


def ready() -> None:
    """Called once, when Django is ready."""
    threads.on_comeback(come_back)
    threads.on_late(reopening.give_back)  # words were on their way when the agent closed
    joined.ready()


def come_back(root: Customer, place: Place, heard: Heard, aside: Conversation | None) -> Conversation | None:
    """Rule 5: what an agent has resolved within a day goes on when its customer writes, with the same people.

    Thanks and a rating leave it closed (`aside` is where they were said), and what names something else begins anew
    with the bot; so it does where nobody is there. While it is being wrapped up it is the same agent's at once.
    Needs the root's lock.
    """
    if place.is_public or not matters.goes_on(root, heard, place):
        return None
    if aside is not None and (courtesies.has_more(aside) or ratings.is_comment(aside, heard.text, place, root.pk)):
        return None
    conversation = sql.last_closed(root.pk, clock.now() - limits.lasts("REOPEN_WITHIN"))
    if conversation is None or not _is_resolved(conversation) or routing.is_blocked(root.pk):
        return None
    agent_id = wrapping.agent_of(conversation)
    plan = _plan(conversation, root)
    if agent_id is None and plan.queue_id is None:
        return None
    if aside is not None:
        reopening.join(aside)
    if agent_id is not None:
        reopening.give_back(conversation, agent_id)
    elif plan.queue_id is not None:
        _wait(conversation, plan, plan.queue_id)
    return conversation


def _plan(conversation: Conversation, root: Customer) -> routing.Plan:
    """The agent of last time, the queue of last time, then whoever stands behind it."""
    queue = Queue.objects.filter(pk=conversation.queue_id or 0).first()
    skill = routing.demanded(conversation)
    facts = routing.facts_for(conversation=conversation, root=root, queue=queue, skill=skill, heeds_owner=False)
    standing = routing.Standing("closed", agent=facts.preferred, closed_at=conversation.closed_at, reason="resolved")
    return replace(routing.plan(replace(facts, standing=standing), clock.now()), waives=skill != conversation.skill)


def _wait(conversation: Conversation, plan: routing.Plan, queue_id: int) -> None:
    now = clock.now()
    reopening.open_again(
        conversation,
        Owner.QUEUE,
        queue_id,
        actor_kind="customer",
        queue_id=queue_id,
        queued_at=now,
        ranked_at=routing.rank(now, conversation.priority),
        routing_plan=plan.after(conversation.routing_plan).to_json(),
        plan_step=0,
    )
    routing.begin(conversation)


def _is_resolved(conversation: Conversation) -> bool:
    """Has an agent closed it, or another system that had it from one, and the matter with it?"""
    moves = conversation.events.filter(kind="owner_changed")
    closing = moves.filter(epoch=conversation.owner_epoch).first()
    if closing is None or conversation.close_reason != "resolved":
        return False
    cause, had = closing.data["cause"], closing.data["from"]["kind"]
    if cause == "external_over" and had == Owner.EXTERNAL:
        return moves.filter(data__to__kind=Owner.AGENT).exists()
    return cause in ("close", "external_over") and had == Owner.AGENT

"""How does a conversation come to wait in a queue that somebody chose? With a plan, and the customer knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from conversations.journeys.scene import Scene
from conversations.models import Conversation
from handover import notices, owning, presence, routing, unanswered
from handover.models import Queue
from handover.routing import places
from handover.timing import saying

Owner = Conversation.Owner


def wait_in(scene: Scene, queue: Queue, since: datetime, cause: str, **more: Any) -> None:
    """Into a queue that somebody chose, since then; its plan is made anew, and the customer is told.

    Where nobody is there it waits as a message that was left: no silent live queue. Where nobody works who has the
    skill that was asked for, it is asked for no longer: whoever chose the queue has chosen its people.
    """
    conversation, had = scene.conversation, scene.conversation.owner_kind
    skill = conversation.skill if places.knows(queue, conversation.skill) else ""
    is_staffed = presence.is_staffed(queue, skill)
    priority = more.pop("priority", conversation.priority)
    owning.move(
        conversation=conversation,
        to=Owner.QUEUE,
        owner_id=queue.pk,
        cause=cause,
        mode="live" if is_staffed else "ticket",
        queue_id=queue.pk,
        queued_at=since,
        ranked_at=routing.rank(since, priority),
        priority=priority,
        routing_plan=_plan(scene, queue, skill).to_json(),
        plan_step=0,
        **more,
    )
    if not is_staffed:
        notices.tell(scene, "ticket_waits")
        return
    if had == Owner.AGENT:
        if conversation.waiting_on == "us":  # who has just been answered does not know that anything was passed on
            saying.tell(scene, "requeued")
    elif had != Owner.QUEUE:
        notices.tell(scene, "passing")
    routing.begin(conversation)


def _plan(scene: Scene, queue: Queue, skill: str) -> routing.Plan:
    """Rule 6: the chosen queue first, whatever happens to be true of it now."""
    conversation = scene.conversation
    facts = routing.facts_for(conversation=conversation, root=scene.root, queue=queue, skill=skill, is_explicit=True)
    made = routing.plan(facts, scene.now)
    if made.queue_id != queue.pk:
        made = routing.Plan(6, (routing.Target(f"queue:{queue.pk}"),))
    return replace(made, waives=skill != conversation.skill).after(conversation.routing_plan)


def since(scene: Scene) -> datetime:
    """Who was answered since they came waits from their next word on; who was not keeps their place."""
    conversation = scene.conversation
    queued_at, answered_at = conversation.queued_at, conversation.last_agent_at
    if queued_at is not None and (answered_at is None or answered_at <= queued_at):
        return queued_at
    return unanswered.since(conversation) or scene.now

"""What does an outside engine (a call centre, a phone) say about who has a conversation, and does it still hold?

Its events come more than once and in any order. Inside one engine its own clock decides: what is not later than the
newest it said changes nothing. Against our desk the epoch decides: it may move what it has given itself, or what nobody
of ours has; for anything else it must name the epoch that it saw. What another engine has is not its to move.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations import events, outbox, ownership, sessions
from conversations.held import ERASED
from conversations.journeys.scene import Scene
from conversations.models import Connection, Conversation, ConversationEvent
from handover import affinity, capacity, following, holding, owning, queueing
from handover.models import Agent, EngineMark, Queue

To = Literal["external", "agent", "queue", "bot", "closed"]
Result = Literal["applied", "unchanged", "repeated", "stale"]
Owner, State = Conversation.Owner, Conversation.State
PREFIX = "engine:"
RIGHT = "handover.add_enginemark"  # of an engine's account; it is bound to no connection


def readable() -> QuerySet[Conversation]:
    """What an engine's account may read: what an engine has or has moved before, and what is or was in a queue for
    which one is asked. A word of an engine that changed nothing opens nothing."""
    moved = ConversationEvent.objects.filter(
        conversation=OuterRef("pk"), kind="owner_changed", source__startswith=PREFIX
    )
    asked = Queue.objects.filter(strategy=Queue.Strategy.EXTERNAL, connection__isnull=False)
    held = Q(owner_kind=Owner.EXTERNAL) | Q(queue_id__in=asked.values("pk")) | Exists(moved)
    return Conversation.objects.filter(held).exclude(close_reason=ERASED)


@transaction.atomic
def tell(
    *,
    conversation_id: int,
    engine: Connection,
    event_id: str,
    occurred_at: datetime,
    to: To,
    agent: Agent | None = None,
    queue: Queue | None = None,
    epoch: int | None = None,
) -> Result:
    """One event of an engine: it has the conversation itself, or gives it to an agent, a queue, the bot, or ends it.

    The same `event_id` again is `repeated`. What comes too late is `stale`: logged, and of no effect but on who helped
    last, which has a guard of its own. A time more than five minutes ahead counts as now.
    """
    scene = holding.scene_of(conversation_id)
    conversation, source = scene.conversation, PREFIX + engine.key
    if ConversationEvent.objects.filter(source=source, source_event_id=event_id).exists():
        return "repeated"
    told = ownership.Told(source, event_id, affinity.clamped(occurred_at))
    if agent is not None:
        affinity.write(conversation=conversation, agent=agent, at=told.at or scene.now, source=source)
    why = _is_late(conversation, told, engine, epoch)
    owner_id = {"external": engine.pk, "agent": agent and agent.pk, "queue": queue and queue.pk}.get(to)
    if why or (to != "closed" and (to, owner_id) == (conversation.owner_kind, conversation.owner_id)):
        result: Result = "stale" if why else "unchanged"
        _log(conversation, told, result, why, to)
        return result
    _apply(scene, to, told, agent=agent, queue=queue, engine=engine)
    return "applied"


def _is_late(conversation: Conversation, told: ownership.Told, engine: Connection, epoch: int | None) -> str:
    """Why it does not count; '' if it does. The engine's mark rises with what is newer, whether or not it counts."""
    mark = EngineMark.objects.filter(conversation=conversation, source=told.source).first()
    if mark is not None and (mark.occurred_at, mark.event_id) >= (told.at, told.event_id):
        return "older"
    values = {"event_id": told.event_id, "occurred_at": told.at}
    EngineMark.objects.update_or_create(conversation=conversation, source=told.source, defaults=values)
    if conversation.state == State.CLOSED:
        return "closed"
    if conversation.owner_kind == Owner.EXTERNAL and conversation.owner_id != engine.pk:
        return "held"
    if epoch is not None:
        return "" if epoch == conversation.owner_epoch else "moved_on"
    last = conversation.events.filter(kind="owner_changed", epoch=conversation.owner_epoch).first()
    is_ours = conversation.owner_kind == Owner.AGENT and (last is None or last.source != told.source)
    return "held" if is_ours else ""


def _apply(
    scene: Scene, to: To, told: ownership.Told, *, agent: Agent | None, queue: Queue | None, engine: Connection
) -> None:
    conversation = scene.conversation
    said: dict[str, Any] = {"actor_kind": "external", "actor_id": engine.pk, "told": told}
    if to in ("external", "agent", "queue") and conversation.owner_kind == Owner.BOT:
        holding.brief(conversation)
    if to == "external":
        _have(conversation, Owner.EXTERNAL, engine.pk, "external", said)
    elif to == "agent" and agent is not None:
        capacity.lock(agent.pk)
        _have(conversation, Owner.AGENT, agent.pk, "external_assign", said)
    elif to == "queue" and queue is not None:
        queueing.wait_in(scene, queue, queueing.since(scene), "external_queue", **said)
    else:
        _let_go(scene, said, is_over=to == "closed")


def _have(conversation: Conversation, to: Conversation.Owner, owner_id: int, cause: str, said: dict[str, Any]) -> None:
    owning.move(conversation=conversation, to=to, owner_id=owner_id, cause=cause, mode="live", **said)
    outbox.cancel_unsent(conversation=conversation)


def _let_go(scene: Scene, said: dict[str, Any], *, is_over: bool) -> None:
    conversation = scene.conversation
    if is_over:
        said = {**said, "close_reason": "resolved"}
    owning.move(
        conversation=conversation,
        to=Owner.BOT,
        state=State.CLOSED if is_over else State.OPEN,
        cause="external_over",
        mode="live",
        queued_at=None,
        **said,
    )
    following.hand_back(scene=scene, is_over=is_over)
    if is_over:
        events.append(conversation=conversation, kind="closed", actor_kind="external", data={"reason": "resolved"})
        sessions.end_all(conversation=conversation)


def _log(conversation: Conversation, told: ownership.Told, result: Result, why: str, to: To) -> None:
    events.append(
        conversation=conversation,
        kind=f"ownership_{result}",
        actor_kind="external",
        data={"to": to, "reason": why},
        source=told.source,
        source_event_id=told.event_id,
        occurred_at=told.at,
    )

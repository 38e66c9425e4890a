"""How does a conversation go to somebody else? To a queue at once, to a colleague when they accept; never to nobody."""

from __future__ import annotations

from typing import Any, Literal

from django.db import transaction

from conversations import events
from conversations.journeys.scene import Scene
from conversations.models import Conversation
from handover import capacity, holding, limits, noting, owning, parking, presence, queueing, refusals
from handover.models import Agent, Queue, Reservation
from handover.routing import offering

Owner, State = Conversation.Owner, Conversation.State
Why = Literal["expertise", "complaint", "authority", "urgent", "other"]
REASONS: tuple[Why, ...] = ("expertise", "complaint", "authority", "urgent", "other")


@transaction.atomic
def transfer(
    *,
    conversation_id: int,
    agent: Agent,
    note: str,
    queue: Queue | None = None,
    to: Agent | None = None,
    seen_epoch: int | None = None,
    client_id: str = "",
) -> Conversation:
    """To another queue (`queue`) or offered to a colleague (`to`), with a note; by its agent, or whoever leads there.

    A conversation that waits may be passed on by whoever sees it. A colleague who is not online is `TargetAway`, unless
    whoever leads there lays it on their desk. The same `client_id` again changes nothing.
    """
    scene, is_done = _begun(conversation_id, agent, client_id)
    if is_done:
        return scene.conversation
    _refuse(scene.conversation, agent, note, seen_epoch)
    noting.write(conversation=scene.conversation, agent=agent, text=note, client_id=client_id)
    _give(scene, agent, "transfer", queue=queue, to=to)
    return scene.conversation


@transaction.atomic
def escalate(
    *,
    conversation_id: int,
    agent: Agent,
    reason: Why,
    note: str,
    queue: Queue | None = None,
    to: Agent | None = None,
    seen_epoch: int | None = None,
    client_id: str = "",
) -> Conversation:
    """A transfer with a reason and more priority, by default to the queue behind the present one; event `escalated`.

    What the target's queue promises holds from then on.
    """
    scene, is_done = _begun(conversation_id, agent, client_id)
    conversation = scene.conversation
    if is_done:
        return conversation
    _refuse(conversation, agent, note, seen_epoch)
    noting.write(conversation=conversation, agent=agent, text=note, client_id=client_id)
    priority = max(conversation.priority, int(limits.lasts("VIP_PRIORITY").total_seconds() // 60))
    data = {"reason": reason, "priority": priority}
    events.append(conversation=conversation, kind="escalated", actor_kind="agent", actor_id=agent.pk, data=data)
    if queue is None and to is None:
        queue = behind(conversation)
    _give(scene, agent, "escalate", queue=queue, to=to, priority=priority)
    return conversation


def behind(conversation: Conversation) -> Queue | None:
    """Where it is escalated to if nobody says: the fall-back of its queue, else the default queue."""
    own = Queue.objects.select_related("fallback").filter(pk=conversation.queue_id or 0).first()
    if own is not None and own.fallback is not None and not own.fallback.is_archived:
        return own.fallback
    return own or Queue.objects.filter(is_default=True, is_archived=False).first()


def _begun(conversation_id: int, agent: Agent, client_id: str) -> tuple[Scene, bool]:
    """The scene, and was this done before? Who did it is told so, though it may have left their sight by that."""
    scene = holding.scene_of(conversation_id)
    author = noting.author(scene.conversation.public_id, client_id)
    if author != agent.pk:
        holding.refuse_stranger(scene.conversation, agent)
    return scene, author is not None


def _refuse(conversation: Conversation, agent: Agent, note: str, seen_epoch: int | None) -> None:
    if conversation.state == State.CLOSED:
        raise refusals.AlreadyClosed()
    if conversation.owner_kind != Owner.QUEUE:
        holding.refuse_foreign(conversation, agent)
    if seen_epoch is not None and seen_epoch != conversation.owner_epoch:
        raise refusals.AlreadyTaken(owner=holding.owner_name(conversation))
    if not note.strip():
        raise refusals.NoteMissing()


def _give(
    scene: Scene, agent: Agent, cause: str, *, queue: Queue | None, to: Agent | None, priority: int | None = None
) -> None:
    conversation = scene.conversation
    more: dict[str, Any] = {} if priority is None else {"priority": priority}
    if to is not None:
        _to_agent(scene, agent, to, cause, more)
        return
    if queue is None or queue.is_archived:
        raise refusals.TargetGone()
    if (conversation.owner_kind, conversation.owner_id) == (Owner.QUEUE, queue.pk) and not more:
        raise refusals.TargetHasIt()
    _to_queue(scene, agent, queue, cause, more)


def _to_queue(scene: Scene, agent: Agent, queue: Queue, cause: str, more: dict[str, Any]) -> None:
    queueing.wait_in(scene, queue, queueing.since(scene), cause, actor_kind="agent", actor_id=agent.pk, **more)


def _to_agent(scene: Scene, agent: Agent, to: Agent, cause: str, more: dict[str, Any]) -> None:
    conversation = scene.conversation
    if not to.is_active or not to.user.is_active:
        raise refusals.TargetGone()
    if holding.is_owner(conversation, to):
        raise refusals.TargetHasIt()
    if presence.is_online(to):
        _offer(conversation, agent, to, more)
    elif holding.leads(conversation, agent):
        lay(conversation, agent, to, cause, **more)
    else:
        raise refusals.TargetAway(agent=to.name)


def _offer(conversation: Conversation, agent: Agent, to: Agent, more: dict[str, Any]) -> None:
    """It stays where it is until they accept, full or not. A newer offer takes its place."""
    if conversation.state == State.PARKED:
        parking.rouse(conversation, agent)
    if more:
        for name, value in more.items():
            setattr(conversation, name, value)
        conversation.save(update_fields=list(more))
    owning.rescind(conversation)
    present, weight = capacity.lock(to.pk), capacity.weight_of(conversation)
    lasts = limits.lasts("TRANSFER_FOR")
    offering.lay(conversation, present, weight, lasts, kind=Reservation.Kind.TRANSFER, from_agent=agent)


def lay(conversation: Conversation, agent: Agent, to: Agent, cause: str, **more: Any) -> None:
    """On that desk at once, whether or not they accept or have room: a supervisor's word. `agent` is who says so."""
    capacity.lock(to.pk)
    owning.move(
        conversation=conversation,
        to=Owner.AGENT,
        owner_id=to.pk,
        cause=cause,
        actor_kind="agent",
        actor_id=agent.pk,
        mode="live",
        **more,
    )

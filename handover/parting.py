"""How does an agent let go of a conversation? Back to the bot, or closed."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from common import clock
from conversations import events, sessions
from conversations.models import Conversation
from handover import affinity, following, holding, notices, owning, presence, refusals
from handover.models import Agent

Owner = Conversation.Owner
State = Conversation.State


@transaction.atomic
def release(*, conversation_id: int, agent: Agent) -> Conversation:
    """Back to the bot, which goes on: the journey's `on.closed`, its open question, or the menu."""
    scene = holding.scene(conversation_id, agent)
    _move_to_bot(scene.conversation, agent, State.OPEN, "release")
    following.hand_back(scene=scene, is_over=False)
    return scene.conversation


@transaction.atomic
def close(*, conversation_id: int, agent: Agent, reason: str = "resolved", seen_seq: int | None = None) -> Conversation:
    """Ends the matter: closed, the bot's, its sessions over; a run that waited for the agent takes `on.closed`.

    With `seen_seq` a message of the customer after it is `UnseenMessages`. The customer is told, if the channel allows.
    """
    scene = holding.scene(conversation_id, agent)
    if seen_seq is not None:
        holding.refuse_unseen(scene.conversation, seen_seq)
    _move_to_bot(scene.conversation, agent, State.CLOSED, "close", close_reason=reason)
    following.hand_back(scene=scene, is_over=True)
    if not scene.said:
        scene.say(notices.words(scene, "closed"))
    events.append(
        conversation=scene.conversation, kind="closed", actor_kind="agent", actor_id=agent.pk, data={"reason": reason}
    )
    sessions.end_all(conversation=scene.conversation)
    affinity.write(conversation=scene.conversation, agent=agent, at=clock.now())
    presence.heartbeat(agent=agent, at=clock.now())
    return scene.conversation


def _move_to_bot(conversation: Conversation, agent: Agent, state: State, cause: str, **changes: Any) -> None:
    if conversation.state == State.CLOSED:
        raise refusals.AlreadyClosed()
    if not holding.is_owner(conversation, agent) and not _leads(conversation, agent):
        raise refusals.NotYours(owner=holding.owner_name(conversation))
    owning.move(
        conversation=conversation,
        seen_epoch=conversation.owner_epoch,
        to=Owner.BOT,
        state=state,
        cause=cause,
        actor_kind="agent",
        actor_id=agent.pk,
        mode="live",
        queued_at=None,
        **changes,
    )


def _leads(conversation: Conversation, agent: Agent) -> bool:
    """Superusers lead everywhere, supervisors in their queues."""
    led = agent.memberships.filter(role="supervisor").values_list("queue_id", flat=True)
    return agent.user.is_superuser or conversation.queue_id in led

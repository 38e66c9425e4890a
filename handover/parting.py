"""How does an agent let go of a conversation? Back to the bot, or closed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from common import clock
from conversations import events, sessions, timers
from conversations.models import Conversation
from handover import affinity, asking_how, following, going_back, holding, notices, owning, presence, wrapping
from handover.models import Agent

Owner = Conversation.Owner
State = Conversation.State


def register() -> None:
    """Says what the timers do that a close begins."""
    timers.on(wrapping.TIMER, wrapping.came_due)
    timers.on(asking_how.TIMER, asking_how.came_due)


@transaction.atomic
def release(*, conversation_id: int, agent: Agent, to: going_back.To = "stopped", step: str = "") -> Conversation:
    """Back to the bot, which goes on where it stopped: the journey's `on.closed`, its open question, or the menu.

    `to` may be another `step` of the journey that stopped (else `NoSuchStep`), or the `menu`.
    """
    scene = holding.scene(conversation_id, agent)
    holding.refuse_foreign(scene.conversation, agent)
    going_back.refuse_unknown(scene, to, step)
    to_bot(scene.conversation, agent, State.OPEN, "release")
    going_back.go_on(scene, agent, to, step)
    return scene.conversation


@transaction.atomic
def close(
    *,
    conversation_id: int,
    agent: Agent,
    reason: str = "resolved",
    seen_seq: int | None = None,
    disposition: str = "",
    tags: Collection[str] | None = None,
) -> Conversation:
    """Ends the matter: closed, the bot's, its sessions over; a run that waited for the agent takes `on.closed`.

    With `seen_seq` a message of the customer after it is `UnseenMessages`. The customer is told, if the channel allows.
    What it was about and what came of it may be said at once; else the agent's wrap-up begins.
    """
    scene = holding.scene(conversation_id, agent)
    conversation = scene.conversation
    if seen_seq is not None:
        holding.refuse_unseen(conversation, seen_seq)
    was_handled = holding.has_agent(conversation)
    holding.refuse_foreign(conversation, agent)
    to_bot(conversation, agent, State.CLOSED, "close", close_reason=reason)
    following.hand_back(scene=scene, is_over=True)
    will_be_asked = asking_how.wind(scene)
    if not scene.said and not will_be_asked:
        scene.say(notices.words(scene, "closed"))
    events.append(
        conversation=conversation,
        kind="closed",
        actor_kind="agent",
        actor_id=agent.pk,
        epoch=conversation.owner_epoch,
        data={"reason": reason},
    )
    sessions.end_all(conversation=conversation)
    wrapping.describe(conversation, agent, tags)
    if was_handled:
        affinity.write(conversation=conversation, agent=agent, at=clock.now())
        wrapping.begin(conversation, agent, disposition=disposition)
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


def to_bot(conversation: Conversation, agent: Agent, state: State, cause: str, **changes: Any) -> None:
    """Whoever has it -> the bot, by this agent; needs the conversation's row lock."""
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

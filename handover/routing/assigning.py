"""May this agent be given one more? Counted under the agent's lock."""

from __future__ import annotations

from conversations.models import Conversation
from handover import capacity, owning, presence

Owner = Conversation.Owner


def assign(*, conversation: Conversation, agent_id: int, cause: str = "assign") -> bool:
    """Gives a queued conversation to an agent if there is still room; needs the conversation's row lock.

    Counts under the agent's row lock, so that automatic assignment never exceeds a capacity. False: no room, or gone.
    """
    agent = capacity.lock(agent_id)
    if not presence.is_online(agent) or not capacity.has_room(agent, capacity.weight_of(conversation)):
        return False
    owning.move(
        conversation=conversation,
        seen_epoch=conversation.owner_epoch,
        to=Owner.AGENT,
        owner_id=agent.pk,
        allowed_owners=(Owner.QUEUE,),
        cause=cause,
        actor_kind="system",
    )
    return True

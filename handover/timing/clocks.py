"""Which deadlines begin or end when a conversation changes its owner, and when either side speaks?

Rows only: what a deadline does stands in `handover.timing.effects`. Each function needs the conversation's row lock.
"""

from __future__ import annotations

from conversations.models import Conversation
from handover.models import Agent


def moved(conversation: Conversation, *, cause: str) -> None:
    """The owner or the state has just changed; `cause` as in the event."""


def heard(conversation: Conversation) -> None:
    """The customer has just spoken, and a human (or a queue) has the conversation."""


def answered(conversation: Conversation, agent: Agent) -> None:
    """An agent has just answered in public."""

"""Does a journey begin because somebody new has opened the chat? Once: before anything else was ever said."""

from __future__ import annotations

from conversations import threads
from conversations.journeys import publishing, triggers
from conversations.models import Conversation
from conversations.sessions import Place

ACTION = "open"


def may_begin(place: Place) -> bool:
    """Is there such a journey here, and has the person behind this place no conversation, open or closed, anywhere?

    Locks the person, so that of two tabs one is the first.
    """
    if not journey(place.channel):
        return False
    root = threads.lock_root(customer_id=place.identity.customer_id)
    return not Conversation.objects.of_person(root.pk).exists()


def journey(channel: str) -> str:
    """The journey that begins when somebody new opens the chat of this channel; '' if none does."""
    return triggers.opens(publishing.table(), channel)

"""What does the desk itself say to a customer?"""

from __future__ import annotations

from conversations import outbox
from conversations.content import Text
from conversations.journeys.scene import Scene
from conversations.models import Message

PASSING = "I am passing you to our team. Somebody will answer you right here."
LEFT_QUEUE = "All right, you have left the queue. I am here again."
TICKET_WAITS = "Your message is with our team. They will answer you here."
TICKET_LENT = "All right, I am here again. Your message stays with our team."
WITHDRAWN = "I have withdrawn your message."
CLOSED = "This conversation is closed. Write any time, and we go on from there."
FAILED = "I am sorry, I could not reach our team."


def tell(scene: Scene, words: str) -> None:
    """The system says it, whoever owns the conversation now."""
    outbox.say(
        conversation=scene.conversation,
        session=scene.session,
        content=Text(words),
        author=Message.Author.SYSTEM,
        fence_epoch=scene.conversation.owner_epoch,
    )

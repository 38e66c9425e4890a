"""How does a word leave us? The one exit: message, deliveries and event in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from common import clock, rows
from conversations import attachments, capabilities, events, realtime
from conversations.content import Content
from conversations.journeys import render
from conversations.models import Conversation, Delivery, JourneyRun, Message, Session
from customers.models import Challenge, Identity

ENCLOSED = 100  # the part of a message that is a code to another address
Author, State, Owner = Message.Author, Delivery.State, Conversation.Owner


def say(
    *,
    conversation: Conversation,
    session: Session,
    content: Content,
    author: str,
    fence_epoch: int | None = None,
    agent_id: int | None = None,
    agent_name: str = "",
    client_id: str = "",
    reply_to: str = "",
    run: JourneyRun | None = None,
    step_id: str = "",
    at: datetime | None = None,
) -> Message | None:
    """Queues one message to the session's endpoint; needs the conversation's row lock.

    What the bot or the system says carries the epoch it was decided on: None is returned, and nothing is said, when
    the owner has moved since, or (bot) when the owner is not the bot or staff write from the provider's app. What the
    system says without an epoch is owed to the customer whoever speaks here by then.
    `reply_to` is the provider's id of the message that this one quotes. Announces on commit.
    """
    if _is_fenced_off(conversation, author, fence_epoch):
        return None
    now = clock.now()
    message = Message(
        customer_id=session.customer_id, session=session, author=author, agent_id=agent_id, agent_name=agent_name,
        kind=content.type, content=content.to_json(), client_id=client_id, reply_to=reply_to, run=run, step_id=step_id,
        occurred_at=at or now, recorded_at=now,
    )  # fmt: skip
    deliveries = _parts(conversation, session, content, fence_epoch if author != Author.AGENT else None, now)
    events.speak(conversation=conversation, session=session, message=message, deliveries=deliveries)
    attachments.bind(message=message, said=content)
    return message


def enclose(*, message: Message, identity: Identity, channel: str, challenge: Challenge) -> Delivery:
    """Queues a one-time code to an address, on a message that tells the person who asked that it is on its way."""
    now = clock.now()
    delivery = Delivery(
        message=message, customer_id=message.customer_id, conversation_id=message.session.conversation_id,
        identity=identity, channel=channel, part=ENCLOSED, challenge=challenge, next_attempt_at=now, queued_at=now,
    )  # fmt: skip
    rows.insert(delivery)
    realtime.hint("wake:outbox")
    return delivery


def _is_fenced_off(conversation: Conversation, author: str, fence_epoch: int | None) -> bool:
    if author == Author.BOT and (conversation.owner_kind != Owner.BOT or is_hushed(conversation)):
        return True
    is_owed = author == Author.SYSTEM and fence_epoch is None
    return author in (Author.BOT, Author.SYSTEM) and not is_owed and conversation.owner_epoch != fence_epoch


def is_hushed(conversation: Conversation) -> bool:
    """Does a person of ours write there from the provider's own app, so that the bot must be silent?"""
    return conversation.hushed_until is not None and conversation.hushed_until > clock.now()


def _parts(
    conversation: Conversation, session: Session, content: Content, fence: int | None, now: datetime
) -> list[Delivery]:
    can = capabilities.of(session.kind)
    parts = len(render.render(content, can).messages)
    # A channel that the customer's own page pulls from needs no provider: once committed it is there to be read.
    state = {"state": State.SENT, "sent_at": now} if can.pull else {"state": State.QUEUED}
    if not can.pull:
        realtime.hint("wake:outbox")
    return [
        Delivery(
            customer_id=session.customer_id,
            conversation=conversation,
            identity_id=session.identity_id,
            channel=session.channel,
            part=part,
            fence_epoch=fence,
            next_attempt_at=now,
            queued_at=now,
            **state,
        )
        for part in range(parts)
    ]


def refence(*, conversation: Conversation, from_epoch: int) -> None:
    """Lets what was already queued go out although the owner moved on in a handover: it was said before.

    The fence rises to the present epoch; if an agent has it at once, it falls away, for nothing of ours comes after it.
    """
    fence = None if conversation.owner_kind == Owner.AGENT else conversation.owner_epoch
    if fence != from_epoch:
        waiting = Delivery.objects.filter(conversation=conversation, state=State.QUEUED, fence_epoch=from_epoch)
        waiting.update(fence_epoch=fence)


def cancel_unsent(*, conversation: Conversation) -> int:
    """A human took over: what the bot has queued and not sent is cancelled. Returns how many deliveries."""
    waiting = Delivery.objects.filter(conversation=conversation, state=State.QUEUED, fence_epoch__isnull=False)
    messages = list(waiting.values_list("message_id", flat=True))
    cancelled = waiting.update(state=State.CANCELLED, reason="taken_over")
    for message_id in messages:
        events.append(
            conversation=conversation, kind="delivery", data={"message": message_id, "state": State.CANCELLED}
        )
    return cancelled

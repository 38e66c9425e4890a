"""How does an agent speak with a customer? They take the conversation, answer, and note something for the team."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import clock
from conversations import answerable, outbox
from conversations.content import Content, Template
from conversations.models import Conversation, Message, Session
from conversations.sessions import ReplyOption
from customers import audit
from handover import affinity, holding, limits, noting, presence, refusals
from handover.models import Agent
from handover.timing import clocks

Owner = Conversation.Owner


@transaction.atomic
def claim(*, conversation_id: int, agent: Agent, seen_epoch: int | None = None) -> Conversation:
    """Waiting or the bot's -> this agent's; what the bot has queued and not sent is cancelled. Event `owner_changed`.

    One's own again changes nothing. `seen_epoch`: what the screen showed; a change since then is `OwnerMoved`.
    """
    conversation = holding.locked(conversation_id, agent)
    if seen_epoch is not None:
        holding.refuse_stale(conversation, agent, seen_epoch)
    holding.claim(conversation, agent, "accept" if conversation.owner_kind == Owner.QUEUE else "takeover")
    return conversation


@transaction.atomic
def reply(
    *,
    conversation_id: int,
    agent: Agent,
    content: Content,
    client_id: str,
    way: UUID | None = None,
    seen_seq: int | None = None,
    force: bool = False,
    written_at: datetime | None = None,
) -> Conversation:
    """Queues an agent's words to the customer; claims by itself.

    `way` is a session of the conversation or another place of its person (`answerable`), which gets a session by this;
    without one the first that is open; else `answerable.NoSuchWay`. The same `client_id` again changes nothing. After
    `seen_seq` (the last on the screen) the customer wrote nothing, unless forced; `written_at`: Send was pressed then.
    """
    conversation = _locked(conversation_id, agent, way)
    if client_id and _is_said(conversation, client_id):
        return conversation
    if written_at is not None and clock.now() - written_at > limits.lasts("SEND_LATE"):
        raise refusals.WaitedTooLong()
    if seen_seq is not None and not force:
        holding.refuse_unseen(conversation, seen_seq)
    session = _way(conversation, way, is_template=isinstance(content, Template))
    holding.claim(conversation, agent, "reply")
    session = answerable.opened(session=session, conversation=conversation)
    outbox.say(
        conversation=conversation,
        session=session,
        content=content,
        author=Message.Author.AGENT,
        agent_id=agent.pk,
        agent_name=agent.name,
        client_id=client_id,
    )
    clocks.answered(conversation, agent)
    affinity.write(conversation=conversation, agent=agent, at=clock.now())
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


@transaction.atomic
def note(*, conversation_id: int, agent: Agent, text: str, client_id: str = "") -> Conversation:
    """Writes something for the team; nobody outside ever sees it. The same `client_id` again changes nothing.

    Colleagues whom it names by `@` are told, if they may see the conversation. What a supervisor writes to the agent
    who has it is a whisper, and audited.
    """
    conversation = holding.locked(conversation_id, agent)
    written = noting.write(conversation=conversation, agent=agent, text=text, client_id=client_id)
    is_anothers = holding.has_agent(conversation) and not holding.is_owner(conversation, agent)
    if written is not None and is_anothers and holding.leads(conversation, agent):
        whose = str(conversation.public_id)
        audit.record(actor=f"user:{agent.user_id}", action="conversation.whisper", object_id=whose)
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


def _is_said(conversation: Conversation, client_id: str) -> bool:
    said = Message.objects.filter(session__conversation=conversation, client_id=client_id)
    return said.filter(author=Message.Author.AGENT).exists()


def _locked(conversation_id: int, agent: Agent, way: UUID | None) -> Conversation:
    """Under its lock, and with the person's where a session may be begun: a message from there would begin one, too."""
    if way is None or Session.objects.filter(conversation_id=conversation_id, public_id=way).exists():
        return holding.locked(conversation_id, agent)
    return holding.scene(conversation_id, agent).conversation


def _way(conversation: Conversation, way: UUID | None, *, is_template: bool) -> Session:
    """Where to answer: the chosen place, else the first session that is open; `ChannelClosed` says what is.

    A template may also go where only the provider's window is shut.
    """
    chosen = _chosen(conversation, way)
    if chosen is not None and (chosen.is_open or (is_template and chosen.needs_template)):
        return chosen.session
    found = answerable.everywhere(conversation=conversation)
    ways = [one.session for one in (*found.here, *found.others) if one.is_open]
    reason = chosen.reason if chosen else "This session is not part of the conversation any more."
    named = [{"session": str(one.public_id), "channel": one.channel} for one in ways]
    raise refusals.ChannelClosed(reason, reason=reason, open=named)


def _chosen(conversation: Conversation, way: UUID | None) -> ReplyOption | None:
    """None: a session of the conversation that has ended, or there is none at all."""
    options = answerable.here(conversation=conversation)
    if way is None:
        return next(iter(options), None)
    near = next((one for one in options if one.session.public_id == way), None)
    if near is not None or conversation.sessions.filter(public_id=way).exists():
        return near
    return answerable.find(conversation=conversation, way=way)

"""What may an agent do with a conversation? The agents' verbs.

Problem
+-- NotThere          404 not_found         none of that id, or none that this agent may see
+-- AlreadyTaken      409 already_taken     another agent has it; `owner` is their name
+-- AlreadyClosed     409 already_closed
+-- NotYours          409 not_yours         only its agent (or a supervisor) may do this
+-- UnseenMessages    409 unseen_messages   the customer wrote since; `seqs`
+-- ChannelClosed     409 channel_closed    `reason`, and `open`: the ways to answer that are
+-- OwnerMoved        409 owner_moved       (`conversations.ownership`)
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from common import clock
from common.problems import Problem
from conversations import events, outbox, ownership, sessions, threads
from conversations.content import Content, Text
from conversations.journeys.scene import Scene
from conversations.models import Conversation, Message, Session
from handover import affinity, capacity, cards, following, intake, notices, presence, sight
from handover.models import Agent, Note

Owner = Conversation.Owner
State = Conversation.State


class NotThere(Problem):
    code, title, status = "not_found", "There is no such conversation.", 404


class AlreadyTaken(Problem):
    code, title, status = "already_taken", "Somebody else has this conversation already.", 409


class AlreadyClosed(Problem):
    code, title, status = "already_closed", "This conversation is closed.", 409


class NotYours(Problem):
    code, title, status = "not_yours", "This conversation is not yours.", 409


class UnseenMessages(Problem):
    code, title, status = "unseen_messages", "The customer has written since you began.", 409


class ChannelClosed(Problem):
    code, title, status = "channel_closed", "You cannot answer there now.", 409


@transaction.atomic
def claim(*, conversation_id: int, agent: Agent, seen_epoch: int | None = None) -> Conversation:
    """Waiting or the bot's -> this agent's; what the bot has queued and not sent is cancelled. Event `owner_changed`.

    One's own again changes nothing. `seen_epoch`: what the screen showed; a change since then is `OwnerMoved`.
    """
    conversation = _locked(conversation_id, agent)
    if seen_epoch is not None and seen_epoch != conversation.owner_epoch and not _is_owner(conversation, agent):
        raise AlreadyTaken(owner=_owner_name(conversation)) if _has_agent(conversation) else ownership.OwnerMoved()
    _claim(conversation, agent, "accept" if conversation.owner_kind == Owner.QUEUE else "takeover")
    return conversation


@transaction.atomic
def reply(
    *,
    conversation_id: int,
    agent: Agent,
    content: Content,
    client_id: str,
    session_id: int | None = None,
    seen_seq: int | None = None,
    force: bool = False,
) -> Conversation:
    """Queues an agent's words to the customer, over the chosen session or the first that is open; claims by itself.

    The same `client_id` again changes nothing. `seen_seq`: the last event that the agent had on the screen; a message
    of the customer after it is `UnseenMessages`, unless forced.
    """
    conversation = _locked(conversation_id, agent)
    if client_id and _is_said(conversation, client_id):
        return conversation
    if seen_seq is not None and not force:
        _refuse_unseen(conversation, seen_seq)
    session = _way(conversation, session_id)
    _claim(conversation, agent, "reply")
    outbox.say(
        conversation=conversation,
        session=session,
        content=content,
        author=Message.Author.AGENT,
        agent_id=agent.pk,
        agent_name=agent.name,
        client_id=client_id,
    )
    affinity.write(conversation=conversation, agent=agent, at=clock.now())
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


@transaction.atomic
def note(*, conversation_id: int, agent: Agent, text: str, client_id: str = "") -> Conversation:
    """Writes something for the team; nobody outside ever sees it. The same `client_id` again changes nothing."""
    conversation = _locked(conversation_id, agent)
    if client_id and conversation.notes.filter(client_id=client_id).exists():
        return conversation
    written = Note.objects.create(
        conversation=conversation,
        customer_id=conversation.customer_id,
        agent=agent,
        client_id=client_id,
        text=text,
        created_at=clock.now(),
    )
    events.append(
        conversation=conversation,
        kind="note",
        actor_kind="agent",
        actor_id=agent.pk,
        data={"note": str(written.public_id)},
    )
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


@transaction.atomic
def release(*, conversation_id: int, agent: Agent) -> Conversation:
    """Back to the bot, which goes on: the journey's `on.closed`, its open question, or the menu."""
    scene = _scene(conversation_id, agent)
    _move_to_bot(scene.conversation, agent, State.OPEN, "release")
    following.hand_back(scene=scene, is_over=False)
    return scene.conversation


@transaction.atomic
def close(*, conversation_id: int, agent: Agent, reason: str = "resolved", seen_seq: int | None = None) -> Conversation:
    """Ends the matter: closed, the bot's, its sessions over; a run that waited for the agent takes `on.closed`.

    With `seen_seq` a message of the customer after it is `UnseenMessages`. The customer is told, if the channel allows.
    """
    scene = _scene(conversation_id, agent)
    if seen_seq is not None:
        _refuse_unseen(scene.conversation, seen_seq)
    _move_to_bot(scene.conversation, agent, State.CLOSED, "close", close_reason=reason)
    following.hand_back(scene=scene, is_over=True)
    if not scene.said:
        scene.say(Text(notices.CLOSED))
    events.append(
        conversation=scene.conversation, kind="closed", actor_kind="agent", actor_id=agent.pk, data={"reason": reason}
    )
    sessions.end_all(conversation=scene.conversation)
    affinity.write(conversation=scene.conversation, agent=agent, at=clock.now())
    presence.heartbeat(agent=agent, at=clock.now())
    return scene.conversation


def _locked(conversation_id: int, agent: Agent) -> Conversation:
    if not sight.visible_to(agent).filter(pk=conversation_id).exists():
        raise NotThere()
    return threads.lock(conversation_id=conversation_id)


def _scene(conversation_id: int, agent: Agent) -> Scene:
    """Root, then conversation locked; the bot would speak over the session that was heard last."""
    customer_id = sight.visible_to(agent).filter(pk=conversation_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NotThere()
    root = threads.lock_root(customer_id=customer_id)
    conversation = threads.lock(conversation_id=conversation_id)
    heard = conversation.sessions.select_related("identity").order_by("ended_at", "-last_inbound_at", "-pk")
    session = heard.filter(ended_at__isnull=True).first() or heard.latest("pk")
    scene = Scene(conversation, session, root)
    scene.is_cut = bool(sessions.closed_reason(session, scene.now))
    return scene


def _claim(conversation: Conversation, agent: Agent, cause: str) -> None:
    """Manual work may exceed an agent's capacity; the agent's lock keeps automatic assignment from counting wrongly."""
    if conversation.state == State.CLOSED:
        raise AlreadyClosed()
    if _is_owner(conversation, agent):
        return
    if _has_agent(conversation):
        raise AlreadyTaken(owner=_owner_name(conversation))
    if conversation.owner_kind == Owner.BOT:
        _brief(conversation)
    capacity.lock(agent.pk)
    ownership.move(
        conversation=conversation,
        seen_epoch=conversation.owner_epoch,
        to=Owner.AGENT,
        owner_id=agent.pk,
        allowed_states=(State.OPEN,),
        allowed_owners=(Owner.BOT, Owner.QUEUE),
        cause=cause,
        actor_kind="agent",
        actor_id=agent.pk,
        mode="live",
    )
    outbox.cancel_unsent(conversation=conversation)
    presence.heartbeat(agent=agent, at=clock.now())


def _brief(conversation: Conversation) -> None:
    """Taken from the bot: the pre-chat questions are over, and the card says what was going on."""
    session = conversation.sessions.select_related("identity", "customer__root").order_by("-last_inbound_at").first()
    if session is None:
        return
    scene = Scene(conversation, session, session.customer.root)
    intake.drop(scene=scene, reason="taken_over")
    cards.write(scene=scene, reason="takeover")


def _move_to_bot(conversation: Conversation, agent: Agent, state: State, cause: str, **changes: Any) -> None:
    if conversation.state == State.CLOSED:
        raise AlreadyClosed()
    if not _is_owner(conversation, agent) and not _leads(conversation, agent):
        raise NotYours(owner=_owner_name(conversation))
    ownership.move(
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


def _is_owner(conversation: Conversation, agent: Agent) -> bool:
    return conversation.owner_kind == Owner.AGENT and conversation.owner_id == agent.pk


def _has_agent(conversation: Conversation) -> bool:
    return conversation.owner_kind == Owner.AGENT


def _leads(conversation: Conversation, agent: Agent) -> bool:
    """Superusers lead everywhere, supervisors in their queues."""
    led = agent.memberships.filter(role="supervisor").values_list("queue_id", flat=True)
    return agent.user.is_superuser or conversation.queue_id in led


def _owner_name(conversation: Conversation) -> str:
    named = Agent.objects.filter(pk=conversation.owner_id or 0) if _has_agent(conversation) else Agent.objects.none()
    return named.values_list("name", flat=True).first() or str(conversation.owner_kind)


def _is_said(conversation: Conversation, client_id: str) -> bool:
    said = Message.objects.filter(session__conversation=conversation, client_id=client_id)
    return said.filter(author=Message.Author.AGENT).exists()


def _refuse_unseen(conversation: Conversation, seen_seq: int) -> None:
    unseen = conversation.events.filter(kind="message", actor_kind="customer", seq__gt=seen_seq)
    if seqs := list(unseen.order_by("seq").values_list("seq", flat=True)):
        raise UnseenMessages(seqs=seqs)


def _way(conversation: Conversation, session_id: int | None) -> Session:
    """The session to answer over: the chosen one, else the first that is open; `ChannelClosed` says what is."""
    options = sessions.reply_options(conversation=conversation)
    chosen = next((one for one in options if one.session.pk == session_id or session_id is None), None)
    if chosen is not None and chosen.is_open:
        return chosen.session
    ways = [{"session": str(one.session.public_id), "channel": one.session.channel} for one in options if one.is_open]
    reason = chosen.reason if chosen else "This session is not part of the conversation any more."
    raise ChannelClosed(reason, reason=reason, open=ways)

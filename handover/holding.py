"""Whose is a conversation, and how does an agent come to have it? The lock, the claim, and the briefing."""

from __future__ import annotations

from django.db.models import Exists

from common import clock
from conversations import outbox, ownership, reach, threads
from conversations.journeys.scene import Scene
from conversations.models import LAST_HEARD, Conversation
from handover import capacity, cards, intake, owning, presence, refusals, sight
from handover.models import Agent, Membership, Queue

Owner = Conversation.Owner
State = Conversation.State


def locked(conversation_id: int, agent: Agent) -> Conversation:
    """The conversation under its lock, if this agent may see it."""
    try:
        conversation = threads.lock(conversation_id=conversation_id)
    except Conversation.DoesNotExist as error:
        raise refusals.NotThere() from error
    refuse_stranger(conversation, agent)
    return conversation


def scene(conversation_id: int, agent: Agent) -> Scene:
    """Root, then conversation locked, if this agent may see it."""
    scene = scene_of(conversation_id)
    refuse_stranger(scene.conversation, agent)
    return scene


def refuse_stranger(conversation: Conversation, agent: Agent) -> None:
    """They may not see it. Asked under its lock, and about the agent as stored: what was theirs when the request came
    may not be any more."""
    here = Agent.objects.filter(pk=agent.pk, is_active=True, user__is_active=True)
    if agent.user.is_superuser:
        here = here.filter(user__is_superuser=True)
    if not sight.visible_to(agent).filter(Exists(here), pk=conversation.pk).exists():
        raise refusals.NotThere()


def scene_of(conversation_id: int) -> Scene:
    """Root, then conversation locked; the bot would speak over the session that was heard last."""
    customer_id = Conversation.objects.filter(pk=conversation_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise refusals.NotThere()
    root = threads.lock_root(customer_id=customer_id)
    conversation = threads.lock(conversation_id=conversation_id)
    heard = conversation.sessions.select_related("identity").order_by("ended_at", LAST_HEARD, "-pk")
    session = heard.filter(ended_at__isnull=True).first() or heard.order_by("pk").last()
    if session is None:  # all that was said in it goes on in another one
        raise refusals.AlreadyClosed()
    scene = Scene(conversation, session, root)
    scene.is_cut = reach.is_mute(session, scene.now)
    return scene


def claim(conversation: Conversation, agent: Agent, cause: str) -> None:
    """Waiting or the bot's -> this agent's; the bot's unsent words are cancelled.

    Manual work may exceed an agent's capacity; the agent's lock keeps automatic assignment from counting wrongly.
    """
    if conversation.state == State.CLOSED:
        raise refusals.AlreadyClosed()
    if is_owner(conversation, agent):
        return
    if has_agent(conversation):
        raise refusals.AlreadyTaken(owner=owner_name(conversation))
    if conversation.owner_kind != Owner.QUEUE:
        brief(conversation)
    capacity.lock(agent.pk)
    owning.move(
        conversation=conversation,
        seen_epoch=conversation.owner_epoch,
        to=Owner.AGENT,
        owner_id=agent.pk,
        allowed_states=(State.OPEN,),
        allowed_owners=(Owner.BOT, Owner.QUEUE, Owner.EXTERNAL),
        cause=cause,
        actor_kind="agent",
        actor_id=agent.pk,
        mode="live",
    )
    outbox.cancel_unsent(conversation=conversation)
    presence.heartbeat(agent=agent, at=clock.now())


def brief(conversation: Conversation, *, reason: str = "takeover") -> None:
    """Taken from the bot: the pre-chat questions are over, and the card says what was going on."""
    session = conversation.sessions.select_related("identity", "customer__root").order_by(LAST_HEARD).first()
    if session is None:
        return
    scene = Scene(conversation, session, session.customer.root)
    intake.drop(scene=scene, reason="taken_over")
    cards.write(scene=scene, reason=reason)


def refuse_stale(conversation: Conversation, agent: Agent, seen_epoch: int) -> None:
    """The owner has changed since the agent's screen was drawn, and not to them."""
    if seen_epoch == conversation.owner_epoch or is_owner(conversation, agent):
        return
    raise refusals.AlreadyTaken(owner=owner_name(conversation)) if has_agent(conversation) else ownership.OwnerMoved()


def refuse_unseen(conversation: Conversation, seen_seq: int) -> None:
    """The customer wrote after what the agent had on the screen."""
    unseen = conversation.events.filter(kind="message", actor_kind="customer", seq__gt=seen_seq)
    if seqs := list(unseen.order_by("seq").values_list("seq", flat=True)):
        raise refusals.UnseenMessages(seqs=seqs)


def refuse_foreign(conversation: Conversation, agent: Agent) -> None:
    """Only its agent, or whoever leads there, lets go of an open conversation."""
    if conversation.state == State.CLOSED:
        raise refusals.AlreadyClosed()
    if not is_owner(conversation, agent) and not leads(conversation, agent):
        raise refusals.NotYours(owner=owner_name(conversation))


def leads(conversation: Conversation, agent: Agent) -> bool:
    """Superusers lead everywhere, supervisors in their queues and where one of theirs took it from the bot."""
    if agent.user.is_superuser:
        return True
    led = agent.memberships.filter(role="supervisor").values("queue_id")
    if conversation.queue_id is not None:
        return led.filter(queue_id=conversation.queue_id).exists()
    owner_id = conversation.owner_id if has_agent(conversation) else None
    return owner_id is not None and Membership.objects.filter(agent_id=owner_id, queue_id__in=led).exists()


def home(conversation: Conversation, had_by: int | None = None) -> Queue | None:
    """The queue that it came from; of one that was taken straight from the bot, its agent's first, or the default.

    `had_by` is the agent of one that is closed.
    """
    kept = Queue.objects.filter(is_archived=False)
    own = kept.filter(pk=conversation.queue_id or 0).first()
    agent_id = conversation.owner_id if has_agent(conversation) else had_by
    return (
        own
        or kept.filter(memberships__agent=agent_id or 0).order_by("pk").first()
        or kept.filter(is_default=True).first()
    )


def is_owner(conversation: Conversation, agent: Agent) -> bool:
    return conversation.owner_kind == Owner.AGENT and conversation.owner_id == agent.pk


def has_agent(conversation: Conversation) -> bool:
    return conversation.owner_kind == Owner.AGENT


def owner_name(conversation: Conversation) -> str:
    named = Agent.objects.filter(pk=conversation.owner_id or 0) if has_agent(conversation) else Agent.objects.none()
    return named.values_list("name", flat=True).first() or str(conversation.owner_kind)

"""How does an agent answer an offer, and what if they do not? Whoever comes late is refused, and the plan goes on once.

NotOffered       404 not_found       none of that id for this agent, or they may not take it any more
AlreadyTaken     409 already_taken   another agent has the conversation by now
OfferOver        409 offer_over      declined, withdrawn, or its time is up (by the database's clock)
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from common import clock
from conversations import events, outbox, realtime, threads, timers
from conversations.models import Conversation, Timer
from handover import capacity, owning, presence, refusals
from handover.models import Agent, Queue, Reservation
from handover.routing import entitled, offering, steps

TELLS_AFTER = 2  # offers missed in a row: those who lead are told

Kind = Reservation.Kind
Status = Reservation.Status
Owner, State = Conversation.Owner, Conversation.State
Missed = Callable[[Conversation, Reservation], None]
Taken = Callable[[Conversation], None]
NotOffered, OfferOver = entitled.NotOffered, entitled.OfferOver
_missed: dict[str, Missed] = {}
_taken: dict[str, Taken] = {}


def when_missed(kind: Kind, effect: Missed) -> None:
    """What follows when an offer of this kind is declined or passes; called with the conversation's lock, once."""
    _missed[kind] = effect


def when_taken(kind: Kind, effect: Taken) -> None:
    """What is done before an accepted offer of this kind moves it from the bot or another system to the agent."""
    _taken[kind] = effect


def open_for(agent: Agent) -> QuerySet[Reservation]:
    """What this agent may take now, the most urgent first."""
    waiting = agent.reservations.filter(status=Status.PENDING, expires_at__gt=clock.database_now())
    return waiting.select_related("conversation__customer__root", "from_agent").order_by("expires_at")


@transaction.atomic
def accept(*, offer_id: UUID, agent: Agent) -> Conversation:
    """The conversation is this agent's: compare-and-set on pending, in time by the database's clock, and the epoch.

    Whether they still work here, and in that team, is asked under the lock.
    """
    conversation, offer = _locked(offer_id, agent)
    is_open = (offer.status, offer.epoch) == (Status.PENDING, conversation.owner_epoch)
    if is_open and not entitled.may_answer(offer, conversation, entitled.teams_of([agent.pk])):
        raise NotOffered()
    in_time = Reservation.objects.filter(pk=offer.pk, status=Status.PENDING, expires_at__gt=clock.database_now())
    in_time = in_time.filter(epoch=conversation.owner_epoch)
    if not in_time.update(status=Status.ACCEPTED, answered_at=clock.now()):
        raise _too_late(conversation, agent)
    present = capacity.lock(agent.pk)
    if conversation.owner_kind in (Owner.BOT, Owner.EXTERNAL) and offer.kind in _taken:
        _taken[offer.kind](conversation)
    owning.move(
        conversation=conversation,
        seen_epoch=offer.epoch,
        to=Owner.AGENT,
        owner_id=agent.pk,
        allowed_states=(State.OPEN,),
        allowed_owners=tuple(Owner) if offer.kind in _taken else (Owner.QUEUE, Owner.AGENT),
        cause="transfer" if offer.kind == Kind.TRANSFER else "accept",
        actor_kind="agent",
        actor_id=agent.pk,
        mode="live",
    )
    outbox.refence(conversation=conversation, from_epoch=offer.epoch)
    present.missed_offers, present.last_assigned_at = 0, clock.now()
    present.save(update_fields=["missed_offers", "last_assigned_at"])
    presence.heartbeat(agent=agent, at=clock.now())
    return conversation


@transaction.atomic
def decline(*, offer_id: UUID, agent: Agent) -> Conversation:
    """The plan goes on at once; this conversation does not come back to the agent for ten minutes."""
    conversation, offer = _locked(offer_id, agent)
    if offer.status != Status.PENDING:
        raise _too_late(conversation, agent)
    _is_missed(conversation, offer, Status.DECLINED)
    return conversation


def came_due(timer: Timer) -> None:
    """The timer's effect: nobody has answered. A second firing finds nothing pending."""
    found = Reservation.objects.filter(pk=timer.object_id, status=Status.PENDING)
    conversation_id = found.values_list("conversation_id", flat=True).first()
    if conversation_id is None:
        return
    conversation = threads.lock(conversation_id=conversation_id)
    if (offer := found.select_related("agent").first()) is not None:
        _is_missed(conversation, offer, Status.TIMED_OUT)


def back(*, agent: Agent) -> None:
    """The agent says that they are there again, and is asked again."""
    agent.not_responding_at, agent.missed_offers = None, 0
    agent.save(update_fields=["not_responding_at", "missed_offers"])
    realtime.hint(owning.WAKE)


def go_on(conversation: Conversation, offer: Reservation, *, because: str) -> None:
    """What follows an offer that nobody took; needs the conversation's lock, and the offer is no longer pending."""
    if (effect := _missed.get(offer.kind)) is not None:
        effect(conversation, offer)
    elif offer.kind == Kind.OFFER and _is_of_step(conversation, offer):
        steps.advance(conversation=conversation, because=because)
    realtime.hint(owning.WAKE)


def register() -> None:
    """Says what the timers of offers and steps do; called in `AppConfig.ready`."""
    timers.on(offering.TIMER, came_due)
    timers.on(steps.TIMER, steps.came_due)


def _locked(offer_id: UUID, agent: Agent) -> tuple[Conversation, Reservation]:
    found = Reservation.objects.filter(public_id=offer_id, agent=agent)
    conversation_id = found.values_list("conversation_id", flat=True).first()
    if conversation_id is None:
        raise NotOffered()
    return threads.lock(conversation_id=conversation_id), found.select_related("agent").get()


def _too_late(conversation: Conversation, agent: Agent) -> entitled.OfferOver | refusals.AlreadyTaken:
    if conversation.owner_kind != Owner.AGENT or conversation.owner_id == agent.pk:
        return OfferOver()
    name = Agent.objects.filter(pk=conversation.owner_id or 0).values_list("name", flat=True).first()
    return refusals.AlreadyTaken(owner=name or "")


def _is_missed(conversation: Conversation, offer: Reservation, status: Status) -> None:
    """The agent counts as not responding until they say that they are back, and the plan goes on."""
    now = clock.now()
    offer.status, offer.answered_at = status, now
    offer.save(update_fields=["status", "answered_at"])
    agent = capacity.lock(offer.agent_id)
    agent.not_responding_at, agent.missed_offers = now, agent.missed_offers + 1
    agent.save(update_fields=["not_responding_at", "missed_offers"])
    data = {"agent": agent.pk, "reason": str(status), "missed": agent.missed_offers}
    events.append(conversation=conversation, kind="offer_missed", actor_kind="agent", actor_id=agent.pk, data=data)
    if agent.missed_offers == TELLS_AFTER:
        _tell_supervisors(agent)
    go_on(conversation, offer, because=str(status))


def _is_of_step(conversation: Conversation, offer: Reservation) -> bool:
    """Was this agent the present step itself? One of a queue's agents is followed by another of them."""
    target = steps.present(conversation)
    is_present = (offer.epoch, offer.plan_step) == (conversation.owner_epoch, conversation.plan_step)
    return is_present and target is not None and target.agent_id == offer.agent_id


def _tell_supervisors(agent: Agent) -> None:
    queues = list(Queue.objects.filter(memberships__agent=agent).values_list("pk", flat=True))
    data = {"agent": agent.pk, "queues": queues, "missed": agent.missed_offers}
    transaction.on_commit(lambda: realtime.tell("silent_agent", data))

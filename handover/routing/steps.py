"""Which step of its plan is a conversation at, and what does the next one do? Each ends once: epoch and step guard it.

A step that changes the owning queue raises the epoch; `queued_at` is never touched, so that age stays honest.
"""

from __future__ import annotations

from common import clock
from conversations import events, outbox, timers
from conversations.models import Conversation, Timer
from handover import limits, owning
from handover.models import Queue
from handover.routing import assigning, houses, offering
from handover.routing.houses import House
from handover.routing.targets import Plan, Target

TIMER = "plan_step"
STEPS = 64  # more than any plan has: what a guard is counted in

Owner, State = Conversation.Owner, Conversation.State


def present(conversation: Conversation) -> Target | None:
    """The step that a waiting conversation is at; None without a plan."""
    targets = Plan.from_json(conversation.routing_plan).targets
    return targets[conversation.plan_step] if conversation.plan_step < len(targets) else None


def demanded(conversation: Conversation) -> str:
    """The skill that whoever is given it must have; '' for none."""
    return Plan.from_json(conversation.routing_plan).demanded(conversation.skill)


def guard(conversation: Conversation) -> int:
    """Epoch and step in one number, for a timer."""
    return conversation.owner_epoch * STEPS + conversation.plan_step


def begin(conversation: Conversation) -> None:
    """The present step begins: its deadline is wound, and an agent who is named is asked at once.

    Needs the row lock and a queue as owner. Whoever cannot be asked is passed over, unless they are waited for.
    """
    target = present(conversation)
    if target is None or not _waits(conversation):
        return
    wind(conversation)
    if target.agent_id is None or ask(conversation, target) or target.waits:
        return
    advance(conversation=conversation, because="not_there")


def wind(conversation: Conversation) -> None:
    """Sets when the present step ends, if it does."""
    target = present(conversation)
    if target is not None and target.lasts is not None:
        due = clock.now() + target.lasts
        number, customer = guard(conversation), conversation.customer_id
        timers.start(kind=TIMER, object_id=conversation.pk, due_at=due, guard=number, customer_id=customer)


def ask(conversation: Conversation, target: Target) -> bool:
    """The agent of this step is offered the conversation or given it, as its queue does; False if they cannot."""
    assert target.agent_id is not None
    queue = Queue.objects.get(pk=conversation.owner_id or 0)
    if queue.delivery == Queue.Delivery.AUTO:
        return assigning.assign(conversation=conversation, agent_id=target.agent_id, cause="preferred")
    lasts = limits.lasts("OFFER_FOR") if target.waits or target.lasts is None else target.lasts
    return offering.make(conversation=conversation, agent_id=target.agent_id, lasts=lasts) is not None


def advance(*, conversation: Conversation, because: str) -> bool:
    """The present step is over (`because`): the next one that can take it begins; False if there is none.

    Needs the row lock; a caller who comes late compares `guard` first. Event `plan_advanced`.
    """
    if not _waits(conversation):
        return False
    house = houses.whole(clock.now(), skill=demanded(conversation))
    target, queues = present(conversation), ahead(conversation)
    found = next((one for one in queues if is_eligible(one[1], house)), None)
    if found is None and target is not None and not target.is_queue and queues:
        found = queues[0]  # an agent holds it for a while only; then it waits where it is
    if found is None:
        wind(conversation)  # nobody else can take it now: it stays, and the plan is looked at again
        return False
    _go(conversation, *found, because=because)
    begin(conversation)
    return True


def ahead(conversation: Conversation) -> list[tuple[int, Target]]:
    """The queues that are still to come, with their places in the plan."""
    targets = Plan.from_json(conversation.routing_plan).targets
    return [(at, target) for at, target in enumerate(targets) if at > conversation.plan_step and target.is_queue]


def has_more(conversation: Conversation, house: House) -> bool:
    """Is there another queue in the plan that can take it now?"""
    return any(is_eligible(target, house) and target.pk != conversation.owner_id for _, target in ahead(conversation))


def came_due(timer: Timer) -> None:
    """The timer's effect: time is up for the step it was wound for, unless the conversation has moved on."""
    found = Conversation.objects.select_for_update(no_key=True).filter(pk=timer.object_id).first()
    if found is None or guard(found) != timer.guard:
        return
    target = present(found)
    if target is not None and not target.is_queue and offering.pending(found):
        return  # the offer has its own deadline, and its end goes on with the plan
    advance(conversation=found, because="time")


def is_eligible(target: Target, house: House) -> bool:
    """Can this queue take something now?"""
    facts = house.facts(house.queues.get(target.pk))
    return facts is not None and facts.is_eligible


def _go(conversation: Conversation, at: int, target: Target, *, because: str) -> None:
    before = conversation.owner_epoch
    if target.queue_id == conversation.owner_id:
        owning.rescind(conversation)
        conversation.plan_step = at
        conversation.save(update_fields=["plan_step"])
    else:
        owning.move(
            conversation=conversation,
            to=Owner.QUEUE,
            owner_id=target.queue_id,
            allowed_states=(State.OPEN,),
            allowed_owners=(Owner.QUEUE,),
            cause="plan_step",
            actor_kind="system",
            queue_id=target.queue_id,
            plan_step=at,
        )
        outbox.refence(conversation=conversation, from_epoch=before)
    data = {"step": at, "because": because, "queue": target.queue_id}
    events.append(conversation=conversation, kind="plan_advanced", actor_kind="system", data=data)


def _waits(conversation: Conversation) -> bool:
    return conversation.owner_kind == Owner.QUEUE and conversation.state == State.OPEN and conversation.mode == "live"

"""Who is given or offered what waits? Matched without locks, done in small batches under them, each checked again.

Woken by `owning.WAKE` and by a poll; several workers may do it at once, for rows that one holds are skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction

from common import clock
from conversations.models import Conversation
from handover import capacity, limits
from handover.models import Agent, Queue, Reservation
from handover.routing import apart, assigning, external, matching, offering, roster, steps
from handover.routing.matching import Candidate, Waiting
from handover.routing.roster import Roster

BATCH = 10  # conversations of one transaction: its locks are held for less than 50 ms
PAGE = 50
PAGES = 4  # that are looked through for somebody who can be served
MOST = 200  # of one round: then presence is looked at anew

Owner, State = Conversation.Owner, Conversation.State
Pairs = Sequence[tuple[Waiting, Candidate]]


def run() -> int:
    """One round over all queues; returns how many conversations were given, offered, or moved on in their plan."""
    queues = roster.busy_queues()
    if not queues:
        return 0
    staff = roster.read()
    return sum(apart.serve("dispatch", queue.pk, partial(_serve, queue, staff)) for queue in queues)


def _serve(queue: Queue, staff: Roster) -> int:
    done = 0
    while done < MOST:
        found = _next(queue, staff)
        if not found:
            break
        served = _deliver(queue, found)
        done += served
        if served < len(found):
            return done  # somebody else is at it, or the picture is old
    return done + _pass_over(queue)


def _next(queue: Queue, staff: Roster) -> Pairs:
    """The first batch of those who can be served."""
    if not staff.has_room():
        return []
    team = staff.for_queue(queue)
    for page in range(PAGES):
        waiting = roster.waiting_in(queue, now=clock.now(), most=PAGE, start=page * PAGE)
        if queue.strategy == Queue.Strategy.EXTERNAL:
            found = _by_another(queue, waiting[:1], team)
        else:
            found = matching.pair(waiting, team, queue.strategy, most=BATCH)
        if found or len(waiting) < PAGE:
            return found
    return []


def _by_another(queue: Queue, waiting: Sequence[Waiting], team: Sequence[Candidate]) -> Pairs:
    """One at a time by the queue's connection; where it is silent, whoever carries least."""
    for one in waiting:
        able = [each for each in team if each.can_take(one)]
        chosen = external.choose(queue, one, able) if one.target.is_queue else None
        if chosen is not None:
            chosen.load += one.weight
            return [(one, chosen)]
    return matching.pair(waiting, team, Queue.Strategy.LEAST_BUSY, most=1)


@transaction.atomic
def _deliver(queue: Queue, pairs: Pairs) -> int:
    """Locks conversations, then agents, counts again, and hands over; returns for how many it still held."""
    wanted = [one.pk for one, _ in pairs]
    free = Conversation.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=wanted)
    rows = {row.pk: row for row in free.order_by("pk")}
    agents = {agent.pk: agent for agent in capacity.lock_all({each.pk for _, each in pairs})}
    loads = capacity.loads(list(agents))
    offered = set(_pending(wanted))
    served: list[int] = []
    for one, each in pairs:
        row, agent = rows.get(one.pk), agents.get(each.pk)
        if row is None or agent is None or one.pk in offered or not _still(row, one) or not assigning.may_take(agent):
            continue
        if loads[agent.pk] + one.weight > agent.capacity:
            continue
        loads[agent.pk] += one.weight
        _give(queue, row, agent, one)
        served.append(agent.pk)
    if queue.delivery == Queue.Delivery.AUTO:
        Agent.objects.filter(pk__in=served).update(last_assigned_at=clock.now())
    return len(served)


def _give(queue: Queue, conversation: Conversation, agent: Agent, one: Waiting) -> None:
    if queue.delivery == Queue.Delivery.AUTO:
        assigning.hand(conversation=conversation, agent=agent, cause="assign" if one.target.is_queue else "preferred")
        return
    named = None if one.target.is_queue or one.target.waits else one.target.lasts
    offering.lay(conversation, agent, one.weight, named or limits.lasts("OFFER_FOR"))


def _pass_over(queue: Queue) -> int:
    """Who waits for an agent that cannot be asked any more does not wait."""
    waiting = roster.waiting_in(queue, now=clock.now(), most=PAGE)
    named = [one for one in waiting if not one.target.is_queue and not one.target.waits]
    return sum(_move_on(one) for one in named)


@transaction.atomic
def _move_on(one: Waiting) -> int:
    locked = Conversation.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=one.pk).first()
    if locked is None or not _still(locked, one) or offering.pending(locked):
        return 0
    return int(steps.advance(conversation=locked, because="not_there"))


def _still(row: Conversation, one: Waiting) -> bool:
    """Nobody has moved it since it was matched."""
    is_there = row.owner_kind == Owner.QUEUE and row.state == State.OPEN and row.mode == "live"
    return is_there and (row.owner_epoch, row.plan_step) == (one.epoch, one.step)


def _pending(conversation_ids: Sequence[int]) -> list[int]:
    waiting = Reservation.objects.filter(conversation_id__in=conversation_ids, status=Reservation.Status.PENDING)
    return list(waiting.values_list("conversation_id", flat=True))

"""Which deadlines begin or end when a conversation changes its owner, and when either side speaks?

Rows only: what a deadline does stands in `handover.timing.effects`. Each function needs the conversation's row lock.
A deadline carries the epoch it was set in: one that a later owner finds is void.
"""

from __future__ import annotations

from datetime import timedelta

from common import clock
from conversations import timers
from conversations.models import Conversation, Timer
from handover import limits
from handover.models import Agent, Queue, SlaClock
from handover.timing import sla

UNANSWERED = "unanswered"
AGENT_REMIND = "agent_remind"
AGENT_INACTIVE = "agent_inactive"
CUSTOMER_INACTIVE = "customer_inactive"
CUSTOMER_GONE = "customer_gone"
QUEUE_NOTICE = "queue_notice"
QUEUE_MAX = "queue_max"
QUEUE_QUIET = "queue_quiet"
QUEUE_LEFT = "queue_left"
QUEUE_ALONE = "queue_alone"
PARKING = "parking"
WARNING = timedelta(minutes=1)  # between the question whether a silent customer is there, and their leaving
OF_AGENT = (UNANSWERED, AGENT_REMIND, AGENT_INACTIVE)
OF_CUSTOMER = (CUSTOMER_INACTIVE, CUSTOMER_GONE)
ALL = (*OF_AGENT, *OF_CUSTOMER, QUEUE_NOTICE, QUEUE_MAX, QUEUE_QUIET, QUEUE_LEFT, QUEUE_ALONE)

SPOKEN = frozenset({"reply", "unpark_written"})  # the agent speaks as they take it; the customer's word has its own
PASSED_ON = frozenset({"transfer", "escalate", "external_queue"})  # to a queue that somebody chose: it promises anew

Owner, State, Kind = Conversation.Owner, Conversation.State, SlaClock.Kind


def moved(conversation: Conversation, *, cause: str) -> None:
    """The owner or the state has just changed; `cause` as in the event."""
    Timer.objects.filter(kind__in=ALL, object_id=conversation.pk).delete()
    if conversation.state == State.CLOSED:
        if cause == "close":
            sla.met(conversation, [Kind.RESOLUTION])
        sla.given_up(conversation)
    elif conversation.state == State.PARKED:
        sla.pause(conversation)
        _wakes(conversation)
    elif conversation.owner_kind == Owner.QUEUE:
        _waits(conversation, cause)
    elif conversation.owner_kind == Owner.AGENT:
        _is_taken(conversation, cause)
    else:
        sla.given_up(conversation)


def heard(conversation: Conversation) -> None:
    """The customer has just spoken, and people of ours (or a queue of theirs) have the conversation."""
    if conversation.owner_kind == Owner.QUEUE:
        _again_quiet(conversation)
    elif conversation.owner_kind == Owner.AGENT and conversation.state == State.OPEN:
        running = set(Timer.objects.filter(kind__in=ALL, object_id=conversation.pk).values_list("kind", flat=True))
        if running.intersection(OF_CUSTOMER):
            Timer.objects.filter(kind__in=OF_CUSTOMER, object_id=conversation.pk).delete()
        if not running.intersection(OF_AGENT):
            start(conversation, AGENT_REMIND, limits.lasts("AGENT_REMIND"))
        _promise(conversation, queue_of(conversation))
        sla.resume(conversation)


def answered(conversation: Conversation, agent: Agent) -> None:
    """An agent has just answered in public."""
    Timer.objects.filter(kind__in=OF_AGENT, object_id=conversation.pk).delete()
    sla.met(conversation, [Kind.FIRST, Kind.NEXT])
    sla.pause(conversation, [Kind.RESOLUTION])
    if conversation.sessions.filter(ended_at__isnull=True, kind="web").exists():
        start(conversation, CUSTOMER_INACTIVE, limits.lasts("CUSTOMER_INACTIVE"))


def start(conversation: Conversation, kind: str, after: timedelta) -> None:
    """Sets or moves a deadline of the conversation in its present epoch."""
    timers.start(
        kind=kind,
        object_id=conversation.pk,
        due_at=clock.now() + after,
        guard=conversation.owner_epoch,
        customer_id=conversation.customer_id,
    )


def left_alone(conversation: Conversation) -> None:
    """Nobody is there any more who could take it, and it has nowhere else to wait: not for longer than a screen may be
    dark."""
    if not timers.is_running(kind=QUEUE_ALONE, object_id=conversation.pk):
        start(conversation, QUEUE_ALONE, limits.lasts("REQUEUE_AFTER"))


def queue_of(conversation: Conversation) -> Queue | None:
    """The queue it waits in, or was taken from."""
    if conversation.queue_id is None:
        return None
    return Queue.objects.select_related("sla", "hours").filter(pk=conversation.queue_id).first()


def _waits(conversation: Conversation, cause: str) -> None:
    queue = queue_of(conversation)
    if queue is None:
        return
    if cause in PASSED_ON:
        sla.given_up(conversation, but_of=queue)
    _promise(conversation, queue)
    sla.begin(conversation, Kind.RESOLUTION, queue)
    _go_on(conversation)
    if conversation.mode == "ticket":
        return
    start(conversation, QUEUE_NOTICE, limits.lasts("QUEUE_NOTICE"))
    if queue.max_wait_minutes:
        start(conversation, QUEUE_MAX, timedelta(minutes=queue.max_wait_minutes))
    _quiet(conversation, queue)


def _wakes(conversation: Conversation) -> None:
    """Whoever parked it, and why: nothing rests longer than a week."""
    start(conversation, PARKING, (conversation.parked_until or clock.now() + limits.lasts("PARK_MAX")) - clock.now())


def _is_taken(conversation: Conversation, cause: str) -> None:
    _go_on(conversation)
    if cause not in SPOKEN and conversation.waiting_on == "us":
        start(conversation, UNANSWERED, limits.lasts("UNANSWERED"))


def _again_quiet(conversation: Conversation) -> None:
    queue = queue_of(conversation)
    if queue is not None and conversation.mode == "live":
        _quiet(conversation, queue)


def _quiet(conversation: Conversation, queue: Queue) -> None:
    if queue.quiet_minutes and queue.quiet_journey:
        timers.stop(kind=QUEUE_LEFT, object_id=conversation.pk)
        start(conversation, QUEUE_QUIET, timedelta(minutes=queue.quiet_minutes) - WARNING)


def _go_on(conversation: Conversation) -> None:
    """While the customer owes the answer, the promise of a resolution stands still."""
    if conversation.waiting_on == "us":
        sla.resume(conversation)
    else:
        sla.pause(conversation, [Kind.RESOLUTION])


def _promise(conversation: Conversation, queue: Queue | None) -> None:
    """The customer waits: for the first answer, or, if they had one, for the next."""
    if conversation.waiting_on != "us" or queue is None or queue.sla is None:
        return
    first = SlaClock.objects.filter(conversation=conversation, kind=Kind.FIRST, met_at__isnull=False)
    sla.begin(conversation, Kind.NEXT if first.exists() else Kind.FIRST, queue)

"""By when is an answer promised? Clocks of first answer, next answer and resolution, in the queue's opening hours.

A clock's row says what was promised and how it stands; one Timer per running clock (kind `sla`, object: the clock)
rings at the warning and again at the end. Every function needs the conversation's row lock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from common import clock
from conversations import events, timers
from conversations.models import Conversation, Timer
from handover import hours
from handover.models import Queue, SlaClock, SlaPolicy

TIMER = "sla"
Kind = SlaClock.Kind
ALL = Q()
MOST = 2**31 - 1  # seconds that a row can hold: 68 years, for promises that no form would take any more


def begin(conversation: Conversation, kind: Kind, queue: Queue | None) -> None:
    """Starts a promise of the queue's policy, unless this kind runs already or was never promised."""
    policy = queue.sla if queue else None
    minutes = policy and getattr(policy, f"{kind}_minutes")
    if queue is None or policy is None or not minutes:
        return
    now = clock.now()
    due = hours.after(queue, now, timedelta(minutes=minutes))
    made, is_new = SlaClock.objects.get_or_create(
        conversation=conversation,
        kind=kind,
        ended_at=None,
        defaults={"queue": queue, "policy": policy, "minutes": minutes, "started_at": now, "due_at": due},
    )
    if is_new:
        _wind(made, queue)


def running(conversation: Conversation) -> list[SlaClock]:
    """What is promised and neither kept nor given up."""
    rows = SlaClock.objects.filter(conversation=conversation, ended_at__isnull=True)
    return list(rows.select_related("queue__hours", "policy"))


def met(conversation: Conversation, kinds: Collection[str]) -> None:
    """These promises are kept, in time or late."""
    now = clock.now()
    _end(conversation, kinds, met_at=now)


def given_up(conversation: Conversation, kinds: Collection[str] = tuple(Kind), *, but_of: Queue | None = None) -> None:
    """Nobody waits for these any more: the customer has left, the bot has them, or another queue (not `but_of`)."""
    _end(conversation, kinds, ALL if but_of is None else ~Q(queue=but_of) | Q(queue__isnull=True))


def take_back(conversation: Conversation, ids: Collection[int]) -> None:
    """These are promised as if nothing had happened to them, and what was promised instead never was."""
    rows = SlaClock.objects.filter(conversation=conversation)
    since = list(rows.filter(ended_at__isnull=True).exclude(pk__in=ids).values_list("pk", flat=True))
    Timer.objects.filter(kind=TIMER, object_id__in=since).delete()
    rows.filter(pk__in=since).delete()
    ended = set(rows.filter(pk__in=ids, ended_at__isnull=False).values_list("pk", flat=True))
    rows.filter(pk__in=ended).update(ended_at=None, met_at=None)
    for one in running(conversation):
        if one.pk in ended and one.due_at is not None and one.breached_at is None:
            _wind(one, one.queue)


def pause(conversation: Conversation, kinds: Collection[str] = tuple(Kind)) -> None:
    """The customer owes the answer, or the matter is parked: what is left of the time is kept."""
    now = clock.now()
    for one in running(conversation):
        if one.kind in kinds and one.due_at is not None:
            left = hours.between(one.queue, now, one.due_at)
            one.left_seconds, one.due_at = min(int(left.total_seconds()), MOST), None
            one.save(update_fields=["left_seconds", "due_at"])
            timers.stop(kind=TIMER, object_id=one.pk)


def resume(conversation: Conversation, kinds: Collection[str] = tuple(Kind)) -> None:
    """The time goes on where it was stopped."""
    now = clock.now()
    for one in running(conversation):
        if one.kind in kinds and one.left_seconds is not None:
            one.due_at = hours.after(one.queue, now, timedelta(seconds=one.left_seconds))
            one.left_seconds = None
            one.save(update_fields=["left_seconds", "due_at"])
            if one.breached_at is None:
                _wind(one, one.queue)


def rang(conversation: Conversation, found: SlaClock) -> None:
    """The warning, or the end: an event for the desk; a broken promise moves the conversation up in its queue."""
    now = clock.now()
    if found.due_at is None or found.ended_at is not None or found.breached_at is not None:
        return
    if now < found.due_at:
        found.warned_at = now
        found.save(update_fields=["warned_at"])
        _note(conversation, "sla_warned", found)
        _wind(found, found.queue)
        return
    found.breached_at = now
    found.save(update_fields=["breached_at"])
    _move_up(conversation, found.policy)
    _note(conversation, "sla_breached", found)


def _end(conversation: Conversation, kinds: Collection[str], which: Q = ALL, **also: datetime) -> None:
    rows = SlaClock.objects.filter(which, conversation=conversation, kind__in=list(kinds), ended_at__isnull=True)
    ids = list(rows.values_list("pk", flat=True))
    if ids:
        SlaClock.objects.filter(pk__in=ids).update(ended_at=clock.now(), **also)
        Timer.objects.filter(kind=TIMER, object_id__in=ids).delete()


def _wind(one: SlaClock, queue: Queue | None) -> None:
    """The timer stands at the warning until that was given, then at the end.

    What has run is counted back from the end: what the clock stood still for does not bring the warning nearer.
    """
    assert one.due_at is not None
    rings = one.due_at
    if one.warned_at is None:
        now = clock.now()
        last = timedelta(minutes=one.minutes) * (100 - one.policy.warn_percent) / 100
        early = hours.after(queue, now, max(hours.between(queue, now, one.due_at) - last, timedelta()))
        rings = min(early, one.due_at)
    customer_id = one.conversation.customer_id
    timers.start(kind=TIMER, object_id=one.pk, due_at=rings, customer_id=customer_id)


def _move_up(conversation: Conversation, policy: SlaPolicy) -> None:
    if conversation.ranked_at is not None and policy.breach_priority:
        conversation.ranked_at -= timedelta(minutes=policy.breach_priority)
        conversation.save(update_fields=["ranked_at"])


def _note(conversation: Conversation, kind: str, one: SlaClock) -> None:
    data = {"promise": str(one.kind), "minutes": one.minutes, "queue": one.queue_id}
    events.append(conversation=conversation, kind=kind, actor_kind="system", data=data)


def of(conversation_ids: Collection[int]) -> dict[int, SlaClock]:
    """The promise that stands nearest of each conversation; paused ones last. One query."""
    rows = SlaClock.objects.filter(Q(ended_at__isnull=True), conversation__in=conversation_ids)
    found: dict[int, SlaClock] = {}
    for one in rows.order_by("due_at"):
        found.setdefault(one.conversation_id, one)
    return found

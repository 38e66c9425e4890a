"""Which questions wait for the model, who asks them, and how does each end? Rows: a worker that dies loses none.

`pending` -> `claimed` (a lease, committed before the call) -> `applied`, `fell_back` (the next rule answered) or
`discarded` (the customer or an agent has moved on). Every arrow is a short transaction; the call is outside any.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from common import clock
from conversations import realtime
from conversations.journeys import stack
from conversations.journeys.scene import Scene
from conversations.models import Conversation, Message, Question

State = Question.State
DAY = timedelta(hours=24)
ATTEMPTS = 2  # of workers: one that died may have asked already
WAKE = "wake:questions"
LEASE_SPARE = 15.0  # seconds beyond the call itself

CLAIM = """
UPDATE conversations_question SET state = 'claimed', attempts = attempts + 1,
    next_attempt_at = clock_timestamp() + (%(shift)s + %(lease)s) * interval '1 second'
WHERE id = (
    SELECT id FROM conversations_question
    WHERE state IN ('pending', 'claimed') AND next_attempt_at <= clock_timestamp() + %(shift)s * interval '1 second'
    ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def put(scene: Scene, message: Message) -> Question:
    """Keeps a question in the turn's own transaction; one that is still open in the conversation is out of date."""
    drop_open(scene.conversation)
    run = stack.in_front(scene)
    row = Question.objects.create(
        customer_id=scene.session.customer_id,
        conversation=scene.conversation,
        session=scene.session,
        message=message,
        heard=newest(scene.conversation),
        epoch=scene.conversation.owner_epoch,
        run=run,
        run_seq=run.seq if run else 0,
        next_attempt_at=Now(),
        asked_at=scene.now,
    )
    realtime.hint(WAKE)
    return row


def drop_open(conversation: Conversation) -> None:
    """The customer has said something else: whatever comes of an older question is not said."""
    rows = Question.objects.filter(conversation=conversation, state__in=Question.OPEN)
    rows.update(state=State.DISCARDED, outcome="newer_message", ended_at=clock.now())


def is_within_budget(root_id: int) -> bool:
    """May this person, and may we, ask once more today?"""
    since = clock.now() - DAY
    mine = Question.objects.filter(customer__root_id=root_id, asked_at__gt=since)[: settings.LLM_PER_CUSTOMER]
    if mine.count() >= settings.LLM_PER_CUSTOMER:
        return False
    return Question.objects.filter(asked_at__gt=since)[: settings.LLM_PER_DAY].count() < settings.LLM_PER_DAY


def claim() -> Question | None:
    """Takes one that is due, or that somebody took and never finished; None if there is none."""
    lease = settings.LLM_TIMEOUT + LEASE_SPARE
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"shift": clock.offset().total_seconds(), "lease": lease})
        found = cursor.fetchone()
    if found is None:
        return None
    rows = Question.objects.select_related("session__identity", "message")
    return rows.filter(pk=found[0]).first()


def is_exhausted(row: Question) -> bool:
    """Was it taken so often that the call itself seems to kill its worker?"""
    return row.attempts > ATTEMPTS


def settle(row: Question, state: str, outcome: str, **figures: object) -> None:
    """How it ended: figures and codes, no words."""
    row.state, row.outcome, row.ended_at = state, outcome[:32], clock.now()
    for name, value in figures.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "outcome", "ended_at", *figures])


def is_current(row: Question, scene: Scene) -> bool:
    """Does everything still stand as it was asked? Under the locks of a turn."""
    if scene.conversation.owner_epoch != row.epoch or scene.conversation.owner_kind != Conversation.Owner.BOT:
        return False
    run = stack.in_front(scene)
    same_run = (run.pk, run.seq) == (row.run_id, row.run_seq) if run else row.run_id is None
    return same_run and newest(scene.conversation) == row.heard


def newest(conversation: Conversation) -> int:
    """The customer's newest message in the conversation."""
    rows = Message.objects.filter(session__conversation=conversation, author=Message.Author.CUSTOMER)
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def oldest_waiting() -> float | None:
    """Seconds that the oldest due question has waited; None when none waits."""
    rows = Question.objects.filter(state__in=Question.OPEN).order_by("next_attempt_at")
    due = rows.values_list("next_attempt_at", flat=True).first()
    return max((clock.now() - due).total_seconds(), 0.0) if due else None

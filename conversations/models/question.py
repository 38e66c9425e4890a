"""What was put to the language model, and what came of it?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.ids import uuid7
from conversations.models.conversation import Conversation, Session
from conversations.models.journey import JourneyRun
from conversations.models.message import Message


class Question(models.Model):
    """One question for the language model, and the audit of its call: figures and codes, never a word of anybody.

    What is sent is put together from `message` when the call is made; `epoch`, `heard` (the newest word of the
    customer) and `run` with `run_seq` (what was in front) must still be so when the reply comes, else it is discarded.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        CLAIMED = "claimed"
        APPLIED = "applied"
        FELL_BACK = "fell_back"
        DISCARDED = "discarded"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    heard = models.BigIntegerField()
    epoch = models.BigIntegerField()
    run = models.ForeignKey(JourneyRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    run_seq = models.BigIntegerField(default=0)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    model = models.CharField(max_length=80, blank=True, default="")
    action = models.CharField(max_length=16, blank=True, default="")  # what the model proposed
    outcome = models.CharField(max_length=32, blank=True, default="")  # `said`, or why nothing came of it
    tokens_in = models.PositiveIntegerField(null=True, blank=True)
    tokens_out = models.PositiveIntegerField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)  # requests that were sent
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    OPEN = (State.PENDING, State.CLAIMED)

    class Meta:
        verbose_name = "call of the language model"
        verbose_name_plural = "calls of the language model"
        indexes = [
            # The worker: what is to be asked next, and what somebody claimed and never finished.
            models.Index(
                fields=["next_attempt_at", "id"], condition=Q(state__in=["pending", "claimed"]), name="question_due"
            ),
            # A customer's budget of a day.
            models.Index(fields=["customer", "asked_at"], name="question_of_customer"),
            # Everybody's budget of a day; admin: the newest first.
            models.Index(fields=["-asked_at"], name="question_newest"),
            # A later word of the customer: what is open in the conversation.
            models.Index(fields=["conversation"], condition=Q(state__in=["pending", "claimed"]), name="question_open"),
        ]

    def __str__(self) -> str:
        return f"question {self.public_id}"

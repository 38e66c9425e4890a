"""How did a conversation end: what it was about, what came of it, and what did the customer say of it?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.fields import EncryptedTextField
from common.ids import uuid7
from handover.models.team import Agent, Queue


class Tag(models.Model):
    """A topic that agents give to conversations."""

    key = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=80)
    is_archived = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.title


class ConversationTag(models.Model):
    """A conversation is about this; `agent` gave it, or a journey did (empty)."""

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="tags")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "tag"], name="conversationtag_once")]
        indexes = [
            # Views and reports by topic.
            models.Index(fields=["tag", "-given_at"], name="conversationtag_of_tag"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.conversation_id}"


class Disposition(models.Model):
    """What came of it: solved, sold, a duplicate ...; chosen in the wrap-up."""

    key = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=80)
    is_archived = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.title


class WrapUp(models.Model):
    """The minute after a conversation was closed; it weighs on its agent until it is done or over."""

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="wrap_ups")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="wrap_ups")
    disposition = models.ForeignKey(Disposition, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=Q(done_at__isnull=True), name="wrapup_one_open"),
        ]
        indexes = [
            # Load of an agent.
            models.Index(fields=["agent"], condition=Q(done_at__isnull=True), name="wrapup_of_agent"),
        ]

    def __str__(self) -> str:
        return f"wrap-up of {self.conversation_id}"


class Rating(models.Model):
    """The customer was asked how it went (CSAT), once per conversation; 1 is bad, 5 is good."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    conversation = models.OneToOneField("conversations.Conversation", on_delete=models.CASCADE, related_name="rating")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey("conversations.Session", on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = EncryptedTextField(blank=True, default="")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField()  # later answers are words like any others

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__range=(1, 5)), name="rating_one_to_five"),
        ]
        indexes = [
            # Reports: what was asked in a period.
            models.Index(fields=["-asked_at"], name="rating_asked"),
            # An answer of this customer: to what?
            models.Index(fields=["customer", "-asked_at"], name="rating_of_customer"),
        ]

    def __str__(self) -> str:
        return f"rating of {self.conversation_id}"

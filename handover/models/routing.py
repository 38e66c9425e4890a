"""To whom is a conversation offered, who knows this customer, and what did an outside engine say last?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.ids import uuid7
from handover.models.team import Agent, Queue


class Reservation(models.Model):
    """An offer of a conversation to one agent until `expires_at` (the database's clock); at most one is pending."""

    class Kind(models.TextChoices):
        OFFER = "offer"
        TRANSFER = "transfer"

    class Status(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        TIMED_OUT = "timed_out", "timed out"
        RESCINDED = "rescinded"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="reservations"
    )
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="reservations")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.OFFER)
    epoch = models.BigIntegerField()
    plan_step = models.SmallIntegerField(default=0)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PENDING)
    from_agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    weight = models.FloatField(default=1.0)  # a pending offer counts in full
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(status="pending"), name="reservation_one_pending"
            ),
        ]
        indexes = [
            # Load of an agent, and what their screen offers.
            models.Index(fields=["agent"], condition=Q(status="pending"), name="reservation_of_agent"),
            # Who declined this conversation within the last ten minutes.
            models.Index(fields=["conversation", "-answered_at"], name="reservation_answered"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.conversation_id} to {self.agent_id}"


class Affinity(models.Model):
    """Who helped this customer last in this skill; derived, rebuildable, guarded by `handled_at`.

    The business context of then is on the cards of its `conversation`; `source` is an outside CRM, or ''.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=64, blank=True, default="")
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    conversation = models.ForeignKey(
        "conversations.Conversation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    handled_at = models.DateTimeField()
    source = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        verbose_name_plural = "affinities"
        constraints = [models.UniqueConstraint(fields=["customer", "scope"], name="affinity_once")]

    def __str__(self) -> str:
        return f"affinity {self.customer_id} {self.scope}"


class EngineMark(models.Model):
    """The newest event of one outside engine about one conversation: an older one changes nothing any more."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="engine_marks"
    )
    source = models.CharField(max_length=64)
    event_id = models.CharField(max_length=255)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "source"], name="enginemark_once")]

    def __str__(self) -> str:
        return f"{self.source} of {self.conversation_id}"


class ReferrerRule(models.Model):
    """Which referrer does the page's address stand for, when a journey names none? The first match, by `rank`."""

    pattern = models.CharField(max_length=200)  # host/path with * for anything: shop.example/returns*
    referrer = models.SlugField(max_length=200)
    rank = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ("rank", "pk")

    def __str__(self) -> str:
        return self.pattern

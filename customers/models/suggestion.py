"""Which customers may be one person, and what do people say to that?"""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from common import clock
from common.fields import EncryptedTextField
from common.ids import uuid7
from customers.models.customer import Customer
from customers.models.link import Distinct


class SuggestionQuerySet(models.QuerySet["MatchSuggestion"]):
    """Questions about many suggestions."""

    def shown(self) -> Self:
        """Those a person should look at now: open, or snoozed until before now; of two who are not one already, and of
        whom nobody has said that they are two people.
        """
        due = Q(status="open") | Q(status="snoozed", snoozed_until__lte=clock.now())
        one, other = OuterRef("a__root_id"), OuterRef("b__root_id")
        apart = Distinct.objects.filter(a__root_id=one, b__root_id=other)
        turned = Distinct.objects.filter(a__root_id=other, b__root_id=one)
        return self.filter(due).exclude(a__root_id=F("b__root_id")).exclude(Exists(apart)).exclude(Exists(turned))


class MatchSuggestion(models.Model):
    """Two origins that look alike, to a rule or to an agent. A score never joins anybody: a person decides."""

    class Status(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        SNOOZED = "snoozed"
        EXPIRED = "expired"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    a = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField()
    features = models.JSONField(default=dict)  # rule -> namespace or key it was found by; never a value
    model_version = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(default=clock.now)
    # Who thinks so, if it was a person, and why; rules say neither.
    proposed_by = models.CharField(max_length=100, blank=True, default="")
    note = EncryptedTextField(null=True, blank=True)
    decided_by = models.CharField(max_length=100, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="suggestion_ordered", condition=Q(a__lt=F("b"))),
            models.UniqueConstraint(name="suggestion_once", fields=["a", "b"]),
        ]
        indexes = [
            # The queue: the likeliest first.
            models.Index(
                name="suggestion_queue", fields=["-score", "-id"], condition=Q(status__in=["open", "snoozed"])
            ),
            # The side panel: what concerns this customer, from the other end.
            models.Index(name="suggestion_b", fields=["b"]),
        ]

    def __str__(self) -> str:
        return f"suggestion {self.public_id}"

"""What was observed about a customer, what holds now, and what disagrees?"""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from common import clock
from common.fields import EncryptedJSONField
from common.ids import uuid7
from customers.models.customer import Customer
from customers.models.identity import Identity


class Observation(models.Model):
    """One source said one thing at one time; appended, never changed."""

    class TimeQuality(models.TextChoices):
        EXACT = "exact"
        SECOND = "second"
        CLAMPED = "clamped"
        RECEIVED = "received"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="observations", db_index=False)
    # The address it was heard from; erasure deletes observations before identities.
    identity = models.ForeignKey(
        Identity, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.CharField(max_length=100)
    value = EncryptedJSONField(null=True)
    is_clear = models.BooleanField(default=False)
    source = models.CharField(max_length=40)
    source_rank = models.SmallIntegerField()
    occurred_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    time_quality = models.CharField(max_length=10, choices=TimeQuality.choices, default=TimeQuality.EXACT)
    sequence = models.BigIntegerField(default=0)
    write_group = models.UUIDField(null=True, blank=True)
    source_event_id = models.CharField(max_length=255)
    verified_by = models.CharField(max_length=100, blank=True, default="")
    verified_until = models.DateTimeField(null=True, blank=True)
    pinned = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="observation_once", fields=["source", "source_event_id", "key"]),
        ]
        indexes = [
            # attributes.resolve: the newest observations of one attribute.
            models.Index(name="observation_resolve", fields=["customer", "key", "-effective_at"]),
            # Erasure: what was heard from an address.
            models.Index(name="observation_identity", fields=["identity"], condition=Q(identity__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.public_id}"


class Attribute(models.Model):
    """What holds now: a projection of observations that may be dropped and rebuilt."""

    root = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="attributes", db_index=False)
    key = models.CharField(max_length=100)
    observation = models.ForeignKey(Observation, on_delete=models.PROTECT, related_name="+")
    # Of a set (tags): the observations whose values it is made of. Null: the one observation says it.
    words = ArrayField(models.BigIntegerField(), null=True, blank=True)
    has_conflict = models.BooleanField(default=False)
    match_key = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(name="attribute_once", fields=["root", "key"])]
        indexes = [
            # Suggestions: customers whose names are written alike.
            models.Index(name="attribute_match_key", fields=["match_key"], condition=~Q(match_key="")),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.root_id}"


class ConflictQuerySet(models.QuerySet["Conflict"]):
    """Questions about many conflicts."""

    def open(self) -> Self:
        """Those nobody has settled."""
        return self.filter(status=Conflict.Status.OPEN)


class Conflict(models.Model):
    """Two facts disagree and a person must look; candidates hold ids, never values."""

    class Kind(models.TextChoices):
        VALUE_DISAGREES = "value_disagrees"
        TIE = "tie"
        TWO_VERIFIED = "two_verified"
        EXCLUSIVE_CLASH = "exclusive_clash"
        IDENTIFIER_COLLISION = "identifier_collision"
        SUSPECTED_RECYCLE = "suspected_recycle"
        CSV_ROW = "csv_row"
        CLAMPED_TIME = "clamped_time"
        SHARED_VALUE = "shared_value"
        OVER_LIMIT = "over_limit"

    class Status(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    subject = models.CharField(max_length=255)
    candidates = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField(default=clock.now)
    resolved_by = models.CharField(max_length=100, blank=True, default="")
    resolution = models.CharField(max_length=255, blank=True, default="")

    objects = ConflictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="conflict_once_open", fields=["customer", "kind", "subject"], condition=Q(status="open")
            ),
        ]
        indexes = [
            # The queue of conflicts, the newest first.
            models.Index(name="conflict_queue", fields=["status", "kind", "-opened_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

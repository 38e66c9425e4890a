"""Who asked to be forgotten, and how far is it? Digests and ids of blank rows only: nothing here says who it was."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from common import clock
from common.ids import uuid7


class Tombstone(models.Model):
    """An identifier of a person who was erased: what was said from there until `erased_at` is dropped for ever.

    `digest_key` names the key of the digest; such keys are added to and never taken away, for the values are gone.
    """

    class Reason(models.TextChoices):
        ERASED = "erased"
        OBJECTED = "objected"
        TRANSFERRED = "transferred"

    digest = models.CharField(max_length=64)
    digest_key = models.CharField(max_length=8)
    namespace = models.CharField(max_length=20)
    scope = models.CharField(max_length=255, blank=True, default="")
    reason = models.CharField(max_length=12, choices=Reason.choices, default=Reason.ERASED)
    erased_at = models.DateTimeField()
    hits = models.PositiveIntegerField(default=0)

    class Meta:
        # Asked for by digest whenever somebody would be born.
        constraints = [models.UniqueConstraint(name="tombstone_once", fields=["digest", "reason"])]

    def __str__(self) -> str:
        return f"{self.reason} {self.namespace} {self.pk}"


class Erasure(models.Model):
    """One person's erasure: the blank customers that are left, the checklist of stores, and so the receipt.

    No foreign key: it outlives what it names.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"

    class Cause(models.TextChoices):
        REQUEST = "request"
        RETENTION = "retention"
        REPLAY = "replay"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    members = ArrayField(models.BigIntegerField())
    customers = ArrayField(models.UUIDField())
    request_id = models.CharField(max_length=100, unique=True)
    cause = models.CharField(max_length=10, choices=Cause.choices, default=Cause.REQUEST)
    requested_by = models.CharField(max_length=100)
    reason = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    erased_at = models.DateTimeField()
    stores = models.JSONField(default=dict)  # store -> rows that went
    place = models.PositiveSmallIntegerField(default=0)  # the store at hand
    found = models.PositiveIntegerField(default=0)  # rows that went since the first store: until nothing is found
    rounds = models.PositiveSmallIntegerField(default=0)  # times that every store was looked through
    is_logged = models.BooleanField(default=False)  # the tombstones lie beside the backups
    held_elsewhere = models.JSONField(default=list)  # kinds of the channels whose providers keep their own copy
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        permissions = [
            ("erase_customer", "Can erase customers"),
            ("export_customer", "Can export all that is held of a customer"),
        ]
        indexes = [
            # Sweep: what is to be gone on with.
            models.Index(name="erasure_running", fields=["id"], condition=models.Q(state="running")),
            # The receipt, asked for by a customer's id.
            GinIndex(name="erasure_members", fields=["members"]),
        ]

    def __str__(self) -> str:
        return f"erasure {self.public_id}"

    @property
    def total(self) -> int:
        """How many rows and files went, over all stores."""
        return sum(self.stores.values())

"""What was done to many conversations at once, and how is it taken back?"""

from __future__ import annotations

from django.db import models

from common.ids import uuid7
from handover.models.team import Agent


class BulkAction(models.Model):
    """One doing on many conversations; `before` is what each was, so that it can be undone for a while."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        UNDONE = "undone"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=16)
    options = models.JSONField(default=dict, blank=True)
    wanted = models.JSONField(default=list)  # public ids
    before = models.JSONField(default=dict, blank=True)
    refused = models.JSONField(default=dict, blank=True)  # public id -> code
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # Sweep: what still waits.
            models.Index(fields=["created_at"], condition=models.Q(status="pending"), name="bulk_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} on {len(self.wanted)}"

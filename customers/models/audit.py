"""Who did or saw what, when, and why? Append-only, chained by hash, without personal values."""

from __future__ import annotations

from django.db import models

from common import clock
from common.ids import uuid7


class AuditEntry(models.Model):
    """One act; a trigger refuses every change and deletion."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    at = models.DateTimeField(default=clock.now)
    actor = models.CharField(max_length=100)
    action = models.CharField(max_length=60)
    object_id = models.CharField(max_length=100, blank=True, default="")
    reason = models.CharField(max_length=255, blank=True, default="")
    rows = models.PositiveIntegerField(null=True, blank=True)
    ip_hash = models.CharField(max_length=64, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    # Unique, so that the chain cannot fork.
    previous_hash = models.CharField(max_length=64, unique=True)
    entry_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            # The audit trail of one object.
            models.Index(name="audit_of_object", fields=["object_id", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.public_id}"

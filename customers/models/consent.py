"""What has a person allowed us, on which address, and how do we know?"""

from __future__ import annotations

from django.db import models

from common import clock
from common.ids import uuid7
from customers.models.identity import Identity


class Consent(models.Model):
    """One word on one purpose at one address; appended, never changed. The newest by event time holds."""

    class Purpose(models.TextChoices):
        ALL = "all"
        SERVICE = "service"
        PROACTIVE = "proactive"
        MARKETING = "marketing"
        ANALYTICS = "analytics"
        PROFILING = "profiling"
        AI_PROCESSING = "ai_processing"

    class State(models.TextChoices):
        IN = "in"
        OUT = "out"
        UNSET = "unset"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    # Erasure deletes consents by name before identities.
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    evidence = models.JSONField(default=dict)  # {source, event, actor, text_version ...}: never what somebody wrote

    class Meta:
        indexes = [
            # consent.allowed: the newest word on one purpose at one address.
            models.Index(name="consent_state", fields=["identity", "purpose", "-occurred_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.state} at identity {self.identity_id}"

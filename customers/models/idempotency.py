"""Which answer did a request with this Idempotency-Key get?"""

from __future__ import annotations

from django.db import models

from common import clock
from common.fields import EncryptedJSONField
from common.ids import uuid7


class IdempotentAnswer(models.Model):
    """The first answer to one actor's key, given again to every repetition with the same body."""

    class State(models.TextChoices):
        IN_FLIGHT = "in_flight"
        DONE = "done"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    actor = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.IN_FLIGHT)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = EncryptedJSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(name="idempotent_answer_once", fields=["actor", "key"])]
        indexes = [
            # Retention: answers older than a day are dropped.
            models.Index(name="idempotent_answer_age", fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

"""When did somebody try and fail of late?"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class RecentFailures(models.Model):
    """The times of the failures that still count under one key (a digest); written by `customers.failures` only."""

    key = models.CharField(max_length=64, unique=True)
    times = ArrayField(models.DateTimeField())
    ends_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "recent failures"
        indexes = [
            # What counts no more is removed.
            models.Index(fields=["ends_at"], name="failures_that_ended"),
        ]

    def __str__(self) -> str:
        return self.key

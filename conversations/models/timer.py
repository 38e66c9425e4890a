"""Which deadlines are running?"""

from __future__ import annotations

from django.db import models


class Timer(models.Model):
    """A deadline as a row; `guard` must still match the object (its seq or epoch) when it fires, else it is void."""

    kind = models.CharField(max_length=32)
    object_id = models.BigIntegerField()
    guard = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()
    customer = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="timer_one_per_object")]
        indexes = [
            # Sweep: what is due.
            models.Index(fields=["due_at"], name="timer_due"),
        ]

    def __str__(self) -> str:
        return f"timer {self.kind} {self.object_id}"

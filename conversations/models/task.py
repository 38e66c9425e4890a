"""Which jobs run in other systems for a journey, and how far is each?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.fields import EncryptedJSONField
from common.ids import uuid7
from conversations.models.journey import JourneyRun


class RemoteTask(models.Model):
    """One job elsewhere, and the last that it reported; `public_id` names it outside, and its secret follows from that.

    `guard` is the run's `seq` that waits for it. A report counts if its `seq` is above `last_event_seq`, and none does
    after the end. `told_seq` is the last report that somebody was told of, `is_settled` that the run took the end.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        TIMED_OUT = "timed_out"
        CANCELLED = "cancelled"

    OPEN = (State.QUEUED, State.RUNNING)

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    run = models.ForeignKey(JourneyRun, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    connection = models.SlugField(max_length=64, db_index=False)  # as the journey names it
    step_id = models.CharField(max_length=64)
    guard = models.BigIntegerField()
    progress = models.TextField(blank=True, default="")  # the author's template for what is told of a report
    cancel = EncryptedJSONField(null=True, blank=True)  # the request that stops it
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=32, blank=True, default="")  # why it ended, when no report said it
    last_event_seq = models.BigIntegerField(default=0)
    last_digest = models.CharField(max_length=64, blank=True, default="")
    report = EncryptedJSONField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    told_seq = models.BigIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)
    is_settled = models.BooleanField(default=False)
    attempt = models.PositiveSmallIntegerField(default=1)
    retry_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="retries", db_index=False
    )
    deadline = models.DateTimeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # Also the index by which an answered call and a run find their task.
            models.UniqueConstraint(fields=["run", "guard"], name="task_one_per_wait"),
        ]
        indexes = [
            # The handover card and the desk: what runs for a person.
            models.Index(fields=["customer"], condition=Q(state__in=["queued", "running"]), name="task_open"),
        ]

    def __str__(self) -> str:
        return f"task {self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

"""Which files of customers were handed in, and how far is each?"""

from __future__ import annotations

from django.db import models

from common import clock
from common.ids import uuid7


class MappingImport(models.Model):
    """One file: what its columns mean, what the dry run found, and where the run is. Its rows are staged elsewhere."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"
        CHECKED = "checked"
        CONFIRMED = "confirmed"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(max_length=255)
    path = models.CharField(max_length=255, blank=True, default="")  # in the default storage; empty once it is deleted
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=list)  # [{header, target, trust}], in the order of the file
    as_of = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    rows = models.PositiveIntegerField(default=0)
    next_row = models.PositiveIntegerField(default=1)
    counts = models.JSONField(default=dict)  # {"check": {outcome: rows}, "run": {outcome: rows}}
    reason = models.CharField(max_length=255, blank=True, default="")
    with_links = models.BooleanField(default=False)
    created_by = models.CharField(max_length=100)
    confirmed_by = models.CharField(max_length=100, blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("run_import", "Can import files of customers")]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int:
        """How much of the run is done."""
        return 100 if self.state == self.State.DONE else 100 * (self.next_row - 1) // max(self.rows, 1)

"""What do authors set going: a draft that is tried out, and what a publication does to the runs that have begun?"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.ids import uuid7
from conversations.models.journey import Journey, JourneyVersion


class JourneyTrial(models.Model):
    """A draft that one person of the sandbox may play: who says the code first. It is gone after a day."""

    version = models.OneToOneField(JourneyVersion, on_delete=models.CASCADE, related_name="trial")
    code = models.CharField(max_length=43, unique=True)
    until = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # The sweep: which trials are over?
            models.Index(fields=["until"], name="trial_until"),
        ]

    def __str__(self) -> str:
        return f"trial of version {self.version_id}"


class RunChange(models.Model):
    """What happens to the runs of older versions when one is published; done run by run, from `cursor` on."""

    class Mode(models.TextChoices):
        MIGRATE = "migrate", "they go on in the new version, where its step is the same"
        RESTART = "restart", "they begin anew"
        STOP = "stop", "they end with one sentence"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="run_changes")
    version = models.ForeignKey(JourneyVersion, on_delete=models.CASCADE, related_name="+")
    mode = models.CharField(max_length=8, choices=Mode.choices)
    rename = models.JSONField(default=dict, blank=True)
    sentence = models.CharField(max_length=500, blank=True, default="")
    cursor = models.BigIntegerField(default=0)  # the run that was looked at last
    last = models.BigIntegerField(default=0)  # no run that begins after the publication is touched
    counts = models.JSONField(default=dict, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # The sweep: which are not finished?
            models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="runchange_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.mode} of {self.journey_id} to version {self.version_id}"

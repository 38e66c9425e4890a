"""Which journeys exist, in which version, and where does each run stand?"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.fields import EncryptedJSONField, EncryptedTextField
from common.ids import uuid7
from conversations.models.conversation import Conversation, Session


class Journey(models.Model):
    """A journey by key; `draft` is the author's text, `live_version` what new runs take.

    `draft_revision` rises with every change of the draft, so that two authors do not overwrite each other;
    `translated` is, by language and key, a digest of the words that each translation was made of.
    """

    key = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    draft = models.TextField(blank=True, default="")
    draft_revision = models.PositiveIntegerField(default=0, editable=False)
    draft_at = models.DateTimeField(null=True, blank=True, editable=False)
    draft_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    translated = models.JSONField(default=dict, blank=True, editable=False)
    live_version = models.ForeignKey(
        "conversations.JourneyVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_enabled = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        permissions = [("publish_journey", "Can publish a journey and decide about the runs that have begun")]

    def __str__(self) -> str:
        return self.title


class JourneyVersion(models.Model):
    """An immutable definition (canonical JSON and the text it was made from); number 0 is a draft that is tried out."""

    TRIAL = 0

    journey = models.ForeignKey(Journey, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    source = models.TextField()
    sha256 = models.CharField(max_length=64)
    schema_version = models.PositiveSmallIntegerField(default=1)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    published_at = models.DateTimeField()
    notes = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["journey", "number"], condition=Q(number__gt=0), name="version_published_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.journey_id} v{self.number}"


class JourneyRun(models.Model):
    """Where one customer stands in one journey; `seq` rises on every turn and fences everything decided earlier."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        WAITING = "waiting"
        SUSPENDED = "suspended"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"
        FAILED = "failed"

    OPEN = (Status.ACTIVE, Status.WAITING, Status.SUSPENDED)

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="runs")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(JourneyVersion, on_delete=models.PROTECT, related_name="runs")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    purpose = models.CharField(max_length=8, choices=[("journey", "journey"), ("intake", "intake")], default="journey")
    lane = models.CharField(
        max_length=10, choices=[("foreground", "foreground"), ("background", "background")], default="foreground"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    step_id = models.CharField(max_length=64, blank=True, default="")
    seq = models.BigIntegerField(default=0)
    wait = models.JSONField(null=True, blank=True)
    vars = EncryptedJSONField(default=dict)
    given = EncryptedJSONField(null=True, blank=True)  # the values it was begun with: a restart begins with them again
    result = EncryptedJSONField(null=True, blank=True)  # what came for it while the bot could not speak: put to it then
    tries = models.JSONField(default=dict, blank=True)
    steps_total = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    last_channel = models.CharField(max_length=64, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(lane="foreground", status__in=["active", "waiting"]),
                name="run_one_foreground",
            ),
        ]
        indexes = [
            # Every turn: the person's open runs.
            models.Index(
                fields=["customer", "-touched_at"],
                condition=Q(status__in=["active", "waiting", "suspended"]),
                name="run_open",
            ),
            # Admin: runs of a version and where they wait.
            models.Index(fields=["version", "step_id"], name="run_version_step"),
        ]

    def __str__(self) -> str:
        return f"run {self.public_id}"


class StepLog(models.Model):
    """One executed step: for audit, the journey map and "why did the bot say this?"; append-only."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    run = models.ForeignKey(JourneyRun, on_delete=models.CASCADE, related_name="log")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    step_id = models.CharField(max_length=64)
    step_type = models.CharField(max_length=16, blank=True, default="")
    input = EncryptedTextField(blank=True, default="")
    outcome = models.CharField(max_length=64, blank=True, default="")
    channel = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            # "Why did the bot say this?" and the journey map.
            models.Index(fields=["run", "seq", "id"], name="steplog_run"),
        ]

    def __str__(self) -> str:
        return f"step {self.step_id} of run {self.run_id}"

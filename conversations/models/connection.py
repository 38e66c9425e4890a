"""Which other systems may a journey ask, how are they doing, and what was asked and answered?"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from common.fields import EncryptedJSONField
from common.ids import uuid7
from conversations.models.journey import JourneyRun


def usual_methods() -> list[str]:
    """What a new connection may do."""
    return ["GET", "POST"]


def usual_ports() -> list[int]:
    """Where a new connection may knock."""
    return [443]


class Connection(models.Model):
    """Another system by key: where it is, its secret headers (write-only), and what a journey may do there.

    `headers` are sent with every call, e.g. {"Authorization": "Bearer ..."}. `seconds` is for one call as a whole,
    `max_bytes` holds each way, `per_minute` 0 means as many as come.
    """

    METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    key = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=120)
    base_url = models.CharField(max_length=300)
    headers = EncryptedJSONField(default=dict, blank=True)
    methods = ArrayField(models.CharField(max_length=8), default=usual_methods)
    ports = ArrayField(models.PositiveIntegerField(), default=usual_ports)
    seconds = models.PositiveSmallIntegerField(default=10)
    max_bytes = models.PositiveIntegerField(default=262_144)
    per_minute = models.PositiveIntegerField(default=120)
    health_path = models.CharField(max_length=200, blank=True, default="")
    cancel_path = models.CharField(max_length=200, blank=True, default="")  # of a remote job; {id} is its id there
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class ConnectionState(models.Model):
    """How a connection is doing: its breaker, its pace, its last test. Written by workers, apart from what people set.

    `open_until` is null while the breaker is closed; once it has passed, one call may probe.
    """

    connection = models.OneToOneField(Connection, primary_key=True, on_delete=models.CASCADE, related_name="state")
    failed_at = ArrayField(models.DateTimeField(), default=list)  # the failures in a row, the newest last
    open_until = models.DateTimeField(null=True, blank=True)
    minute_at = models.DateTimeField(null=True, blank=True)  # since when calls are counted
    minute_calls = models.PositiveIntegerField(default=0)
    tested_at = models.DateTimeField(null=True, blank=True)
    test_result = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"state of connection {self.connection_id}"


class WebRequest(models.Model):
    """One question of a run to another system; (run, seq) is also its Idempotency-Key, the same on each attempt.

    `applied`: the run has gone on with the answer; `discarded`: nobody waited for it any more.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        CLAIMED = "claimed"
        ANSWERED = "answered"
        APPLIED = "applied"
        DISCARDED = "discarded"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    run = models.ForeignKey(JourneyRun, on_delete=models.CASCADE, related_name="requests")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    step_id = models.CharField(max_length=64)
    connection = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests", db_index=False
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    request = EncryptedJSONField(null=True, blank=True)  # method, path, query, body; null when its time is over
    retry = models.JSONField(default=dict, blank=True)
    is_idempotent = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(default=0)  # the HTTP status, 0 if nobody answered
    error = models.CharField(max_length=16, blank=True, default="")
    response = EncryptedJSONField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="webrequest_once")]
        indexes = [
            # The worker: what is due to be called, whose caller has died, and what waits to be applied.
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["pending", "answered"]), name="webrequest_due"
            ),
            models.Index(fields=["lease_until"], condition=Q(state="claimed"), name="webrequest_lease"),
            # Retention: whose words are to go.
            models.Index(fields=["settled_at"], condition=Q(request__isnull=False), name="webrequest_words"),
            # A connection's page: its last requests.
            models.Index(fields=["connection", "-id"], name="webrequest_latest"),
        ]

    def __str__(self) -> str:
        return f"request {self.public_id}"

    @property
    def idempotency_key(self) -> str:
        """The same on each attempt, another one for each question."""
        return f"{self.run.public_id.hex}:{self.seq}"

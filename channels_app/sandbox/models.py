"""What does the sandbox remember of its pretended providers? Rows of the demo only, never read by the product."""

from __future__ import annotations

from django.db import models

from common import clock
from common.fields import EncryptedJSONField, EncryptedTextField
from common.ids import uuid7


class SandboxClock(models.Model):
    """The one row (pk 1) that says by how many seconds every process's clock is ahead."""

    shift_seconds = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"clock +{self.shift_seconds} s"


class SandboxControls(models.Model):
    """How a channel's pretended provider behaves."""

    class Failure(models.TextChoices):  # what WhatsApp can do; the other emulators name their own
        NONE = "none", "works"
        TOO_MANY = "429", "429 too many requests"
        BROKEN = "500", "500 server error"
        UNDELIVERABLE = "131026", "131026 undeliverable (after a 200)"
        CAPPED = "131049", "131049 not now (after a 200)"
        OUTSIDE_WINDOW = "131047", "131047 outside the window"
        LOST = "lost", "accepts, then the answer is lost"

    class Receipts(models.TextChoices):
        NONE = "none", "none"
        DELIVERED = "delivered", "sent and delivered"
        READ = "read", "sent, delivered and read"

    channel = models.SlugField(max_length=64, unique=True)
    failure = models.CharField(max_length=24, default=Failure.NONE)  # one of the emulator's `failures`
    is_failure_once = models.BooleanField(default=True)
    latency_ms = models.PositiveIntegerField(default=0)
    receipts = models.CharField(max_length=12, choices=Receipts.choices, default=Receipts.READ)
    duplicates = models.BooleanField(default=False)
    reorders = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"controls of {self.channel}"


class SandboxContact(models.Model):
    """What the pretended provider knows about one customer of a channel: when they last wrote, who types to them."""

    channel = models.SlugField(max_length=64)
    address = models.CharField(max_length=255)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    typing_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="sandbox_contact_once")]

    def __str__(self) -> str:
        return f"sandbox contact {self.pk}"


class SandboxMessage(models.Model):
    """A message on a customer's phone, in the provider's own JSON; `state` is what its ticks show."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.SlugField(max_length=64)
    address = models.CharField(max_length=255)
    is_from_customer = models.BooleanField()
    external_id = models.CharField(max_length=255, unique=True)
    body = EncryptedJSONField()
    state = models.CharField(max_length=10, default="accepted")
    callback = models.CharField(max_length=512, blank=True, default="")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            # The phone frame: one customer's thread, the newest first.
            models.Index(fields=["channel", "address", "-id"], name="sandbox_thread"),
        ]

    def __str__(self) -> str:
        return f"sandbox message {self.public_id}"


class SandboxFact(models.Model):
    """Something that a pretended provider must not forget: a nonce, a counter, a person who blocked us."""

    channel = models.SlugField(max_length=64)
    name = models.CharField(max_length=200)
    value = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "name"], name="sandbox_fact_once")]

    def __str__(self) -> str:
        return f"{self.channel}: {self.name}"


class SandboxFile(models.Model):
    """A file that a pretended provider keeps, of either direction."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.SlugField(max_length=64)
    name = models.CharField(max_length=200, default="file")
    media_type = models.CharField(max_length=100, default="application/octet-stream")
    content = models.BinaryField()
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"sandbox file {self.public_id}"


class SandboxExchange(models.Model):
    """One HTTP request between the pretended provider and us, raw, for the inspector."""

    class Direction(models.TextChoices):
        IN = "in", "provider to Throughline"
        OUT = "out", "Throughline to provider"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.SlugField(max_length=64)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    headers = models.JSONField(default=dict)
    request = EncryptedTextField(blank=True, default="")
    status = models.PositiveSmallIntegerField(default=0)
    response = EncryptedTextField(blank=True, default="")
    took_ms = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

"""Which channels are connected, what came in, and what each attempt to send met?"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from common.fields import EncryptedJSONField, EncryptedTextField
from common.ids import uuid7


class Channel(models.Model):
    """A connected account; `key` is immutable (sessions and deliveries name it), credentials are write-only."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    key = models.SlugField(max_length=64, unique=True)
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=80)
    account = models.CharField(max_length=120, blank=True, default="")
    config = models.JSONField(default=dict, blank=True)
    credentials = EncryptedJSONField(default=dict, blank=True)
    allowed_origins = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    is_enabled = models.BooleanField(default=True)
    stopped_reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "account"], condition=~Q(account=""), name="channel_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.kind})"


class ChannelState(models.Model):
    """How a channel is doing: its pace, its circuit, its last check. Written by workers, apart from what people set."""

    channel = models.OneToOneField(Channel, primary_key=True, on_delete=models.CASCADE, related_name="state")
    paced_until = models.DateTimeField(null=True, blank=True)  # sends are spoken for up to this moment
    failures = models.IntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    opens = models.SmallIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    rechecks = models.SmallIntegerField(default=0)
    recheck_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(default=list, blank=True)
    silent_at = models.DateTimeField(null=True, blank=True)  # since when the silence alarm rings
    last_sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"state of channel {self.channel_id}"


class ChannelHour(models.Model):
    """What came of the sends of one channel in one hour, so that nobody has to count deliveries."""

    pk = models.CompositePrimaryKey("channel_id", "hour")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour = models.DateTimeField()
    sent = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)


class RecipientPace(models.Model):
    """Up to which moment the sends to one recipient are spoken for; only of channels that space them."""

    pk = models.CompositePrimaryKey("identity_id", "channel")
    identity_id = models.BigIntegerField()
    channel = models.SlugField(max_length=64, db_index=False)
    until = models.DateTimeField()

    class Meta:
        indexes = [
            # Sweep: what is long over.
            models.Index(fields=["until"], name="recipient_pace_age"),
        ]


class WidgetKey(models.Model):
    """A key with which the host site signs customers' JWTs; two may be live at once, so that a site can rotate.

    Those of source `jwks` are what the site's own list said last; `not_after` is how long that is believed.
    """

    class Source(models.TextChoices):
        HAND = "hand", "made here"
        JWKS = "jwks", "the site's list"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="widget_keys")
    kid = models.CharField(max_length=64)
    source = models.CharField(max_length=4, choices=Source.choices, default=Source.HAND, editable=False)
    algorithm = models.CharField(
        max_length=8, choices=[("HS256", "HS256"), ("RS256", "RS256"), ("EdDSA", "EdDSA")], default="HS256"
    )
    secret = EncryptedTextField()
    not_before = models.DateTimeField(null=True, blank=True)
    not_after = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # Also the index by which a token's `kid` is looked up. Another site may use the same word.
            models.UniqueConstraint(fields=["channel", "kid"], name="widget_key_once"),
        ]

    def __str__(self) -> str:
        return f"widget key {self.kid}"


class Visit(models.Model):
    """A browser's server-side session with the widget: an opaque token, its visitor, and what was proven until when."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="visits")
    digest = models.CharField(max_length=80, unique=True)
    visitor = models.ForeignKey("customers.Identity", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("customers.Identity", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    proven = ArrayField(models.BigIntegerField(), default=list, blank=True)
    joined = ArrayField(models.BigIntegerField(), default=list, blank=True)  # identities that the visitor was linked to
    key = models.ForeignKey(WidgetKey, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    proven_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"visit {self.public_id}"


class SpentToken(models.Model):
    """A login token with a `jti` that a browser has redeemed, kept until it expires: nobody else may redeem it."""

    digest = models.CharField(max_length=80, unique=True)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Retention deletes what has expired.
            models.Index(fields=["expires_at"], name="spent_token_age"),
        ]

    def __str__(self) -> str:
        return f"spent token of visit {self.visit_id}"


class InboundKey(models.Model):
    """The dedup key of a provider event that was seen, kept longer than any provider retries; partitioned by hash."""

    pk = models.CompositePrimaryKey("channel_id", "key")
    channel_id = models.BigIntegerField()
    key = models.CharField(max_length=255)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Retention deletes by age.
            models.Index(fields=["seen_at"], name="inbound_key_age"),
        ]


class InboundEvent(models.Model):
    """One event of a provider, stored before it is acknowledged; `handle` is the digest of whom it is ordered by."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        QUARANTINED = "quarantined"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    handle = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, default="message")
    body = EncryptedTextField(null=True, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    attempts = models.SmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True, default="")
    outcome = models.CharField(max_length=40, blank=True, default="")
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("reveal_inboundevent", "Can see what providers posted")]
        indexes = [
            # Drain: what is due, oldest first.
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state="pending"), name="inbound_due"),
            # Drain: the pending events of one handle in order.
            models.Index(fields=["channel", "handle", "id"], condition=Q(state="pending"), name="inbound_handle"),
            # Admin: the quarantine.
            models.Index(fields=["-received_at"], condition=Q(state="quarantined"), name="inbound_quarantine"),
            # Retention nulls bodies by age; health shows the last inbound of a channel.
            models.Index(fields=["channel", "-received_at"], name="inbound_received"),
        ]

    def __str__(self) -> str:
        return f"inbound {self.public_id}"


class Attempt(models.Model):
    """One call to a provider for a delivery, with the provider's own words (redacted)."""

    delivery = models.ForeignKey("conversations.Delivery", on_delete=models.CASCADE, related_name="tries")
    number = models.SmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, blank=True, default="")
    reason = models.CharField(max_length=32, blank=True, default="")
    provider_code = models.CharField(max_length=40, blank=True, default="")
    provider_text = models.CharField(max_length=300, blank=True, default="")
    http_status = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once")]

    def __str__(self) -> str:
        return f"attempt {self.number} of delivery {self.delivery_id}"


from channels_app import cursors, key_models, template_models  # noqa: E402, F401 -- and these
from channels_app.gateway import models as gateway_models  # noqa: E402, F401 -- and the gateway's
from channels_app.sandbox import models as sandbox_models  # noqa: E402, F401 -- Django finds the sandbox's tables here

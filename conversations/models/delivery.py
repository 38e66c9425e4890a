"""How does one wire message get out, and what became of it?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.ids import uuid7
from conversations.models.conversation import Conversation
from conversations.models.message import Message


class Delivery(models.Model):
    """One provider request: part `part` of the rendered message to `identity` over `channel`.

    With a `challenge` it carries that one-time code to an address, which need not be the conversation's; the message
    that it hangs on is what the person who asked for the code is told.

    `fence_epoch` is the owner epoch a bot's message was decided on (null for agents): it is sent only while it matches.
    States form a lattice: queued < sending < sent < delivered < read < played; failed, cancelled and unknown aside.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        UNKNOWN = "unknown"
        SENT = "sent"
        DELIVERED = "delivered"
        READ = "read"
        PLAYED = "played"
        FAILED = "failed"
        CANCELLED = "cancelled"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="+")
    identity = models.ForeignKey("customers.Identity", on_delete=models.PROTECT, related_name="+")
    channel = models.SlugField(max_length=64, db_index=False)  # the indexes below begin with it
    part = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    # The index below finds the few that have one.
    challenge = models.ForeignKey(
        "customers.Challenge", null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    fence_epoch = models.BigIntegerField(null=True, blank=True)
    attempts = models.SmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    external_id = models.CharField(max_length=255, blank=True, default="")
    reason = models.CharField(max_length=32, blank=True, default="")
    provider_text = models.CharField(max_length=300, blank=True, default="")
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["message", "part"], name="delivery_one_per_part"),
        ]
        indexes = [
            # Sender: the head of each recipient's queue.
            models.Index(
                fields=["identity", "channel", "id"],
                condition=Q(state__in=["queued", "sending"]),
                name="delivery_heads",
            ),
            # Sender: what is due on each channel, oldest first; a channel that is held costs the others nothing.
            models.Index(
                fields=["channel", "next_attempt_at", "id"], condition=Q(state="queued"), name="delivery_channel_due"
            ),
            # Health: how many nobody knows the end of.
            models.Index(fields=["channel"], condition=Q(state="unknown"), name="delivery_unsettled"),
            # Sweep: expired leases.
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="delivery_leases"),
            # Receipts name the provider's id.
            models.Index(fields=["channel", "external_id"], condition=~Q(external_id=""), name="delivery_receipt"),
            # Erasure removes codes.
            models.Index(fields=["challenge"], condition=Q(challenge__isnull=False), name="delivery_challenge"),
            # Takeover cancels the bot's unsent messages of a conversation; the inbox shows states.
            models.Index(fields=["conversation", "state"], condition=Q(state="queued"), name="delivery_unsent"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.public_id}"

"""What was said, by whom, over which session?"""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

from common import clock
from common.fields import EncryptedJSONField, EncryptedTextField
from common.ids import uuid7
from conversations.models.conversation import Session


class Message(models.Model):
    """One message in the words of `conversations.content` (abstract, not rendered); never moved.

    Never rewritten either: a later wording is a `MessageEdit`; only what its author took back is replaced.
    """

    class Author(models.TextChoices):
        CUSTOMER = "customer"
        BOT = "bot"
        AGENT = "agent"
        SYSTEM = "system"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="messages")
    author = models.CharField(max_length=8, choices=Author.choices)
    agent_id = models.BigIntegerField(null=True, blank=True)
    agent_name = models.CharField(max_length=80, blank=True, default="")
    kind = models.CharField(max_length=16, default="text")
    content = EncryptedJSONField()
    client_id = models.CharField(max_length=80, blank=True, default="")
    external_id = models.CharField(max_length=255, blank=True, default="")
    reply_to = models.CharField(max_length=255, blank=True, default="")  # the provider's id of the message it quotes
    is_automatic = models.BooleanField(default=False)  # a machine wrote it: shown, and never answered by the bot
    run = models.ForeignKey(
        "conversations.JourneyRun", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    step_id = models.CharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "client_id"], condition=~Q(client_id=""), name="message_client_id_once"
            ),
        ]
        indexes = [
            # Timeline of a person over all channels, per origin member, keyset by event time.
            models.Index(fields=["customer", "-occurred_at", "-id"], name="message_timeline"),
            # Thread of a session; widget history.
            models.Index(fields=["session", "-occurred_at", "-id"], name="message_session"),
            # Receipts and replies that name the provider's id of an inbound message.
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="message_external"),
        ]

    def __str__(self) -> str:
        return f"message {self.public_id}"

    @property
    def is_inbound(self) -> bool:
        return self.author == self.Author.CUSTOMER


def storage_key(instance: Attachment, filename: str) -> str:
    """Where the bytes lie: a random key that tells nothing and that nobody can guess; no name, no ending."""
    key = secrets.token_hex(16)
    return f"attachments/{key[:2]}/{key}"


class Attachment(models.Model):
    """A file that belongs to a message; `reference` is the provider's media id until the file is fetched.

    One that was uploaded waits without a message for the words it goes with; `uploader` may use it.
    `media_type` is what the sender called it, `sniffed_type` what the bytes are.
    """

    class State(models.TextChoices):
        REFERENCED = "referenced"
        FETCHING = "fetching"
        STORED = "stored"
        FAILED = "failed"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    uploader = models.CharField(max_length=60, blank=True, default="")
    media_type = models.CharField(max_length=100, blank=True, default="")
    sniffed_type = models.CharField(max_length=100, blank=True, default="")
    is_inline = models.BooleanField(default=False)  # a browser may show it; anything else is only ever downloaded
    size = models.BigIntegerField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)  # pixels of a picture
    height = models.PositiveIntegerField(null=True, blank=True)
    name = EncryptedTextField(blank=True, default="")
    reference = EncryptedTextField(blank=True, default="")
    file = models.FileField(upload_to=storage_key, blank=True, default="")
    thumb = models.FileField(upload_to=storage_key, blank=True, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.REFERENCED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)  # while it is fetched: when that counts as given up
    reason = models.CharField(max_length=100, blank=True, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            # What is to be fetched next.
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state__in=["referenced", "fetching"]),
                name="attachment_due",
            ),
            # Uploads whose words never came are swept.
            models.Index(fields=["recorded_at"], condition=Q(message__isnull=True), name="attachment_unused"),
        ]

    def __str__(self) -> str:
        return f"attachment {self.public_id}"

"""What became of a message afterwards: how was it reworded, and who put an emoji to it?"""

from __future__ import annotations

from django.db import models

from common.fields import EncryptedJSONField, EncryptedTextField
from common.ids import uuid7
from conversations.models.message import Message


class MessageEdit(models.Model):
    """A later wording of a message by its author; the message keeps the first one, the latest edit is what is shown."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="edits")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    content = EncryptedJSONField()
    source = models.CharField(max_length=64, blank=True, default="")
    source_event_id = models.CharField(max_length=255, blank=True, default="")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The thread shows the latest wording of each message.
            models.Index(fields=["message", "occurred_at", "id"], name="edit_of_message"),
        ]

    def __str__(self) -> str:
        return f"edit {self.public_id}"


class MessageReaction(models.Model):
    """The emoji that somebody put to a message, one per person and message; taken away, the row goes."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    emoji = EncryptedTextField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "customer"], name="reaction_once_per_person")]

    def __str__(self) -> str:
        return f"reaction {self.public_id}"

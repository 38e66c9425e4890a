"""Which messages has a provider approved beforehand, as we last heard?"""

from __future__ import annotations

from django.db import models

from common.ids import uuid7


class MessageTemplate(models.Model):
    """A template of one channel's account; `status`, `category` and `components` are the provider's words and form."""

    APPROVED = "approved"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.ForeignKey("channels_app.Channel", on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=20)
    status = models.CharField(max_length=40)
    category = models.CharField(max_length=30, blank=True, default="")
    quality = models.CharField(max_length=20, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    external_id = models.CharField(max_length=64, blank=True, default="")
    components = models.JSONField(default=list, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Also the index by which webhooks find a template and the picker lists a channel's.
            models.UniqueConstraint(fields=["channel", "name", "language"], name="message_template_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

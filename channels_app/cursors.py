"""How far was something outside of us read? One place per channel and source, moved with what it gave."""

from __future__ import annotations

from typing import Any

from django.db import models

from common import clock
from common.fields import EncryptedJSONField
from common.ids import uuid7


class ChannelCursor(models.Model):
    """The place in one source of a channel (a mailbox's folder): JSON of its adapter."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    channel = models.ForeignKey("channels_app.Channel", on_delete=models.CASCADE, related_name="cursors")
    name = models.CharField(max_length=40)
    value = EncryptedJSONField(default=dict, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "name"], name="channel_cursor_once")]

    def __str__(self) -> str:
        return f"{self.name} of channel {self.channel_id}"


def place(channel_id: int, name: str) -> dict[str, Any]:
    """Where to go on, {} at the very first time."""
    found = ChannelCursor.objects.filter(channel_id=channel_id, name=name).first()
    return dict(found.value or {}) if found else {}


def move(channel_id: int, name: str, value: dict[str, Any]) -> None:
    """Notes the place; call it in the transaction that stores what was read up to there."""
    row, is_new = ChannelCursor.objects.get_or_create(
        channel_id=channel_id, name=name, defaults={"value": value, "updated_at": clock.now()}
    )
    if not is_new:
        row.value, row.updated_at = value, clock.now()
        row.save(update_fields=["value", "updated_at"])

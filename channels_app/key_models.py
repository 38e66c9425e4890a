"""Where does a site publish the keys that it signs with, and when did we read them last?"""

from __future__ import annotations

from django.db import models


class KeySet(models.Model):
    """A widget's JWKS: `asked_at` is the last try (the database's clock), `fetched_at` the last that brought keys."""

    channel = models.OneToOneField(
        "channels_app.Channel", primary_key=True, on_delete=models.CASCADE, related_name="key_set"
    )
    url = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"key set of channel {self.channel_id}"

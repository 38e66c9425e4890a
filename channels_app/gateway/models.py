"""What must outlive a restart of the gateway's process? The session with Discord, and where people wrote last."""

from __future__ import annotations

from django.db import models


class GatewaySession(models.Model):
    """A bot's session at the gateway, as of the last committed event; its id is worth nothing without the token.

    `beat_at` is the last sign of life, by the database's clock; `identifies` counts since `identifies_since`.
    """

    channel = models.OneToOneField(
        "channels_app.Channel", on_delete=models.CASCADE, primary_key=True, related_name="gateway_session"
    )
    session_id = models.CharField(max_length=255, blank=True, default="")
    resume_url = models.CharField(max_length=255, blank=True, default="")
    seq = models.BigIntegerField(default=0)
    state = models.CharField(max_length=16, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    identifies = models.IntegerField(default=0)
    identifies_since = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"gateway session of channel {self.channel_id}"


class DirectPlace(models.Model):
    """A person's direct messages with a bot: `handle` is the digest of whom the inbox orders by.

    `gap_after`: what came after this message may have been missed, and has not been asked for yet.
    """

    pk = models.CompositePrimaryKey("channel_id", "place")
    channel = models.ForeignKey("channels_app.Channel", on_delete=models.CASCADE, related_name="+")
    place = models.BigIntegerField()
    handle = models.CharField(max_length=80)
    last_message = models.BigIntegerField(default=0)
    gap_after = models.BigIntegerField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            # After a gap: the places to ask, the latest first.
            models.Index(
                fields=["channel", "-last_message"],
                condition=models.Q(gap_after__isnull=False),
                name="direct_place_gap",
            ),
            # Places where nobody wrote for long are forgotten.
            models.Index(fields=["seen_at"], name="direct_place_age"),
        ]

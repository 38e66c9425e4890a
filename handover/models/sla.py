"""By when is a customer promised an answer, and how do the running promises stand?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class SlaPolicy(models.Model):
    """What a queue promises, in minutes of its opening hours; an empty field promises nothing."""

    title = models.CharField(max_length=80, unique=True)
    first_minutes = models.PositiveIntegerField(null=True, blank=True)
    next_minutes = models.PositiveIntegerField(null=True, blank=True)
    resolution_minutes = models.PositiveIntegerField(null=True, blank=True)
    warn_percent = models.PositiveSmallIntegerField(default=80)
    breach_priority = models.PositiveSmallIntegerField(default=30)  # minutes of queue age that a breach adds

    class Meta:
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"

    def __str__(self) -> str:
        return self.title


class SlaClock(models.Model):
    """One promise of one conversation; while it is paused `due_at` is empty and `left_seconds` says what remains."""

    class Kind(models.TextChoices):
        FIRST = "first"
        NEXT = "next"
        RESOLUTION = "resolution"

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="sla_clocks")
    queue = models.ForeignKey("handover.Queue", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    policy = models.ForeignKey(SlaPolicy, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    minutes = models.PositiveIntegerField()  # what was promised then
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    left_seconds = models.PositiveIntegerField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    met_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # met, or of no use any more

    class Meta:
        verbose_name = "SLA clock"
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "kind"], condition=Q(ended_at__isnull=True), name="sla_one_running"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(due_at__isnull=True) ^ Q(left_seconds__isnull=True),
                name="sla_runs_or_is_paused",
            ),
        ]
        indexes = [
            # Badges of the lists and the supervisors' board: what runs for these conversations, the nearest first.
            models.Index(
                fields=["conversation", "due_at"], condition=Q(ended_at__isnull=True), name="sla_of_conversation"
            ),
            # Reports: what was promised in a period.
            models.Index(fields=["-started_at"], name="sla_started"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.conversation_id}"

"""By when is a customer promised an answer, and how do the running promises stand?"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

A_YEAR = 366 * 24 * 60  # minutes


def promisable(minutes: int) -> None:
    """Refuses what is no promise."""
    if not 1 <= minutes <= A_YEAR:
        raise ValidationError(f"From 1 minute to a year ({A_YEAR}); an empty field promises nothing.")


def percentage(share: int) -> None:
    """Refuses what is no part of the time."""
    if not 1 <= share <= 100:
        raise ValidationError("From 1 to 100 percent of the time.")


class SlaPolicy(models.Model):
    """What a queue promises, in minutes of its opening hours; an empty field promises nothing."""

    title = models.CharField(max_length=80, unique=True)
    first_minutes = models.PositiveIntegerField(null=True, blank=True, validators=[promisable])
    next_minutes = models.PositiveIntegerField(null=True, blank=True, validators=[promisable])
    resolution_minutes = models.PositiveIntegerField(null=True, blank=True, validators=[promisable])
    warn_percent = models.PositiveSmallIntegerField(default=80, validators=[percentage])
    breach_priority = models.PositiveSmallIntegerField(default=30)  # minutes of queue age that a breach adds

    class Meta:
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Promises that can be kept, and at least one."""
        first, end = self.first_minutes, self.resolution_minutes
        if first is None and self.next_minutes is None and end is None:
            raise ValidationError("Nothing is promised: fill in the minutes of one at least.")
        if first is not None and end is not None and end < first:
            raise ValidationError({"resolution_minutes": "The end cannot be promised before the first answer."})


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

"""Who works here, when, and for which queue?"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from handover import limits
from handover.models.sla import SlaPolicy


class Skill(models.Model):
    """What an agent can do and a handover may ask for."""

    key = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.title


class BusinessHours(models.Model):
    """When a team is there: for each weekday its shifts, by the clock of their time zone; holidays are closed.

    `weekly` is {"mon": ["09:00-12:30", "13:30-17:00"], "fri": ["22:00-06:00"]}, `holidays` ["2026-12-24"].
    """

    title = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    weekly = models.JSONField(default=dict, blank=True)
    holidays = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = "business hours"

    def __str__(self) -> str:
        return self.title


class Queue(models.Model):
    """Where conversations wait for one of a team; `intake` is the key of its pre-chat journey.

    `languages`, `referrers` and `channels` (keys or kinds) say whom it is for; an empty list is for everybody.
    """

    class Strategy(models.TextChoices):
        MANUAL = "manual"
        ROUND_ROBIN = "round_robin", "round robin"
        LEAST_BUSY = "least_busy", "least busy"
        LONGEST_IDLE = "longest_idle", "longest idle"
        EXTERNAL = "external"

    class Delivery(models.TextChoices):
        OFFER = "offer"
        AUTO = "auto"

    class Exhausted(models.TextChoices):
        KEEP = "keep", "keep waiting, with an estimate"
        TICKET = "ticket", "becomes a ticket"
        BOT = "bot", "back to the bot"

    key = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=80)
    skills = models.ManyToManyField(Skill, blank=True, related_name="queues")
    fallback = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    intake = models.SlugField(max_length=64, blank=True, default="")
    hours = models.ForeignKey(BusinessHours, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_open = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)
    is_vip = models.BooleanField(default=False)
    is_archived = models.BooleanField(default=False)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    referrers = ArrayField(models.SlugField(max_length=200), default=list, blank=True)
    channels = ArrayField(models.SlugField(max_length=64), default=list, blank=True)
    strategy = models.CharField(max_length=12, choices=Strategy.choices, default=Strategy.MANUAL)
    delivery = models.CharField(max_length=5, choices=Delivery.choices, default=Delivery.OFFER)
    connection = models.ForeignKey(
        "conversations.Connection", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # asked for an agent by the strategy `external`
    allow_cross_queue = models.BooleanField(default=False)  # a preferred agent of another queue may be asked, too
    takes_idle = models.BooleanField(default=True)  # agents without input for a while are given work, too
    max_wait_minutes = models.PositiveIntegerField(null=True, blank=True)
    when_exhausted = models.CharField(max_length=6, choices=Exhausted.choices, default=Exhausted.KEEP)
    quiet_minutes = models.PositiveIntegerField(null=True, blank=True)
    quiet_journey = models.SlugField(max_length=64, blank=True, default="")
    sla = models.ForeignKey(SlaPolicy, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asks_rating = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="queue_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.title


def new_capacity() -> int:
    """What an agent has room for until somebody says otherwise: the setting `HANDOVER_CAPACITY`."""
    return limits.number("CAPACITY")


def desk_languages() -> list[tuple[str, str]]:
    """What the desk can be read in, each by its own name."""
    return list(settings.LANGUAGES)


class DeskLanguage(models.CharField):  # type: ignore[type-arg]  # takes no argument at run time
    """One of those; any other that is stored is read as the default one."""

    def from_db_value(self, value: str, *_: object) -> str:
        return value if value in dict(desk_languages()) else settings.LANGUAGE_CODE


class Agent(models.Model):
    """A member of staff who answers customers; presence truth is `manual_status` and `last_seen_at`."""

    class Status(models.TextChoices):
        ONLINE = "online"
        AWAY = "away"
        BUSY = "busy"
        OFFLINE = "offline"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agent")
    name = models.CharField(max_length=80)
    manual_status = models.CharField(max_length=8, choices=Status.choices, default=Status.ONLINE)
    offline_since = models.DateTimeField(null=True, editable=False)  # by their own word
    last_seen_at = models.DateTimeField(null=True, blank=True)
    last_input_at = models.DateTimeField(null=True, blank=True)  # none for ten minutes: idle
    not_responding_at = models.DateTimeField(null=True, blank=True)  # an offer passed unanswered; until they are back
    missed_offers = models.PositiveSmallIntegerField(default=0)  # in a row
    last_assigned_at = models.DateTimeField(null=True, blank=True)
    is_draining = models.BooleanField(default=False)  # a supervisor lets them finish: no new work
    capacity = models.PositiveSmallIntegerField(default=new_capacity)
    skills = models.ManyToManyField(Skill, blank=True, related_name="agents")
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)  # empty: any
    queues = models.ManyToManyField(Queue, through="Membership", related_name="agents")
    is_active = models.BooleanField(default=True)
    uses_single_keys = models.BooleanField(default=True)
    hears_sounds = models.BooleanField(default=True)
    sees_notifications = models.BooleanField(default=True)
    language = DeskLanguage(max_length=8, default="en", choices=desk_languages)  # of the desk itself

    class Meta:
        indexes = [
            # Presence check of a handover.
            models.Index(fields=["-last_seen_at"], condition=models.Q(is_active=True), name="agent_presence"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """An agent works for a queue; supervisors see every conversation of it."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="memberships")
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=[("agent", "agent"), ("supervisor", "supervisor")], default="agent")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "queue"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.agent.name} in {self.queue.title}"

"""Who works here, for which queue, and who knows this customer?"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from common.fields import EncryptedJSONField, EncryptedTextField
from common.ids import uuid7


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
    """Where conversations wait for one of a team; `intake` is the key of its pre-chat journey."""

    key = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=80)
    skills = models.ManyToManyField(Skill, blank=True, related_name="queues")
    fallback = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    intake = models.SlugField(max_length=64, blank=True, default="")
    hours = models.ForeignKey(BusinessHours, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_open = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="queue_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.title


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
    last_seen_at = models.DateTimeField(null=True, blank=True)
    capacity = models.PositiveSmallIntegerField(default=6)
    skills = models.ManyToManyField(Skill, blank=True, related_name="agents")
    queues = models.ManyToManyField(Queue, through="Membership", related_name="agents")
    is_active = models.BooleanField(default=True)
    uses_single_keys = models.BooleanField(default=True)

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


class Affinity(models.Model):
    """Who helped this customer last in this skill; derived, rebuildable, guarded by `handled_at`."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=64, blank=True, default="")
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    conversation = models.ForeignKey(
        "conversations.Conversation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    handled_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "affinities"
        constraints = [models.UniqueConstraint(fields=["customer", "scope"], name="affinity_once")]

    def __str__(self) -> str:
        return f"affinity {self.customer_id} {self.scope}"


class Note(models.Model):
    """What only the team sees: a private note, or the handover card (`kind=card`, `card` filled)."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.PROTECT, related_name="notes")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=[("note", "note"), ("card", "card")], default="note")
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    client_id = models.CharField(max_length=80, blank=True, default="")
    text = EncryptedTextField(blank=True, default="")
    card = EncryptedJSONField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "client_id"],
                condition=~models.Q(client_id=""),
                name="note_client_id_once",
            ),
        ]

    def __str__(self) -> str:
        return f"note {self.public_id}"

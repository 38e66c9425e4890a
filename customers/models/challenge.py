"""Which codes and links wait to be answered, and which neutral notes went to addresses that nobody has proven?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import clock
from common.ids import uuid7
from customers.models.identity import Identity


class Challenge(models.Model):
    """A one-time secret that went out: a code to be typed back, or a link that joins two channels.

    `digest` is all we keep of it. A link has two sides: `opener` asked for it where the person was, `arrival` is where
    it was used; it joins the two once both have said yes.
    """

    class Kind(models.TextChoices):
        CODE = "code"
        LINK = "link"
        NOTE = "note"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    digest = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)
    target = models.CharField(max_length=80, blank=True, default="")  # blind digest of the address a code went to
    session_ref = models.CharField(max_length=80)
    ip = models.CharField(max_length=80, blank=True, default="")  # blind digest
    opener = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    arrival = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opener_channel = models.SlugField(max_length=64, blank=True, default="")
    arrival_channel = models.SlugField(max_length=64, blank=True, default="")
    # Did the address prove itself there and then? The row may have been proven elsewhere: a phone that has WhatsApp.
    arrival_proven = models.BooleanField(default=False, db_default=False)
    opener_said_yes_at = models.DateTimeField(null=True, blank=True)
    arrival_said_yes_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    arrived_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="challenge_once", fields=["digest"], condition=Q(used_at__isnull=True)),
        ]
        indexes = [
            # verification: how many were sent lately to this address, for this session, from here.
            models.Index(name="challenge_target", fields=["target", "created_at"]),
            models.Index(name="challenge_session", fields=["session_ref", "created_at"]),
            models.Index(name="challenge_ip", fields=["ip", "created_at"]),
            # verification: what waits for an answer at one address.
            models.Index(name="challenge_opener", fields=["opener"], condition=Q(used_at__isnull=True)),
            models.Index(name="challenge_arrival", fields=["arrival"], condition=Q(used_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

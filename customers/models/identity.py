"""Which proven or claimed addresses does a customer have, and since when?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Trim

from common.fields import EncryptedTextField
from common.ids import uuid7
from customers.models.customer import Customer
from customers.namespaces import CHOICES, SCOPED


class IdentityQuerySet(models.QuerySet["Identity"]):
    """Questions about many identities."""

    def live(self) -> Self:
        """Those that are in force."""
        return self.filter(valid_to__isnull=True)

    def routable(self) -> Self:
        """Those that attract messages."""
        return self.filter(routable=True)

    def keyed(self, *, namespace: str, scope: str, keys: Iterable[str]) -> Self:
        """Those with one of these digests."""
        return self.filter(namespace=namespace, scope=scope, key__in=list(keys))

    def of_cluster(self, root_id: int) -> Self:
        """Those of every origin under one root."""
        return self.filter(customer__root_id=root_id)


class Identity(models.Model):
    """One address of a customer: blind key for lookups, sealed text for display and sending, proof with its time."""

    class Proof(models.TextChoices):
        CLAIMED = "claimed"
        IMPORTED = "imported"
        AGENT = "agent"
        OTP = "otp"
        PROVIDER = "provider"
        SITE = "site"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    # The home never changes; erasure deletes identities by name, before anything could cascade.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    namespace = models.CharField(max_length=20, choices=CHOICES)
    scope = models.CharField(max_length=255, blank=True, default="")
    key = models.CharField(max_length=255)
    key_version = models.PositiveSmallIntegerField(default=1)
    raw = EncryptedTextField()
    display = EncryptedTextField(blank=True, default="")
    # The head of an address in the provider's own words (its own is null); they are erased together.
    endpoint = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.DO_NOTHING, related_name="aliases", db_index=False
    )
    proof = models.CharField(max_length=10, choices=Proof.choices, default=Proof.CLAIMED)
    proven_at = models.DateTimeField(null=True, blank=True)
    proof_expires_at = models.DateTimeField(null=True, blank=True)
    routable = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    retired_reason = models.CharField(max_length=40, blank=True, default="")
    # Since when the provider says that nothing gets there (blocked, bounced); the next word from there clears it.
    unreachable_at = models.DateTimeField(null=True, blank=True)
    unreachable_reason = models.CharField(max_length=40, blank=True, default="")
    # Of several e-mails or phones of one person the primary one: the latest that somebody marked.
    primary_at = models.DateTimeField(null=True, blank=True)
    provider_hash = models.CharField(max_length=255, blank=True, default="")
    phone_tail = models.CharField(max_length=64, blank=True, default="")
    email_local = models.CharField(max_length=64, blank=True, default="")

    objects = IdentityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "identities"
        permissions = [("reveal_identity", "Can see identifiers whole")]
        constraints = [
            models.CheckConstraint(name="identity_key_is_trimmed", condition=~Q(key="") & Q(key=Trim(F("key")))),
            models.CheckConstraint(
                name="identity_period_has_length", condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from"))
            ),
            models.CheckConstraint(
                name="identity_claimed_never_routes", condition=~Q(proof="claimed") | Q(routable=False)
            ),
            models.UniqueConstraint(
                name="identity_one_live_owner",
                fields=["namespace", "scope", "key"],
                condition=Q(valid_to__isnull=True, routable=True),
            ),
            models.UniqueConstraint(
                name="identity_once_a_customer",
                fields=["customer", "namespace", "scope", "key"],
                condition=Q(valid_to__isnull=True),
            ),
        ]
        indexes = [
            # identity.resolve: the home of a handle at the time of an event. Digests are only ever asked for by
            # equality: a hash index takes a third of what a tree costs an import, for it holds no digest.
            HashIndex(name="identity_by_key", fields=["key"]),
            # The customer search: which sites have accounts. Equal values stand in it once.
            models.Index(
                name="identity_scopes",
                fields=["namespace", "scope"],
                condition=Q(namespace__in=SCOPED, valid_to__isnull=True),
            ),
            # The other names of an address; most have none.
            models.Index(name="identity_endpoint", fields=["endpoint"], condition=Q(endpoint__isnull=False)),
            # The customer search by the last 8 digits, and suggestions.
            HashIndex(
                name="identity_by_tail",
                fields=["phone_tail"],
                condition=~Q(phone_tail="") & Q(valid_to__isnull=True),
            ),
            # Suggestions by the part of an address before the @; many begin with info: a tree holds them once.
            models.Index(
                name="identity_email_local",
                fields=["email_local"],
                condition=~Q(email_local="") & Q(valid_to__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.public_id}"

    @property
    def head_id(self) -> int:
        """The identity that stands for this address: where a session lives."""
        return self.endpoint_id or self.pk

    @property
    def is_proven(self) -> bool:
        """Has a code, a provider or a site proven it at some time?"""
        return self.proof in (self.Proof.OTP, self.Proof.PROVIDER, self.Proof.SITE)

    def is_fresh(self, at: datetime) -> bool:
        """Is it proven, in force and not expired at that moment?"""
        proven = self.is_proven and not self.shared
        expired = self.proof_expires_at is not None and self.proof_expires_at <= at
        return proven and not expired and self.valid_to is None

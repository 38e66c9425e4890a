"""Who is one customer, and which origins belong to them?"""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.db.models import F, Q

from common import clock
from common.ids import uuid7


class RootKey(models.ForeignKey["Customer", "Customer"]):
    """The pointer to the root; a trigger sets it to the row itself at birth, and the insert gives it back."""

    db_returning = True

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Questions about many customers."""

    def roots(self) -> Self:
        """Those that stand for a whole cluster."""
        return self.filter(root_id=F("id"))

    def cluster(self, root: Customer | int) -> Self:
        """Every origin of the cluster under `root`, the root itself included."""
        return self.filter(root_id=root if isinstance(root, int) else root.pk)

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """What a member of staff may ask for: every customer, or none without the permission."""
        may = isinstance(user, PermissionsMixin) and user.has_perm("customers.view_customer")
        return self.all() if may else self.none()

    def kept(self) -> Self:
        """Those that were not erased."""
        return self.exclude(status=Customer.Status.ERASED)


class Customer(models.Model):
    """An origin: facts are born on it and stay. `root` points at the customer that stands for the cluster."""

    class Kind(models.TextChoices):
        ANONYMOUS = "anonymous"
        LEAD = "lead"
        KNOWN = "known"

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUPPRESSED = "suppressed"
        ERASED = "erased"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    # A merged or erased customer's row stays for ever, so the database alone guards the pointer.
    root = RootKey("self", on_delete=models.DO_NOTHING, related_name="members", editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.LEAD)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    version = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField(default=clock.now)
    last_seen_at = models.DateTimeField(default=clock.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        permissions = [
            ("merge_customer", "Can join customers"),
            ("force_merge", "Can join customers against what forbids it"),
            ("assert_customer", "Can say as a trusted server who is who and what they are like"),
        ]
        constraints = [
            models.CheckConstraint(
                name="customer_erased_has_time", condition=~Q(status="erased") | Q(erased_at__isnull=False)
            ),
        ]
        indexes = [
            # The customer list: roots, the latest seen first.
            models.Index(name="customer_list", fields=["-last_seen_at", "-id"], condition=Q(root_id=F("id"))),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_root(self) -> bool:
        """Does this origin stand for its cluster?"""
        return self.root_id == self.pk

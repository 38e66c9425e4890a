"""Which customers are one person, since when, on what evidence, and which never are?"""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q

from common import clock
from common.ids import uuid7
from customers.models.customer import Customer


class LinkQuerySet(models.QuerySet["Link"]):
    """Questions about many links."""

    def live(self) -> Self:
        """Those nobody has revoked."""
        return self.filter(revoked_at__isnull=True)

    def of_cluster(self, root_id: int) -> Self:
        """Those between the origins of one cluster (both ends of a live link are always in the same one)."""
        return self.filter(a__root_id=root_id)


class Link(models.Model):
    """Two origins are one person: the truth behind `Customer.root`. Never changed, only revoked."""

    ACCEPTED = "suggestion"  # the rule of a link that accepts a suggestion; its evidence names which

    class Kind(models.TextChoices):
        AUTO = "auto"
        MANUAL = "manual"
        VERIFIED = "verified"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    # Origins stay for ever, and so does what was decided about them.
    a = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    rule = models.CharField(max_length=40)
    rule_version = models.PositiveSmallIntegerField(default=1)
    evidence = models.JSONField(default=dict)
    decided_by = models.CharField(max_length=100)
    decided_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=100, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")

    objects = LinkQuerySet.as_manager()

    class Meta:
        permissions = [("undo_link", "Can part customers that were joined")]
        constraints = [
            models.CheckConstraint(name="link_ordered", condition=Q(a__lt=F("b"))),
            models.UniqueConstraint(name="link_once", fields=["a", "b", "rule"], condition=Q(revoked_at__isnull=True)),
        ]
        indexes = [
            # merging: the live links of a cluster's members, from either end.
            models.Index(name="link_a", fields=["a"], condition=Q(revoked_at__isnull=True)),
            models.Index(name="link_b", fields=["b"], condition=Q(revoked_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"link {self.public_id}"

    @property
    def accepts_a_suggestion(self) -> bool:
        """Somebody said "one person" to it; to take that back does not say that they are two."""
        return self.rule == self.ACCEPTED


class Distinct(models.Model):
    """Two origins are not one person, somebody said: no link may join them, however often a rule is run."""

    a = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=100)
    reason = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "distinct pairs"
        constraints = [
            models.CheckConstraint(name="distinct_ordered", condition=Q(a__lt=F("b"))),
            models.UniqueConstraint(name="distinct_once", fields=["a", "b"]),
        ]
        indexes = [
            # merging: the pairs of a cluster's members, from the other end.
            models.Index(name="distinct_b", fields=["b"]),
        ]

    def __str__(self) -> str:
        return f"{self.a_id} is not {self.b_id}"


class MergeEvent(models.Model):
    """The ledger: what happened to whom (a conflict: that one was opened); appended, never changed. Ids only."""

    class Kind(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"
        ERASE = "erase"
        TRANSFER = "transfer"
        CONFLICT = "conflict"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    request_id = models.CharField(max_length=100, unique=True)
    root_before = models.JSONField(default=list)
    root_after = models.JSONField(default=list)
    link = models.ForeignKey(Link, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    actor = models.CharField(max_length=100)
    reason = models.CharField(max_length=200, blank=True, default="")
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            # The ledger's page, the newest first.
            models.Index(name="merge_event_at", fields=["-at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

"""Which rules about identity has this installation set?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import clock


class IdentityPolicy(models.Model):
    """One row: what differs from the defaults of `customers.policy`, and who set it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    values = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.CharField(max_length=100, blank=True, default="")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "identity policy"
        constraints = [models.CheckConstraint(name="identity_policy_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"identity policy, version {self.version}"

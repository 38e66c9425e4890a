"""What has last happened to a customer in the shop, as another system told us?"""

from __future__ import annotations

from django.db import models

from common.fields import EncryptedTextField
from common.ids import uuid7


class LastEvent(models.Model):
    """The newest event of one subject (an order, a cart) at one origin, with its line in words."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=16)
    name = models.CharField(max_length=64)
    line = EncryptedTextField(blank=True, default="")
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "subject"], name="last_event_one_per_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of customer {self.customer_id}"

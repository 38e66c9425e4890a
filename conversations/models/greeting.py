"""Who has been welcomed back, and where?"""

from __future__ import annotations

from django.db import models


class Greeting(models.Model):
    """The last welcome at one endpoint: within a session, and until the customer speaks again, there is no other."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    identity = models.ForeignKey("customers.Identity", on_delete=models.CASCADE, related_name="+")
    channel = models.SlugField(max_length=64, db_index=False)
    greeted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "channel"], name="greeting_one_per_endpoint"),
        ]

    def __str__(self) -> str:
        return f"greeting at identity {self.identity_id}"

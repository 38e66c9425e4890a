"""How often did it happen that is written nowhere else? One row for a word and an hour."""

from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """So many times within the hour; words only, never a value or a person."""

    pk = models.CompositePrimaryKey("name", "hour")
    name = models.CharField(max_length=40)
    hour = models.DateTimeField()
    count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.name} in the hour of {self.hour:%Y-%m-%d %H:%M}"

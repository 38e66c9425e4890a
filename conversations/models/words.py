"""Which words stand in what was said? A side table that is never in the log of the database, nor in its backups."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchWords(models.Model):
    """The words of one message (`m`), note (`n`) or name (`p`), without their order; derived, made anew when lost.

    The table is UNLOGGED: empty after a crash. `object_id` is the primary key of what was said: for a name that of an
    observation, which belongs to no conversation (0). No constraint of the database: a lock on each row that it leads
    to would be written to the log.
    """

    pk = models.CompositePrimaryKey("kind", "object_id")
    kind = models.CharField(max_length=1)
    object_id = models.BigIntegerField()
    conversation_id = models.BigIntegerField()
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )  # indexed: erasure of a person
    said_at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        verbose_name_plural = "search words"
        indexes = [
            # Search: which of the marks (a block of messages, notes) and words stand in it; names by `@` and a
            # word's beginning.
            GinIndex(fields=["words"], name="searchwords_words", gin_pending_list_limit=512),
        ]

    def __str__(self) -> str:
        return f"words of {self.kind} {self.object_id}"


class SearchProgress(models.Model):
    """How far one kind is gathered: all above `down` up to `upto`, and what came after `upto` row by row.

    UNLOGGED as well, so that it is lost together with what it counts. `candidate` becomes `upto` when every
    transaction that ran beside `candidate_xid` has ended: until then a lower number may still appear.
    """

    kind = models.CharField(max_length=1, primary_key=True)
    upto = models.BigIntegerField()
    down = models.BigIntegerField()
    candidate = models.BigIntegerField()
    candidate_xid = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "search progress"

    def __str__(self) -> str:
        return f"{self.kind}: {self.down} to {self.upto}"

"""Which rows of a file came to nothing, as a file that people mend and hand in again?

Each row as it was handed in, with what came of it and why. While the import waits for its confirmation the rows are
read from what was handed in; at its end only the left-out rows are kept, for a few days.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection

from common import clock
from customers.mapping_cells import neutral
from customers.mapping_files import Table
from customers.mapping_kept import OWN
from customers.models import MappingImport

KEPT = timedelta(days=7)
REASONS = """
SELECT row, outcome, reasons FROM customers_importrow WHERE import_id = %s AND reasons <> '' ORDER BY row LIMIT %s
"""


def reasons(work: MappingImport, limit: int | None = None) -> Iterator[tuple[int, str, str]]:
    """(row, outcome, reasons) of every row about which something is to be said; harmless in a spreadsheet."""
    with connection.cursor() as cursor:
        cursor.execute(REASONS, [work.pk, limit])
        while block := cursor.fetchmany(1000):
            yield from ((row, outcome, neutral(text)) for row, outcome, text in block)


def lines(work: MappingImport) -> Iterator[str]:
    """The file of reasons: with the rows' own cells as long as they are there."""
    if work.finished_at is not None and work.path:
        with default_storage.open(work.path) as kept:
            yield from (block.decode() for block in kept.chunks())
        return
    yield from _lines(work)


def keep(work: MappingImport) -> str:
    """Writes the left-out rows to a file of their own: its path, or nothing when no row was left out."""
    if next(reasons(work, limit=1), None) is None:
        return ""
    with tempfile.TemporaryFile() as text:
        text.writelines(line.encode() for line in _lines(work))
        return default_storage.save(f"imports/{work.public_id}-left-out.csv", File(text))


def forget(work: MappingImport) -> None:
    """Deletes the left-out rows of an import that is over; the reasons by row number stay."""
    if work.finished_at is None or not work.path:
        return
    default_storage.delete(work.path)
    work.path = ""
    work.save(update_fields=["path"])


def purge(kept: timedelta = KEPT) -> int:
    """Deletes the left-out rows of imports that were over so long ago: how many files."""
    over = list(MappingImport.objects.filter(finished_at__lte=clock.now() - kept).exclude(path=""))
    for work in over:
        forget(work)
    return len(over)


def _lines(work: MappingImport) -> Iterator[str]:
    table = Table(default_storage.path(work.path)) if work.path and default_storage.exists(work.path) else None
    line = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield line.writerow([*OWN, *(neutral(name) for name in table.header)] if table else OWN)
    cells = table.rows() if table else iter(())
    for row, outcome, text in reasons(work):
        own = next((found for number, found in cells if number == row), [])
        if "erased" in text.split("; "):  # whoever was erased is not kept here either
            own = []
        yield line.writerow([row, outcome, text, *(neutral(cell) for cell in own)])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text

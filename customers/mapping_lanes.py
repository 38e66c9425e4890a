"""How are two chunks of an import written at once? The second beside the first, over a connection of its own.

The first is written in the transaction that says where the next one begins, and commits last. The second leaves a mark
in its own transaction: if the first is lost after that, whoever goes on finds the mark and does not write it again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction

from customers import mapping_chunks
from customers.models import MappingImport

log = logging.getLogger(__name__)

AHEAD = "SELECT first, last FROM customers_importahead WHERE import_id = %s AND first >= %s ORDER BY first LIMIT 1"
MARK = "INSERT INTO customers_importahead (import_id, first, last) VALUES (%s, %s, %s)"
PASSED = "DELETE FROM customers_importahead WHERE import_id = %s AND last < %s"
# The first chunk waits for the second: if the second waits for the first, it gives up, and is written as the next.
PATIENCE = "SET LOCAL lock_timeout = '2s'"


@dataclass(slots=True)
class Lanes:
    """`size` rows a chunk, and the lane beside the caller's own, if there is one."""

    size: int
    beside: ThreadPoolExecutor | None = None

    def run(self, work: MappingImport) -> int:
        """Applies the next chunk, or the next two, within the caller's transaction; the first row after them."""
        first = work.next_row
        with connection.cursor() as cursor:
            cursor.execute(AHEAD, [work.pk, first])
            done = cursor.fetchone()
        last = min(first + self.size - 1, work.rows, done[0] - 1 if done else work.rows)
        second = None if done else self._begin(work, last + 1)
        try:
            if first <= last:
                mapping_chunks.run(work, first, last)
        finally:
            reached = second.result() if second else last
        following = done[1] if done and done[0] == last + 1 else reached
        with connection.cursor() as cursor:
            cursor.execute(PASSED, [work.pk, following + 1])
        return following + 1

    def _begin(self, work: MappingImport, first: int) -> Future[int] | None:
        if self.beside is None or first > work.rows:
            return None
        return self.beside.submit(_write, work, first, min(first + self.size - 1, work.rows))


@contextmanager
def opened(work: MappingImport) -> Iterator[Lanes]:
    """Two lanes; one where the caller is in a transaction, of which another connection would see nothing."""
    size = mapping_chunks.size(work)
    if connection.in_atomic_block:
        yield Lanes(size)
        return
    with ThreadPoolExecutor(1, "import-lane") as beside:
        try:
            yield Lanes(size, beside)
        finally:
            beside.submit(_close).result()


def _close() -> None:
    connection.close()


def _write(work: MappingImport, first: int, last: int) -> int:
    """The last row that is written now: of this chunk, or of the one before it."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(PATIENCE)
            mapping_chunks.run(work, first, last, has_turn=True)
            with connection.cursor() as cursor:
                cursor.execute(MARK, [work.pk, first, last])
    except OperationalError as error:
        log.info("rows %d to %d of an import are written later: %s", first, last, type(error.__cause__).__name__)
        return first - 1
    return last

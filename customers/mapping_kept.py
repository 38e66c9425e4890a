"""Which of the left-out rows that are kept for some days are of somebody who is erased? Their cells go, no others."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction

from customers import mapping_cells, normalise, policy
from customers.lookup import Digests
from customers.mapping_cells import KINDS, plain_again
from customers.models import Identity, MappingImport
from customers.namespaces import EXCLUSIVE, Namespace
from customers.normalise import Key

OWN = ["row", "outcome", "reasons"]  # before the row's own cells
LOOKS_INTO = 8 << 20  # bytes: in a longer file a page would wait for it
DIGITS = 6  # fewer are no number and no id of a provider


class Wanted:
    """The addresses of one person, as a cell may name them."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        rows = [row for row in identities if row.namespace in KINDS]
        self.digests = {row.key for row in rows}
        self.kinds = sorted({(row.namespace, row.scope) for row in rows})
        self.region = policy.current().region or None

    def are_in(self, cells: Sequence[str], columns: Sequence[mapping_cells.Column]) -> bool:
        """Does one of the cells name one of them? A customer number only in its column, the others anywhere."""
        for place, text in enumerate(cells):
            column = columns[place] if place < len(columns) else None
            for namespace, scope in self.kinds:
                is_own = column is not None and (column.namespace, column.scope) == (namespace, scope)
                if (is_own or _may_be(namespace, text)) and self._is(namespace, scope, plain_again(text.strip())):
                    return True
        return False

    def _is(self, namespace: str, scope: str, text: str) -> bool:
        key = normalise.key(namespace, text, scope=scope, region=self.region)
        if not isinstance(key, Key):
            return False
        found = Digests.of(key)
        return not self.digests.isdisjoint(found.exact | found.others)


def cells(work: MappingImport, rows: Collection[int]) -> dict[int, list[str]]:
    """The cells of these rows, as they were handed in; none if they are not kept, or in a file that is too long."""
    if work.finished_at is None or not work.path or not default_storage.exists(work.path):
        return {}
    if default_storage.size(work.path) > LOOKS_INTO:
        return {}
    with open(default_storage.path(work.path), newline="", encoding="utf-8") as text:
        wanted = (line for line in islice(csv.reader(text), 1, None) if int(line[0]) in rows)
        return {int(line[0]): [plain_again(cell) for cell in line[len(OWN) :]] for line in wanted}


@transaction.atomic
def erase(identities: Iterable[Identity]) -> int:
    """Empties the kept cells of the rows that name one of these addresses, in every import: how many rows."""
    wanted = Wanted(identities)
    if not wanted.kinds:
        return 0
    kept = MappingImport.objects.select_for_update(no_key=True).filter(finished_at__isnull=False).exclude(path="")
    return sum(_rewritten(work, wanted) for work in kept.order_by("pk"))


def _rewritten(work: MappingImport, wanted: Wanted) -> int:
    """The file takes the place of the one before at once, so that a crash leaves one or the other."""
    path, found = Path(default_storage.path(work.path)), 0
    columns = [mapping_cells.Column(**one) for one in work.columns]
    if not path.exists():
        return 0
    with tempfile.NamedTemporaryFile("w", dir=path.parent, newline="", encoding="utf-8", delete=False) as other:
        line = csv.writer(other, quoting=csv.QUOTE_ALL)
        with open(path, newline="", encoding="utf-8") as text:
            for number, cells in enumerate(csv.reader(text)):
                own = cells[len(OWN) :]
                is_theirs = number > 0 and wanted.are_in(own, columns)
                line.writerow(cells[: len(OWN)] if is_theirs else cells)
                found += is_theirs
    os.replace(other.name, path) if found else os.unlink(other.name)
    return found


def _may_be(namespace: str, text: str) -> bool:
    if Namespace(namespace) in EXCLUSIVE:
        return False
    return "@" in text if namespace == Namespace.EMAIL else sum(one.isdigit() for one in text) >= DIGITS

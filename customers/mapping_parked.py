"""Which row of which file waits for a person, what does it say, and is it applied by now?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from customers import attribute_showing, conflicts, definitions, mapping_kept, masking
from customers.mapping_cells import Column
from customers.models import Conflict, MappingImport

# What a row says of addresses, as a digest of their digests: the same row of a later file has it again.
SAID = """
SELECT said.row, said.digest, w.outcome IN ('create', 'change', 'same')
FROM (SELECT row, md5(string_agg(DISTINCT node, ' ' ORDER BY node)) AS digest
      FROM customers_importkey WHERE import_id = %(id)s GROUP BY 1) said
JOIN customers_importrow w ON w.import_id = %(id)s AND w.row = said.row
WHERE said.row = ANY(%(rows)s) OR said.digest = ANY(%(digests)s)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of an import, as a conflict names it: `import:ID:ROW`, once the import is over also `:DIGEST`."""

    work: UUID
    row: int
    digest: str = ""

    @classmethod
    def of(cls, candidate: str) -> Place | None:
        head, _, rest = candidate.partition(":")
        work, _, place = rest.partition(":")
        row, _, digest = place.partition(":")
        return cls(UUID(work), int(row), digest) if head == "import" and row.isdecimal() else None

    def with_digest(self, digests: Mapping[int, str]) -> Place:
        """The same, with what its row says."""
        return Place(self.work, self.row, digests.get(self.row, self.digest))

    def __str__(self) -> str:
        return ":".join(["import", str(self.work), str(self.row), *([self.digest] if self.digest else [])])


@dataclass(slots=True)
class Shown:
    """A row for people: its file, and its cells as far as they are kept, masked. `work` is None once it is gone."""

    row: int
    work: MappingImport | None
    cells: list[tuple[str, str]] = field(default_factory=list)


def note(work: MappingImport, customer_id: int, row: int, reason: str) -> None:
    """A row that was left out for a person, at the customer it is about."""
    place = str(Place(work.public_id, row))
    conflicts.note(customer_id=customer_id, kind=Conflict.Kind.CSV_ROW, subject=reason, candidates=[place])


@transaction.atomic
def settle(work: MappingImport) -> None:
    """At the end of a run: the rows it applied need nobody any more, those it left out get their digests."""
    held = list(Conflict.objects.open().filter(kind=Conflict.Kind.CSV_ROW).select_for_update().order_by("pk"))
    places = {row.pk: _places(row) for row in held}
    known = [place for found in places.values() for place in found]
    if not known:
        return
    mine = [place.row for place in known if place.work == work.public_id]
    with connection.cursor() as cursor:
        cursor.execute(SAID, {"id": work.pk, "rows": mine, "digests": [one.digest for one in known if one.digest]})
        said = cursor.fetchall()
    digests = {row: digest for row, digest, _ in said}
    applied = {digest for _, digest, is_applied in said if is_applied}
    for row in held:
        given = [place.with_digest(digests) if place.work == work.public_id else place for place in places[row.pk]]
        newest = {place.digest or str(place): str(place) for place in given if place.digest not in applied}
        _update(row, list(newest.values()))


def shown(found: Iterable[Conflict]) -> dict[int, list[Shown]]:
    """The rows that these conflicts are about, by conflict. One query, and a look into each kept file."""
    places = {row.pk: _places(row) for row in found if row.kind == Conflict.Kind.CSV_ROW}
    wanted: dict[UUID, set[int]] = defaultdict(set)
    for place in (one for held in places.values() for one in held):
        wanted[place.work].add(place.row)
    works = {work.public_id: work for work in MappingImport.objects.filter(public_id__in=wanted)} if wanted else {}
    cells = {public_id: _masked(work, wanted[public_id]) for public_id, work in works.items()}
    return {
        pk: [Shown(one.row, works.get(one.work), cells.get(one.work, {}).get(one.row, [])) for one in held]
        for pk, held in places.items()
    }


def _places(row: Conflict) -> list[Place]:
    return [place for one in row.candidates if (place := Place.of(str(one))) is not None]


def _update(row: Conflict, left: Sequence[str]) -> None:
    if not left and row.candidates:
        conflicts.close(conflict=row, by=conflicts.SYSTEM, resolution="applied")
    elif left != row.candidates:
        row.candidates = list(left)
        row.save(update_fields=["candidates"])


def _masked(work: MappingImport, rows: set[int]) -> dict[int, list[tuple[str, str]]]:
    columns = [Column(**one) for one in work.columns]
    return {
        row: [(one.header, _cell(one, cell)) for one, cell in zip(columns, cells, strict=False) if cell and one.target]
        for row, cells in mapping_kept.cells(work, rows).items()
    }


def _cell(column: Column, text: str) -> str:
    if column.namespace:
        return masking.masked(column.namespace, text)
    return attribute_showing.said(definitions.of(column.target), text, reveals=False)

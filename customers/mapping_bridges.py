"""What comes of a row that joins customers? It needs a person's word, and never joins what is proven apart."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db import IntegrityError, connection, transaction

from common.problems import Problem
from customers import clusters, mapping_parked, mapping_sql, merging
from customers.handles import PROVING
from customers.models import Customer, Link, MappingImport

Apply = Callable[[MappingImport, int, int], None]
BRIDGES = "SELECT row, links FROM customers_importrow WHERE import_id = %s AND links <> 0 ORDER BY row"
NEAR = """
SELECT k.row, array_agg(DISTINCT o.row ORDER BY o.row)
FROM customers_importkey k
JOIN customers_importkey o ON o.import_id = k.import_id AND o.node = k.node AND o.routes AND o.row <> k.row
WHERE k.import_id = %s AND k.component = ANY(%s) AND k.routes GROUP BY 1
"""
MARK = """
UPDATE customers_importrow SET outcome = %s, reasons = concat_ws('; ', nullif(%s, ''), nullif(warned, '')),
  links = CASE WHEN %s THEN 0 ELSE links END
WHERE import_id = %s AND row = %s AND component = %s
"""


def judge(work: MappingImport) -> None:
    """The dry run: what each bridge would do, or why not."""
    for row, links in _bridges(work):
        if links < 0:
            mark(work, row, "conflict", "too_many_rows")
            continue
        found = _refusal(_owners(work, row))
        mark(work, row, "conflict" if found else "link", found or f"would link {links}")


def join(work: MappingImport, apply: Apply) -> None:
    """The run, after all other rows: each bridge in a transaction of its own; doing it again changes nothing."""
    for row, links in _bridges(work):
        with transaction.atomic():
            owners = _owners(work, row)
        found = "too_many_rows" if links < 0 else _refusal(owners)
        if not found and len({root for _, root, _ in owners}) > 1:
            found = _linked(work, row, owners) if work.with_links else "needs_confirmation"
        if found:
            mark(work, row, "conflict", found)
            for root in sorted({root for _, root, _ in owners}):
                mapping_parked.note(work, root, row, found)
            continue
        try:
            with transaction.atomic():
                mark(work, row, "", "", is_joined=True)
                apply(work, row, row)
        except IntegrityError:
            mark(work, row, "conflict", "collision")


def met(work: MappingImport, rows: Collection[int]) -> dict[int, tuple[list[int], list[int]]]:
    """Whom each of these bridges would join: (roots, other rows of the file that name one of its addresses)."""
    with connection.cursor() as cursor:
        cursor.execute(NEAR, [work.pk, list(rows)])
        near = dict(cursor.fetchall())
    return {row: (sorted({root for _, root, _ in _owners(work, row)}), near.get(row, [])) for row in rows}


def mark(work: MappingImport, row: int, outcome: str, reason: str, is_joined: bool = False) -> None:
    """Sets what came of a row; a bridge whose ends are joined is a row like the others."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [outcome, reason, is_joined, work.pk, row, row])


def _bridges(work: MappingImport) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(BRIDGES, [work.pk])
        return list(cursor.fetchall())


def _owners(work: MappingImport, row: int) -> list[tuple[int, int, str]]:
    """(customer, root, proof) of each address of the row that somebody has."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(mapping_sql.SCRATCH)
        cursor.execute(mapping_sql.EMPTY)
        cursor.execute(mapping_sql.OWNED, {"id": work.pk, "lo": row, "hi": row})
        cursor.execute("SELECT customer_id, root_id, proof FROM import_owned WHERE row = %s ORDER BY 2, 1", [row])
        return list(cursor.fetchall())


def _refusal(owners: list[tuple[int, int, str]]) -> str:
    """Why these may not be joined by a file, or nothing."""
    roots = list(Customer.objects.filter(pk__in={root for _, root, _ in owners}).order_by("pk"))
    for number, one in enumerate(roots):
        for other in roots[number + 1 :]:
            if found := merging.refusals(one, other):
                return found[0]
    proven = {root for _, root, proof in owners if proof in PROVING}
    return "proven_elsewhere" if len(proven) > 1 else ""


def _linked(work: MappingImport, row: int, owners: list[tuple[int, int, str]]) -> str:
    """Joins the origins, undoable like every link; the code of what forbids it, or nothing."""
    people = list(Customer.objects.filter(pk__in={customer for customer, _, _ in owners}).order_by("pk"))
    for other in people[1:]:
        low, high = clusters.ordered(people[0].pk, other.pk)
        try:
            merging.merge(
                a=people[0],
                b=other,
                kind=Link.Kind.AUTO,
                rule="import",
                actor=work.confirmed_by,
                request_id=f"import:{work.public_id}:{row}:{low}:{high}",
                evidence={"import": str(work.public_id), "row": row},
            )
        except Problem as problem:
            return problem.code
    return ""

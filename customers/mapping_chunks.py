"""What happens to one chunk of an import? The components of some rows, judged or applied at once, by SQL."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import IntegrityError, connection, transaction

from common import clock
from customers import attributes, conflicts, mapping_bridges, mapping_sql, policy, sources
from customers.models import Attribute, Conflict, Customer, MappingImport
from customers.namespaces import EXCLUSIVE


def look(work: MappingImport, first: int, last: int) -> None:
    """Writes to these rows what would come of them, within a transaction; nothing else is changed."""
    given = _given(work, first, last)
    with connection.cursor() as cursor:
        _judge(cursor, given)
        cursor.execute(mapping_sql.SETTLE, given)


def run(work: MappingImport, first: int, last: int) -> None:
    """Applies the components of these rows, within a transaction.

    When a racer won an address: the halves, down to the component that must be looked at by a person.
    """
    try:
        with transaction.atomic():
            apply(work, first, last)
    except IntegrityError:
        if first == last:
            mapping_bridges.mark(work, first, "conflict", "collision")
            return
        middle = (first + last) // 2
        run(work, first, middle)
        run(work, middle + 1, last)


def apply(work: MappingImport, first: int, last: int) -> None:
    """The components of these rows: customers, addresses, words, what is shown, what a person must see."""
    given = _given(work, first, last)
    with connection.cursor() as cursor:
        cursor.execute(mapping_sql.SCRATCH)
        cursor.execute(mapping_sql.LOCK, given)
        _judge(cursor, given)
        for statement in (mapping_sql.BORN, mapping_sql.SETTLED, mapping_sql.RAISED, mapping_sql.ADDRESSES):
            cursor.execute(statement, given)
        cursor.execute(mapping_sql.KNOWN, given)
        cursor.execute(mapping_sql.WORDS, given)
        said = {(customer, key) for _, customer, key in cursor.fetchall()}
        cursor.execute(mapping_sql.SHOW, given)
        said -= set(cursor.fetchall())
        cursor.execute(mapping_sql.SETTLE, given)
        cursor.execute(
            "SELECT h.customer_id, f.reason, f.row FROM import_fate f JOIN import_home h USING (component)"
            " WHERE f.outcome = 'conflict' AND h.customer_id IS NOT NULL AND NOT h.is_new ORDER BY 1, 3"
        )
        parked = cursor.fetchall()
    _weigh(said)
    for customer_id, reason, row in parked:
        _note(work, customer_id, row, reason)


def _weigh(said: set[tuple[int, str]]) -> None:
    """What holds of customers of whom more than one word was said; a disagreement is for a person to see."""
    roots = dict(Customer.objects.filter(pk__in={customer for customer, _ in said}).values_list("pk", "root_id"))
    for customer, key in sorted(said):
        attributes.resolve(roots[customer], [key])
        shown = Attribute.objects.filter(root_id=roots[customer], key=key, has_conflict=True).first()
        if shown is not None:
            candidates = [f"observation:{shown.observation_id}"]
            kind = Conflict.Kind.VALUE_DISAGREES
            conflicts.note(customer_id=customer, kind=kind, subject=key, candidates=candidates)


def _note(work: MappingImport, customer_id: int, row: int, reason: str) -> None:
    """A row that was left out for a person, at the customer it is about."""
    candidates = [f"import:{work.public_id}:{row}"]
    conflicts.note(customer_id=customer_id, kind=Conflict.Kind.CSV_ROW, subject=reason, candidates=candidates)


def _judge(cursor: Any, given: dict[str, Any]) -> None:
    """Whose the addresses are, where the components live, what comes of each row: in scratch tables."""
    cursor.execute(mapping_sql.SCRATCH)
    for statement in (mapping_sql.OWNED, mapping_sql.HOME, mapping_sql.LIMIT, mapping_sql.FATE):
        cursor.execute(statement, given)


def _given(work: MappingImport, first: int, last: int) -> dict[str, Any]:
    age = work.as_of.isoformat() if work.as_of else ""
    return {
        "id": work.pk,
        "lo": first,
        "hi": last,
        "said": hashlib.sha256(f"{work.sha256}|{age}".encode()).hexdigest()[:32],
        "now": clock.now(),
        "as_of": work.as_of,
        "earliest": attributes.EARLIEST,
        "rank": sources.RANKS["import"],
        "limits": json.dumps(dict(policy.current().limits)),
        "exclusive": [name.value for name in EXCLUSIVE],
    }

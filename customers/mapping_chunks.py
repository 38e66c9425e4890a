"""What happens to one chunk of an import? The components of some rows, judged or applied at once, by SQL."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from common import clock
from customers import (
    attributes,
    definitions,
    mapping_bridges,
    mapping_cells,
    mapping_parked,
    mapping_sql,
    mapping_weighing,
    mapping_writes,
    policy,
    sources,
)
from customers.models import MappingImport
from customers.namespaces import EXCLUSIVE

MOST = 2000  # rows of a chunk: a sender whose address is in it waits for its commit
ROOM = """
SELECT current_setting('max_locks_per_transaction')::int
  * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)
"""
FORMS = "SELECT sum(cardinality(digests)) FROM customers_importkey WHERE import_id = %s AND routes"
JUDGE = (mapping_sql.OWNED, mapping_sql.HOME, mapping_sql.LIMIT, mapping_sql.FATE)
LOOK = (*JUDGE, mapping_sql.SETTLE)
WRITE = (
    mapping_sql.LAX,
    mapping_sql.LOCK,
    *JUDGE,
    mapping_writes.BORN,
    mapping_writes.FIRST_ADDRESSES,
    mapping_writes.RAISED,
    mapping_writes.ADDRESSES,
    mapping_writes.KNOWN,
)


def look(work: MappingImport, first: int, last: int) -> None:
    """Writes to these rows what would come of them, within a transaction; nothing else is changed."""
    given = _given(work, first, last, applies=False)
    with connection.cursor() as cursor:
        scratch(cursor)
        _run(cursor, given, *LOOK)


def size(work: MappingImport) -> int:
    """Rows of a chunk: two with their addresses' forms take no more than half of the locks there is room for."""
    with connection.cursor() as cursor:
        cursor.execute(ROOM)
        room = cursor.fetchone()[0]
        cursor.execute(FORMS, [work.pk])
        forms = cursor.fetchone()[0] or 0
    return max(1, min(MOST, int(room / 4 / max(forms / max(work.rows, 1), 1))))


def run(work: MappingImport, first: int, last: int, *, has_turn: bool = False) -> None:
    """Applies the components of these rows, within a transaction. `has_turn`: the caller's own other lane has it.

    When a racer won an address: the halves, down to the component that must be looked at by a person.
    """
    try:
        with transaction.atomic():
            apply(work, first, last, has_turn=has_turn)
    except IntegrityError:
        if first == last:
            mapping_bridges.mark(work, first, "conflict", "collision")
            return
        middle = (first + last) // 2
        run(work, first, middle, has_turn=has_turn)
        run(work, middle + 1, last, has_turn=has_turn)


def apply(work: MappingImport, first: int, last: int, *, has_turn: bool = False) -> None:
    """The components of these rows: customers, addresses, words, what is shown, what a person must see."""
    given = _given(work, first, last, applies=True)
    with connection.cursor() as cursor:
        scratch(cursor)
        if not has_turn:
            cursor.execute(mapping_sql.TURN)
        _run(cursor, given, *WRITE, mapping_writes.WORDS)
        said = set(cursor.fetchall())
        _run(cursor, given, mapping_sql.SETTLE, mapping_sql.PARKED)
        parked = cursor.fetchall()
        cursor.execute(mapping_sql.NO_PLAN)
    mapping_weighing.weigh(said)
    for customer_id, reason, row in parked:
        mapping_parked.note(work, customer_id, row, reason)


def learn() -> None:
    """Lets Postgres see how the tables have grown, for a run is faster than what usually looks after that."""
    with connection.cursor() as cursor:
        cursor.execute(mapping_sql.LEARN)


def scratch(cursor: CursorWrapper) -> None:
    """Empty scratch tables, until the commit."""
    cursor.execute(mapping_sql.SCRATCH)
    cursor.execute(mapping_sql.EMPTY)


def _run(cursor: CursorWrapper, given: dict[str, Any], *statements: str) -> None:
    cursor.execute(mapping_sql.PLAN)
    for statement in statements:
        cursor.execute(statement, given)


def _given(work: MappingImport, first: int, last: int, *, applies: bool) -> dict[str, Any]:
    limits = dict(policy.current().limits)
    return {
        "id": work.pk,
        "lo": first,
        "hi": last,
        "now": clock.now(),
        "as_of": work.as_of,
        "earliest": attributes.EARLIEST,
        "rank": sources.RANKS["import"],
        "limits": json.dumps(limits),
        "is_wide": _is_wide(work, limits),
        "applies": applies,
        "plain": _plain(work),
        "exclusive": [name.value for name in EXCLUSIVE],
    }


def _is_wide(work: MappingImport, limits: dict[str, int]) -> bool:
    """Has the file more columns of one kind than a person may have of it?"""
    kinds = Counter(column.namespace for column in mapping_cells.columns(work.columns))
    return any(count > limits[kind] for kind, count in kinds.items() if kind)


def _plain(work: MappingImport) -> list[str]:
    """The attributes of which a single word is simply what holds."""
    known = [definitions.of(column.target) for column in mapping_cells.columns(work.columns)]
    return [one.key for one in known if one.policy != "union" and definitions.takes(one, "import") != "ignore"]

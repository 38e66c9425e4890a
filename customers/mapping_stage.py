"""How does a file get into the database? Row by row, normalised and sealed, by COPY; memory does not grow with it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import connection, transaction

from common.crypto import blind, blind_all, blind_version, seal
from common.fields import EncryptedJSONField
from common.ids import uuid7s
from customers import sources
from customers.attribute_projection import MATCHED
from customers.lookup import Digests
from customers.mapping_cells import Column, Reading, Said, is_known
from customers.mapping_files import Table
from customers.models import Identity, MappingImport, Observation
from customers.normalise import Key, variants
from customers.tombstones import Buried

BLOCK = 2000  # rows held at a time
TABLES = {
    "customers_importrow": "import_id, row, component, public_id, is_known, at, outcome, warned, reasons",
    "customers_importkey": "import_id, row, component, routes, node, namespace, scope, key, key_version, digests,"
    " public_id, raw, shared, phone_tail, email_local",
    "customers_importvalue": "import_id, row, component, key, public_id, value, match_key",
}
IDENTITIES, OBSERVATIONS = Identity._meta.db_table, Observation._meta.db_table
JSON = EncryptedJSONField()
Lines = dict[str, list[str]]


def load(work: MappingImport, table: Table, columns: Sequence[Column]) -> int:
    """Replaces what is staged of this import by the rows of the file: how many. `FileRefused` leaves nothing.

    While one block is on its way into the database, the next is read: memory is two blocks, whatever the file.
    """
    with transaction.atomic():
        clear(work.pk)
        connection.ensure_connection()
        with ThreadPoolExecutor(1, "import-stage") as way:
            count = _fill(work, table, Reading(columns), _Way(way, connection.connection))
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"ANALYZE {name}")
    return count


def clear(import_id: int, *, keep_reasons: bool = False) -> None:
    """Drops what is staged; the rows' outcomes hold nothing personal and may stay for the file of reasons."""
    with connection.cursor() as cursor:
        for name in TABLES:
            kept = " AND reasons = ''" if keep_reasons and name == "customers_importrow" else ""
            cursor.execute(f"DELETE FROM {name} WHERE import_id = %s{kept}", [import_id])
        cursor.execute("DELETE FROM customers_importahead WHERE import_id = %s", [import_id])


class _Way:
    """The way of the blocks into the database: one at a time, over the transaction's own connection."""

    def __init__(self, pool: ThreadPoolExecutor, held: psycopg.Connection[Any]) -> None:
        self.pool, self.held = pool, held
        self.under_way: Future[None] | None = None

    def send(self, lines: Lines) -> None:
        """Hands over a block, after the one before it has arrived."""
        self.arrive()
        self.under_way = self.pool.submit(_copy, self.held, lines)

    def arrive(self) -> None:
        """Waits for the block under way; raises what went wrong with it."""
        if self.under_way is not None:
            self.under_way.result()


def _fill(work: MappingImport, table: Table, reading: Reading, way: _Way) -> int:
    count, lines, ids, buried = 0, _lines(), _ids(), Buried()
    for count, cells in table.rows():
        row = reading.said(cells)
        if buried and buried.covers((*row.mapped, *row.hinted), row.at or work.as_of):
            row.refused.append("erased")  # a file of before does not bring anybody back
        _stage(lines, work.pk, count, row, ids)
        if count % BLOCK == 0:
            way.send(lines)
            lines = _lines()
    way.send(lines)
    way.arrive()
    return count


def _lines() -> Lines:
    return {name: [] for name in TABLES}


def _ids() -> Iterator[uuid.UUID]:
    while True:
        yield from uuid7s(BLOCK)


def _stage(lines: Lines, import_id: int, number: int, row: Said, ids: Iterator[uuid.UUID]) -> None:
    seeds = [] if row.mapped else [_node(key) for key in row.hinted]
    # Who is only hinted at is nobody's address: the same statement again finds the same customer by its id.
    own = _repeatable(seeds, sources.name_key(str(row.values.get("name", "")))) if seeds else next(ids)
    at = row.at.isoformat() if row.at else r"\N"
    outcome, warned = ("refused" if row.refused else "create"), _cell("; ".join(row.warned))
    reasons = _cell("; ".join(row.refused)) if row.refused else warned
    place = f"{import_id}\t{number}\t{number}\t"
    lines["customers_importrow"].append(f"{place}{own}\t{is_known(row.mapped)}\t{at}\t{outcome}\t{warned}\t{reasons}\n")
    if row.refused:
        return
    keys = lines["customers_importkey"]
    keys += [_key(place, key, True, next(ids)) for key in _distinct(row.mapped)]
    keys += [_key(place, key, False, next(ids)) for key in _distinct(row.hinted)]
    lines["customers_importvalue"] += [_value(place, name, value, next(ids)) for name, value in row.values.items()]


def _distinct(keys: list[Key]) -> Collection[Key]:
    return keys if len(keys) < 2 else {(key.namespace, key.scope, key.value): key for key in keys}.values()


def _key(place: str, key: Key, routes: bool, public_id: uuid.UUID) -> str:
    own, node, held = _digests(key)
    sealed = seal(key.raw, table=IDENTITIES, column="raw", row=public_id)
    tail, local = key.tail, key.local
    tail = blind("phone_tail", value=tail) if tail else ""
    local = blind("email_local", value=local) if local else ""
    of = f"{key.namespace.value}\t{_cell(key.scope)}\t{own}\t{blind_version()}\t{{{held}}}"
    return f"{place}{routes}\t{node}\t{of}\t{public_id}\t{sealed}\t{bool(key.extension)}\t{tail}\t{local}\n"


def _digests(key: Key) -> tuple[str, str, str]:
    """The key's own digest, that of its address, and all under which it may be found."""
    exact = blind_all(key.namespace, key.scope, value=key.value)
    if len(exact) == 1 and len(variants(key)) == 1:
        return exact[0], exact[0], exact[0]
    digests = Digests.of(key)
    held = ",".join(sorted(digests.exact | digests.others))
    return blind(key.namespace, key.scope, value=key.value), _node(key), held


def _node(key: Key) -> str:
    """The digest that all forms of one address share."""
    return blind(key.namespace, key.scope, value=min(variants(key)))


def _value(place: str, name: str, value: Any, public_id: uuid.UUID) -> str:
    sealed = seal(JSON.encode(value), table=OBSERVATIONS, column="value", row=public_id)
    plain = sources.name_key(value) if name in MATCHED and isinstance(value, str) else ""
    return f"{place}{_cell(name)}\t{public_id}\t{sealed}\t{blind(name, value=plain) if plain else ''}\n"


def _repeatable(seeds: Sequence[str], name: str) -> uuid.UUID:
    said_of = blind("import_hints", value="\x1f".join([*sorted(seeds), name]))
    return uuid.UUID(bytes=hashlib.sha256(said_of.encode()).digest()[:16], version=5)


def _cell(text: str) -> str:
    """As COPY reads it back."""
    if text.isalnum() or not text:
        return text
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _copy(held: psycopg.Connection[Any], lines: Lines) -> None:
    for name, columns in TABLES.items():
        with held.cursor() as cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
            copy.write("".join(lines[name]).encode())

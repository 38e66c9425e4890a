"""How does a file get into the database? Row by row, normalised and sealed, by COPY; memory does not grow with it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
from django.db import connection, transaction

from common import crypto
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
    "customers_importvalue": "import_id, row, component, key, public_id, value, match_key, said, write_group",
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
    as_of = work.as_of.isoformat() if work.as_of else ""
    for count, cells in table.rows():
        row = reading.said(cells)
        if buried and buried.covers((*row.mapped, *row.hinted), row.at or work.as_of):
            row.refused.append("erased")  # a file of before does not bring anybody back
        _stage(lines, work.pk, count, row, ids, as_of)
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


def _stage(lines: Lines, import_id: int, number: int, row: Said, ids: Iterator[uuid.UUID], as_of: str) -> None:
    mapped, hinted = [[(key, *_digests(key)) for key in _distinct(keys)] for keys in (row.mapped, row.hinted)]
    nodes = sorted(node for _, _, node, _ in mapped or hinted)
    # Who is only hinted at is nobody's address: the same statement again finds the same customer by its id.
    own = (
        next(ids) if mapped else _repeatable("import_hints", *nodes, sources.name_key(str(row.values.get("name", ""))))
    )
    at = row.at.isoformat() if row.at else r"\N"
    outcome, warned = ("refused" if row.refused else "create"), _cell("; ".join(row.warned))
    reasons = _cell("; ".join(row.refused)) if row.refused else warned
    place = f"{import_id}\t{number}\t{number}\t"
    known = is_known(row.mapped)
    lines["customers_importrow"].append(f"{place}{own}\t{known}\t{at}\t{outcome}\t{warned}\t{reasons}\n")
    if row.refused:
        return
    keys = lines["customers_importkey"]
    keys += [_key(place, *one, True, next(ids)) for one in mapped]
    keys += [_key(place, *one, False, next(ids)) for one in hinted]
    if row.values:
        about = "\x1f".join((*nodes, row.at.isoformat() if row.at else as_of))
        lines["customers_importvalue"] += _values(place, about, row.values, ids)


def _distinct(keys: list[Key]) -> Collection[Key]:
    return keys if len(keys) < 2 else {(key.namespace, key.scope, key.value): key for key in keys}.values()


def _key(place: str, key: Key, own: str, node: str, held: str, routes: bool, public_id: uuid.UUID) -> str:
    sealed = crypto.seal(key.raw, table=IDENTITIES, column="raw", row=public_id)
    tail, local = key.tail, key.local
    tail = crypto.blind("phone_tail", value=tail) if tail else ""
    local = crypto.blind("email_local", value=local) if local else ""
    of = f"{key.namespace.value}\t{_cell(key.scope)}\t{own}\t{crypto.blind_version()}\t{{{held}}}"
    return f"{place}{routes}\t{node}\t{of}\t{public_id}\t{sealed}\t{bool(key.extension)}\t{tail}\t{local}\n"


def _digests(key: Key) -> tuple[str, str, str]:
    """The key's own digest, that of its address, and all under which it may be found."""
    exact = crypto.blind_all(key.namespace, key.scope, value=key.value)
    if len(exact) == 1 and len(variants(key)) == 1:
        return exact[0], exact[0], exact[0]
    digests = Digests.of(key)
    held = ",".join(sorted(digests.exact | digests.others))
    return crypto.blind(key.namespace, key.scope, value=key.value), _node(key), held


def _node(key: Key) -> str:
    """The digest that all forms of one address share."""
    return crypto.blind(key.namespace, key.scope, value=min(variants(key)))


def _values(place: str, about: str, values: dict[str, Any], ids: Iterator[uuid.UUID]) -> Iterator[str]:
    """What a row says of its person. The same said again, in whichever row of whichever file, is the same word."""
    texts = {name: JSON.encode(value) for name, value in values.items()}
    words = {name: crypto.blind("import_said", name, value=f"{about}\x1f{text}") for name, text in texts.items()}
    group = _repeatable("import_row", *words.values())
    for name, text in texts.items():
        public_id, value = next(ids), values[name]
        sealed = crypto.seal(text, table=OBSERVATIONS, column="value", row=public_id)
        plain = sources.name_key(value) if name in MATCHED and isinstance(value, str) else ""
        match = crypto.blind(name, value=plain) if plain else ""
        yield f"{place}{_cell(name)}\t{public_id}\t{sealed}\t{match}\t{words[name]}\t{group}\n"


def _repeatable(purpose: str, *parts: str) -> uuid.UUID:
    """An id that the same parts have again."""
    said_of = crypto.blind(purpose, value="\x1f".join(parts))
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

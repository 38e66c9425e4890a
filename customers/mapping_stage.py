"""How does a file get into the database? Row by row, normalised and sealed, by COPY; memory does not grow with it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from common.crypto import blind, blind_version, seal
from common.fields import EncryptedJSONField
from common.ids import uuid7
from customers import policy, sources
from customers.lookup import Digests
from customers.mapping_cells import Column, Said, is_known, said
from customers.mapping_files import Table
from customers.models import Identity, MappingImport, Observation
from customers.normalise import Key, variants

BLOCK = 2000  # rows held at a time
TABLES = {
    "customers_importrow": "import_id, row, component, public_id, is_known, at, outcome, reasons",
    "customers_importkey": "import_id, row, component, routes, node, namespace, scope, key, key_version, digests,"
    " public_id, raw, shared, phone_tail, email_local",
    "customers_importvalue": "import_id, row, component, key, public_id, value, match_key",
}
IDENTITIES, OBSERVATIONS = Identity._meta.db_table, Observation._meta.db_table
JSON = EncryptedJSONField()
Lines = dict[str, list[str]]


def load(work: MappingImport, table: Table, columns: Sequence[Column]) -> int:
    """Replaces what is staged of this import by the rows of the file: how many. `FileRefused` leaves nothing."""
    with transaction.atomic():
        clear(work.pk)
        count, region = 0, policy.current().region or None
        lines: Lines = {name: [] for name in TABLES}
        for count, cells in table.rows():
            _stage(lines, work.pk, count, said(cells, columns, region))
            if count % BLOCK == 0:
                _copy(lines)
        _copy(lines)
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


def _stage(lines: Lines, import_id: int, number: int, row: Said) -> None:
    seeds = [] if row.mapped else [_node(key) for key in row.hinted]
    # Who is only hinted at is nobody's address: the same statement again finds the same customer by its id.
    own = _repeatable(seeds, sources.name_key(row.values.get("name", ""))) if seeds else uuid7()
    at = row.at.isoformat() if row.at else None
    outcome, reasons = ("refused" if row.refused else ""), "; ".join(row.refused or row.warned)
    lines["customers_importrow"].append(
        _line(import_id, number, number, own, is_known(row.mapped), at, outcome, reasons)
    )
    if row.refused:
        return
    for routes, keys in ((True, row.mapped), (False, row.hinted)):
        lines["customers_importkey"] += [_key(import_id, number, key, routes) for key in _distinct(keys)]
    for name, text in row.values.items():
        lines["customers_importvalue"].append(_value(import_id, number, name, text))


def _distinct(keys: Sequence[Key]) -> Iterator[Key]:
    yield from {(key.namespace, key.scope, key.value): key for key in keys}.values()


def _key(import_id: int, number: int, key: Key, routes: bool) -> str:
    digests, public_id = Digests.of(key), uuid7()
    sealed = seal(key.raw, table=IDENTITIES, column="raw", row=public_id)
    held = "{" + ",".join(sorted(digests.exact | digests.others)) + "}"
    own = blind(key.namespace, key.scope, value=key.value)
    tail = blind("phone_tail", value=key.tail) if key.tail else ""
    local = blind("email_local", value=key.local) if key.local else ""
    place = (import_id, number, number, routes, _node(key), key.namespace.value, key.scope, own, blind_version())
    return _line(*place, held, public_id, sealed, bool(key.extension), tail, local)


def _node(key: Key) -> str:
    """The digest that all forms of one address share."""
    return blind(key.namespace, key.scope, value=min(variants(key)))


def _value(import_id: int, number: int, name: str, text: str) -> str:
    public_id = uuid7()
    sealed = seal(JSON.encode(text), table=OBSERVATIONS, column="value", row=public_id)
    plain = sources.name_key(text) if name in ("name", "city") else ""
    return _line(import_id, number, number, name, public_id, sealed, blind(name, value=plain) if plain else "")


def _repeatable(seeds: Sequence[str], name: str) -> uuid.UUID:
    said_of = blind("import_hints", value="\x1f".join([*sorted(seeds), name]))
    return uuid.UUID(bytes=hashlib.sha256(said_of.encode()).digest()[:16], version=5)


def _line(*values: Any) -> str:
    return "\t".join(_cell(value) for value in values) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return str(value)


def _copy(lines: Lines) -> None:
    with connection.cursor() as cursor:
        for name, columns in TABLES.items():
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                copy.write("".join(lines[name]))
            lines[name].clear()

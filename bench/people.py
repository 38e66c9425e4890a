"""Who is in the database of a bench? As many customers as asked for, each with a phone and a business-scoped id.

Loaded by COPY, with keys, seals and digests as the product makes them; indexes are dropped first and made again after.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from customers.handles import Handle

PORTFOLIO, NAME = "portfolio-of-the-bench", "Maya Lindqvist"
CHUNK = 20_000  # customers that one process makes at a time
TABLES = ("customers_customer", "customers_identity")
CUSTOMER = ["id", "public_id", "root_id", "kind", "status", "version", "first_seen_at", "last_seen_at"]
IDENTITY = [
    *("id", "public_id", "customer_id", "namespace", "scope", "key", "key_version", "raw", "display", "endpoint_id"),
    *("proof", "proven_at", "routable", "shared", "valid_from", "retired_reason", "provider_hash", "phone_tail"),
    *("email_local", "unreachable_reason"),
]
# Indexes that no constraint owns, with the statements that make them again.
INDEXES = """
SELECT i.indexname, i.indexdef FROM pg_indexes i
WHERE i.tablename = %s AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)
"""


def phone(number: int) -> str:
    """The digits of a customer's phone: every fourth is Brazilian, which is looked up in two forms."""
    return f"551197{number:07}" if number % 4 == 0 else f"4670{number:08}"


def handles(number: int) -> list[Handle]:
    """What a webhook names of that customer."""
    from customers.handles import Handle

    bsuid = f"SE.{number * 2654435761 % 2**64:016X}"
    return [
        Handle("phone", PORTFOLIO, phone(number), "provider", NAME),
        Handle("wa_bsuid", PORTFOLIO, bsuid, "provider", NAME),
    ]


def load(rows: int) -> None:
    """Customers 1 to `rows`, and their identities."""
    from django.db import connection

    now = datetime.now().astimezone()
    ranges = list(pairwise([*range(1, rows + 1, CHUNK), rows + 1]))
    with get_context("fork").Pool(2) as makers:
        made = makers.imap(_chunk, [(first, last, now) for first, last in ranges], chunksize=1)
        with connection.cursor() as cursor:
            # Neither triggers nor foreign keys: what they would write or check is given.
            cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
            statements = [statement for table in TABLES for statement in _drop_indexes(cursor, table)]
            for customers, identities in made:
                _copy(cursor, TABLES[0], CUSTOMER, customers)
                _copy(cursor, TABLES[1], IDENTITY, identities)
            for statement in statements:
                cursor.execute(statement)
            for table in TABLES:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
                cursor.execute(f"VACUUM ANALYZE {table}")
            cursor.execute("CHECKPOINT")


def _chunk(given: tuple[int, int, datetime]) -> tuple[bytes, bytes]:
    """Both tables' rows for a range of customers, as COPY reads them."""
    first, last, now = given
    customers, identities = [], []
    for number in range(first, last):
        customers.append(_line(_customer(number, now)))
        identities += [_line(row) for row in _identities(number, now)]
    return "".join(customers).encode(), "".join(identities).encode()


def _customer(number: int, now: datetime) -> list[Any]:
    from common.ids import uuid7

    return [number, uuid7(), number, "lead", "active", 1, now, now]


def _identities(number: int, now: datetime) -> Iterator[list[Any]]:
    """The rows that `identity.resolve` would have written: the phone is the head, the id is another name of it."""
    from common.crypto import blind, blind_version, seal
    from common.ids import uuid7
    from customers.normalise import Key

    for place, handle in enumerate(handles(number)):
        key, public_id = handle.key(), uuid7()
        assert isinstance(key, Key)
        digest = blind(key.namespace, key.scope, value=key.value)
        raw = seal(key.raw, table=TABLES[1], column="raw", row=public_id)
        display = seal(NAME, table=TABLES[1], column="display", row=public_id)
        head = 2 * number - 1 if place else r"\N"
        tail = blind("phone_tail", value=key.tail) if key.tail else ""
        yield [
            *(2 * number - 1 + place, public_id, number, key.namespace.value, key.scope, digest, blind_version()),
            *(raw, display, head, "provider", now, "t", "f", now, "", "", tail, "", ""),
        ]


def _line(values: list[Any]) -> str:
    return "\t".join(map(str, values)) + "\n"


def _drop_indexes(cursor: Any, table: str) -> list[str]:
    cursor.execute(INDEXES, [table])
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]


def _copy(cursor: Any, table: str, columns: list[str], lines: bytes) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write(lines)


if __name__ == "__main__":
    import django

    django.setup()
    load(int(sys.argv[1]))

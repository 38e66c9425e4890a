"""How is the database of a bench filled in minutes? A million customers by statements, no door, no digest of a value.

Who is found by a value must be made by `bench.people`; here digests are those of a number, which compare as well.
Customers 1 to `rows` have a phone and an e-mail address each, and a name; every 20th shares one of them with the next.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

# Indexes that no constraint owns, with the statements that make them again.
INDEXES = """
SELECT i.indexname, i.indexdef FROM pg_indexes i
WHERE i.tablename = %s AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)
"""
# What differs from row to row; every other column of the model gets its default.
# Of 100 customers 99 and 100 have the same last 8 digits and name, 79 and 80 the same mail name and name, 59 and 60 the
# very same e-mail address, which one of them only claims.
TWIN = "CASE WHEN n % 100 = {} THEN n - 1 ELSE n END"
IS_MAIL, IS_CLAIM = "kind = 'email'", "kind = 'email' AND n % 100 = 60"
ROWS: dict[str, dict[str, str]] = {
    "customers.Customer": {
        "id": "n",
        "root_id": "n",
        "first_seen_at": "now() - interval '1 year' + n * interval '1 second'",
    },
    "customers.Identity": {
        "id": f"2 * n - ({IS_MAIL})::int",
        "customer_id": "n",
        "namespace": "kind",
        "key": f"md5(kind || CASE WHEN {IS_CLAIM} THEN n - 1 ELSE n END)",
        "proof": f"CASE WHEN {IS_CLAIM} THEN 'claimed' ELSE 'provider' END",
        "routable": f"NOT ({IS_CLAIM})",
        "phone_tail": f"CASE WHEN {IS_MAIL} THEN '' ELSE md5('tail' || {TWIN.format(0)}) END",
        "email_local": f"CASE WHEN {IS_MAIL} THEN md5('local' || ({TWIN.format(80)}) % 300000) ELSE '' END",
    },
    "customers.Observation": {
        "id": "n",
        "customer_id": "n",
        "key": "'name'",
        "source": "'bot'",
        "source_rank": "2",
        "source_event_id": "'n' || n",
    },
    # 200,000 names, one of them very common; nobody opens them here, so they have no value.
    "customers.Attribute": {
        "root_id": "n",
        "key": "'name'",
        "observation_id": "n",
        "match_key": "md5('name' || CASE WHEN n % 100 IN (0, 80) THEN (n - 1) % 200000 "
        "WHEN n % 1000 = 7 THEN 7 ELSE n % 200000 END)",
    },
    "conversations.Conversation": {
        "id": "n",
        "customer_id": "n",
        "state": "'closed'",
        "closed_at": "now()",
        "close_reason": "'expired'",
    },
    "conversations.Session": {
        "id": "n",
        "conversation_id": "n",
        "customer_id": "n",
        "identity_id": "2 * n",
        "ended_at": "now()",
        "channel": "'whatsapp-demo'",
        "kind": "'whatsapp'",
    },
    "conversations.Message": {"customer_id": "c", "session_id": "c", "author": "'customer'", "occurred_at": "at"},
}
PEOPLE = "generate_series(1, %(rows)s) AS n"
ADDRESSES = PEOPLE + " CROSS JOIN (VALUES ('phone'), ('email')) AS k(kind)"
# In the order of time, newest first, evenly over a range of customers.
SAID = """(
    SELECT %(first)s + n %% %(spread)s AS c, now() - n * interval '1 second' AS at
    FROM generate_series(1, %(count)s) AS n
) said"""


def load(rows: int, big: int = 0, members: int = 0, each: int = 0, others: int = 0) -> None:
    """`rows` customers with two identities, a name and an ended session each.

    Customer 1 has `big` messages, customers 2 to `members` have `each`, and `others` messages are of everybody else.
    """
    from django.db import connection

    histories = [(1, 1, big), (2, members - 1, each * (members - 1)), (members + 1, rows - members, others)]
    with connection.cursor() as cursor, bare(cursor, ROWS):
        for name in list(ROWS)[:-1]:
            cursor.execute(insert(name, ADDRESSES if name == "customers.Identity" else PEOPLE), {"rows": rows})
        for first, spread, count in histories:
            if spread > 0 and count > 0:
                values = {"first": first, "spread": spread, "count": count}
                cursor.execute(insert("conversations.Message", SAID), values)


def insert(name: str, source: str, rows: Mapping[str, Mapping[str, str]] = ROWS) -> str:
    """A statement that fills every column of the model."""
    from django.apps import apps

    model, given = apps.get_model(name), rows[name]
    fields = [field for field in model._meta.concrete_fields if field.column in given or not field.primary_key]
    values = [given[field.column].replace("%", "%%") if field.column in given else _filling(field) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {', '.join(values)} FROM {source}"


def _filling(field: Any) -> str:
    """The default of a column, as SQL."""
    kind = field.get_internal_type()
    if field.null:
        return "NULL"
    if kind in FILLINGS:
        return FILLINGS[kind]
    default = field.get_default()
    return repr(default) if isinstance(default, int) and not isinstance(default, bool) else f"'{default or ''}'"


FILLINGS = {
    "UUIDField": "gen_random_uuid()",
    "DateTimeField": "now()",
    "JSONField": "'{}'",
    "ArrayField": "'{}'",
    "BooleanField": "false",
    "BigIntegerField": "0",
}


@contextmanager
def bare(cursor: Any, names: Iterable[str]) -> Iterator[None]:
    """Neither triggers nor foreign keys (what they would write or check is given), and indexes made afterwards."""
    cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '512MB'")
    tables = [name.lower().replace(".", "_") for name in names]
    statements = [statement for table in tables for statement in _drop_indexes(cursor, table)]
    yield
    for statement in statements:
        cursor.execute(statement)
    for table in tables:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 1)) FROM {table}")
        cursor.execute(f"VACUUM ANALYZE {table}")
    cursor.execute("CHECKPOINT")
    cursor.execute("SET session_replication_role = origin")


def _drop_indexes(cursor: Any, table: str) -> list[str]:
    cursor.execute(INDEXES, [table])
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]


if __name__ == "__main__":
    import django

    django.setup()
    load(*map(int, sys.argv[1:]))

"""How often was a placeholder refused, a merge tried again, a date in the future put right? Counted for monitors.

Written after the transaction of what is counted, by itself and without waiting for the disk: nobody waits for a number.
"""

from __future__ import annotations

from functools import partial

from django.db import connection, transaction

COUNT = """
INSERT INTO customers_tally AS t (name, hour, count) VALUES (%s, date_trunc('hour', now()), %s)
ON CONFLICT (name, hour) DO UPDATE SET count = t.count + excluded.count
"""
PUT = """
INSERT INTO customers_tally AS t (name, hour, count) VALUES (%s, date_trunc('hour', now()), %s)
ON CONFLICT (name, hour) DO UPDATE SET count = excluded.count
"""
FORGET = "DELETE FROM customers_tally WHERE hour < now() - interval '8 days'"
DAY = "SELECT name, sum(count) FROM customers_tally WHERE hour > now() - interval '24 hours' GROUP BY name"
NEWEST = "SELECT count FROM customers_tally WHERE name = %s ORDER BY hour DESC LIMIT 1"

BLOCKED, RETRIED, CLAMPED, DRIFTED = "blocked_value", "merge_retry", "clamped_time", "drift"


def add(name: str, count: int = 1) -> None:
    """Counts, once the present transaction has been committed (what is rolled back has not happened)."""
    transaction.on_commit(partial(_write, COUNT, name, count), robust=True)


def put(name: str, count: int) -> None:
    """Says how many there are now, as a check has found."""
    transaction.on_commit(partial(_write, PUT, name, count), robust=True)


def of_day() -> dict[str, int]:
    """The sums of the last 24 hours by name."""
    with connection.cursor() as cursor:
        cursor.execute(DAY)
        return {name: int(count) for name, count in cursor.fetchall()}


def newest(name: str) -> int:
    """What was put last; 0 if never."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [name])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def forget() -> None:
    """Drops hours that no monitor asks for any more."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)


def _write(query: str, name: str, count: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(query, [name, count])

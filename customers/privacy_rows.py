"""How do many rows of one person go without a long transaction? A bounded number at a time, by their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def drop(model: type[Model], condition: str, values: Sequence[Any], limit: int) -> int:
    """Deletes at most `limit` rows `t` of a model for which the SQL condition holds; returns how many."""
    table = model._meta.db_table
    return _run(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({_places(table, condition)}))", [*values, limit])


def blank(model: type[Model], change: str, condition: str, values: Sequence[Any], limit: int) -> int:
    """Changes at most `limit` rows `t`; `condition` must be false for a row once it is changed. Returns how many."""
    table = model._meta.db_table
    found = f"UPDATE {table} SET {change} WHERE ctid = ANY(ARRAY({_places(table, condition)}))"
    return _run(found, [*values, limit])


def _places(table: str, condition: str) -> str:
    # The place of a row that somebody changes meanwhile is another one: the next round finds it there.
    return f"SELECT t.ctid FROM {table} t WHERE {condition} LIMIT %s"


def _run(query: str, values: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, list(values))
        return int(cursor.rowcount)

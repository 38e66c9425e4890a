"""How is the database emptied after a test that commits? Only the tables that were written, and no file made anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase

KEPT = ("django_migrations", "django_content_type", "auth_permission")
# What a migration fills anew after Django's own flush: as long as nobody wrote there, it may stay as it is.
MARKS = "SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM "
# Sessions that still write are waited for, as TRUNCATE would; triggers that refuse a deletion do not run.
EMPTY = """
DO $$
DECLARE
    touched regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR touched IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
            AND relname <> ALL (ARRAY[{kept}]) AND pg_relation_size(oid) > 0
        ORDER BY oid
    LOOP
        EXECUTE format('LOCK TABLE %s IN EXCLUSIVE MODE', touched);
        EXECUTE format('DELETE FROM %s', touched);
    END LOOP;
END $$
""".format(kept=", ".join(f"'{name}'" for name in KEPT))


class Clearing:
    """Empties the test database; Django's flush remains for whatever wrote to the kept tables."""

    def __init__(self) -> None:
        self.flush = TransactionTestCase._fixture_teardown
        self.marks: list[tuple[Any, ...]] | None = None

    def __call__(self, case: TransactionTestCase) -> None:
        connection.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            may = cursor.fetchall() == [(True,)]
            if may and self.marks is not None and self.marks == marks(cursor):
                cursor.execute(EMPTY)
                return
        self.flush(case)
        with connection.cursor() as cursor:
            self.marks = marks(cursor)


def marks(cursor: Any) -> list[tuple[Any, ...]]:
    """By what a change of the kept tables shows."""
    found = []
    for name in KEPT:
        cursor.execute(MARKS + name)
        found.append(cursor.fetchone())
    return found


def install(patch: pytest.MonkeyPatch) -> None:
    """From now on tests that commit are followed by this."""
    clearing = Clearing()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: clearing(case))

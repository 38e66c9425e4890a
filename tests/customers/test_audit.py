"""Does the audit stay as it was written, and does a change show?"""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from customers import audit
from customers.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_entries_are_chained_and_whole() -> None:
    first = audit.record(actor="user:1", action="identity.reveal", object_id="abc", ip="192.0.2.1")
    second = audit.record(actor="user:1", action="customers.search", rows=3)
    assert (first.previous_hash, second.previous_hash) == (audit.BEGINNING, first.entry_hash)
    assert list(audit.broken()) == []
    assert "192.0.2.1" not in first.ip_hash


@pytest.mark.scenario("T-68")
@pytest.mark.parametrize(
    "statement", ["UPDATE customers_auditentry SET reason = 'x'", "DELETE FROM customers_auditentry"]
)
def test_neither_sql_nor_the_orm_changes_an_entry(statement: str) -> None:
    audit.record(actor="user:1", action="identity.reveal")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(actor="nobody")
    assert AuditEntry.objects.count() == 1


@pytest.mark.scenario("T-68")
def test_an_entry_changed_behind_the_trigger_shows() -> None:
    entries = [audit.record(actor="user:1", action=f"act.{number}") for number in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE customers_auditentry SET actor = 'user:2' WHERE id = %s", [entries[0].pk])
        cursor.execute("DELETE FROM customers_auditentry WHERE id = %s", [entries[1].pk])
        cursor.execute("ALTER TABLE customers_auditentry ENABLE TRIGGER USER")
    assert [entry.pk for entry in audit.broken()] == [entries[0].pk, entries[2].pk]

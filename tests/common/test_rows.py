"""Are rows that go around the ORM's compiler the same as the ORM's own?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.forms.models import model_to_dict

from common import rows
from common.fields import Sealed
from customers.models import Customer, Identity
from tests import factories

pytestmark = pytest.mark.django_db

ALL = f"SELECT {rows.columns(Identity, 'i')} FROM customers_identity i ORDER BY i.id"


def plain(row: Any) -> dict[str, Any]:
    """Every column's value, opened."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_that_is_read_is_the_row_of_a_queryset() -> None:
    factories.maya()
    (read,), (reference,) = rows.read(Identity, ALL, []), Identity.objects.all()
    assert plain(read) == plain(reference)
    assert (read._state.adding, read._state.db) == (False, "default")
    assert read.customer == reference.customer


def test_a_sealed_value_stays_sealed_until_somebody_reads_it() -> None:
    _, phone = factories.maya()
    (read,) = rows.read(Identity, ALL, [])
    assert isinstance(read.__dict__["raw"], Sealed)
    assert read.raw == phone.raw


def test_an_inserted_row_is_what_the_orm_would_have_stored() -> None:
    person, phone = factories.maya()
    again = Identity(**{**model_to_dict(phone, exclude=["id", "customer"]), "customer": person, "scope": "other"})
    assert rows.insert(again) == 1
    stored = Identity.objects.get(pk=again.pk)
    assert plain(stored) == {**plain(phone), "id": again.pk, "public_id": again.public_id, "scope": "other"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT raw FROM customers_identity WHERE id = %s", [again.pk])
        assert phone.raw not in cursor.fetchone()[0]


def test_what_the_database_decides_comes_back() -> None:
    one, other = Customer(), Customer()
    assert rows.insert(one, other) == 2
    assert (one.root_id, other.root_id) == (one.pk, other.pk)
    assert not one._state.adding


def test_a_refused_row_raises_or_is_left_out() -> None:
    person = factories.customer()
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(Customer(public_id=person.public_id))
    assert rows.insert(Customer(public_id=person.public_id), ignore_conflicts=True) == 0
    assert Customer.objects.count() == 1


def test_a_text_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.insert(Customer(kind="k" * 40))


def test_only_the_named_fields_are_saved() -> None:
    person = factories.customer()
    person.kind, person.version = Customer.Kind.KNOWN, 7
    rows.update(person, "kind")
    stored = Customer.objects.get(pk=person.pk)
    assert (stored.kind, stored.version) == (Customer.Kind.KNOWN, 1)


def test_a_row_that_is_gone_cannot_be_saved() -> None:
    with pytest.raises(DatabaseError):
        rows.update(Customer(pk=1, kind="known"), "kind")


def test_a_statement_keeps_its_cursor_within_a_transaction_and_reads_anew_every_time() -> None:
    query = "SELECT n, %s::text FROM generate_series(1, %s::int) AS n"
    assert [len(rows.fetch(query, ["a", many])) for many in (2, 0, 3)] == [2, 0, 3]
    first = rows._kept(connections["default"])[query]
    assert rows.fetch(query, ["b", 1]) == [(1, "b")] and rows._kept(connections["default"])[query] is first


def test_a_long_answer_is_not_kept() -> None:
    query = "SELECT n FROM generate_series(1, %s::int) AS n -- long"
    rows.fetch(query, [rows.KEPT_ROWS + 1])
    assert query not in rows._kept(connections["default"])


def test_a_statement_that_failed_may_be_said_again() -> None:
    query = "SELECT 1 / %s::int"
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.fetch(query, [0])
    assert rows.fetch(query, [1]) == [(1,)]


def test_another_connection_has_cursors_of_its_own() -> None:
    rows.fetch("SELECT 1", [])
    before = rows._kept(connections["default"])
    connection.connection, held = None, connection.connection
    assert rows._kept(connections["default"]) is not before
    connection.connection = held

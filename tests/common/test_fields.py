"""Does an encrypted column show its text to the row that owns it, and to nothing else?"""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.models import F, Value
from django.test.utils import isolate_apps

from common import clock, crypto
from common.fields import EncryptedTextField
from common.ids import uuid7
from customers.models import Customer, Identity, Observation

pytestmark = pytest.mark.django_db


def identity(raw: str, **more: Any) -> Identity:
    customer = Customer.objects.create()
    return Identity.objects.create(
        customer=customer, namespace="phone", key=raw, raw=raw, valid_from=clock.now(), **more
    )


def stored(row: Identity, column: str = "raw") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM customers_identity WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])


def store(row: Identity, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_identity SET raw = %s WHERE id = %s", [text, row.pk])


def test_the_column_holds_no_plain_text_and_the_attribute_does() -> None:
    row = identity("+4915112345678")
    assert stored(row).startswith("v1.")
    assert Identity.objects.get(pk=row.pk).raw == "+4915112345678"


def test_a_value_nobody_reads_stays_sealed() -> None:
    row = Identity.objects.get(pk=identity("+1").pk)
    assert repr(row.__dict__["raw"]) == "<sealed>"
    assert row.raw == "+1"
    assert row.__dict__["raw"] == "+1"


def test_a_column_that_may_be_blank_keeps_nothing_as_nothing() -> None:
    row = identity("+1", display="")
    assert (stored(row, "display"), Identity.objects.get(pk=row.pk).display) == ("", "")


@pytest.mark.scenario("T-89")
def test_a_column_that_may_not_be_blank_refuses_one_that_was_emptied() -> None:
    row = identity("+1")
    store(row, "")
    with pytest.raises(crypto.Unreadable):
        _ = Identity.objects.get(pk=row.pk).raw


@pytest.mark.scenario("T-89")
def test_swapped_rows_are_refused() -> None:
    ann, bob = identity("ann"), identity("bob")
    sealed = stored(ann), stored(bob)
    store(ann, sealed[1])
    with pytest.raises(crypto.Unreadable):
        _ = Identity.objects.get(pk=ann.pk).raw


@pytest.mark.scenario("T-89")
def test_swapped_columns_are_refused() -> None:
    row = identity("raw text", display="shown text")
    store(row, stored(row, "display"))
    with pytest.raises(crypto.Unreadable):
        _ = Identity.objects.get(pk=row.pk).raw


@pytest.mark.scenario("T-89")
def test_plain_text_in_the_column_is_refused_and_never_shown() -> None:
    row = identity("+1")
    store(row, "plain text")
    read = Identity.objects.get(pk=row.pk)
    with pytest.raises(crypto.Unreadable) as caught:
        _ = read.raw
    assert "plain text" not in str(caught.value)


def test_values_lists_give_sealed_values() -> None:
    identity("+1")
    assert repr(Identity.objects.values_list("raw", flat=True)[0]) == "<sealed>"


def test_update_expressions_and_bulk_update_are_refused() -> None:
    row = identity("+1")
    with pytest.raises(FieldError):
        Identity.objects.update(raw="plain")
    with pytest.raises(FieldError):
        Identity.objects.bulk_update([row], ["raw"])
    row.raw = F("display")  # type: ignore[assignment]  # the mistake under test
    with pytest.raises(FieldError):
        row.save(update_fields=["raw"])


@pytest.mark.parametrize("lookup", ["raw", "raw__contains", "raw__in", "raw__lower"])
def test_lookups_are_refused(lookup: str) -> None:
    with pytest.raises(FieldError):
        list(Identity.objects.filter(**{lookup: "+1"}))
    with pytest.raises(FieldError):
        list(Identity.objects.annotate(same=Value("+1")).filter(raw=F("same")))


def test_whether_there_is_a_value_may_be_asked() -> None:
    row = Observation(value=None)
    assert row.value is None
    assert Observation.objects.filter(value__isnull=True).count() == 0


def test_bulk_create_seals_each_row() -> None:
    home = Customer.objects.create()
    rows = [Identity(customer=home, namespace="email", key=k, raw=k, valid_from=clock.now()) for k in ("a", "b")]
    Identity.objects.bulk_create(rows)
    assert sorted(row.raw for row in Identity.objects.filter(customer=home)) == ["a", "b"]


def test_a_deferred_value_is_read_on_access_in_one_query(django_assert_num_queries: Any) -> None:
    row = Identity.objects.defer("raw").get(pk=identity("+1").pk)
    with django_assert_num_queries(1):
        assert row.raw == "+1"


def test_only_the_value_can_be_loaded() -> None:
    assert Identity.objects.only("raw").get(pk=identity("+1").pk).raw == "+1"


def test_refreshing_brings_the_new_value() -> None:
    row = identity("+1")
    other = Identity.objects.get(pk=row.pk)
    other.raw = "+2"
    other.save(update_fields=["raw"])
    row.refresh_from_db()
    assert row.raw == "+2"
    row.refresh_from_db(fields=["raw"])
    assert row.raw == "+2"


def test_saving_an_unread_value_writes_it_back_as_it_was() -> None:
    row = identity("+1")
    before = stored(row)
    Identity.objects.get(pk=row.pk).save(update_fields=["raw"])
    assert stored(row) == before


def test_copies_and_pickles_of_a_row_open_it() -> None:
    row = Identity.objects.get(pk=identity("+1").pk)
    assert [copy.copy(row).raw, copy.deepcopy(row).raw, pickle.loads(pickle.dumps(row)).raw] == ["+1"] * 3


def test_an_unread_value_does_not_move_to_a_row_with_another_public_id() -> None:
    row = Identity.objects.get(pk=identity("+1").pk)
    row.pk, row.public_id, row.key = None, uuid7(), "other"  # type: ignore[assignment]  # Django's way to copy a row
    with pytest.raises(crypto.Unreadable):
        row.save()


@pytest.mark.parametrize("value", ["text", "", 0, False, [1, {"a": None}], {"ü": 1.5}])
def test_json_keeps_its_shape(value: Any) -> None:
    times = dict.fromkeys(("occurred_at", "effective_at"), clock.now())
    one = Observation.objects.create(customer=Customer.objects.create(), key="k", value=value, source_rank=1, **times)
    assert Observation.objects.get(pk=one.pk).value == value


@isolate_apps("customers")
def test_the_field_is_refused_on_a_model_without_a_public_id() -> None:
    class Loose(models.Model):
        text = EncryptedTextField()

        class Meta:
            app_label = "customers"

    assert [error.id for error in Loose.check()] == ["common.E001"]


def test_the_field_is_accepted_on_a_model_with_one() -> None:
    assert Identity.check() == []

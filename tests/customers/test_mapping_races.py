"""Does an import that others disturb end as one that nobody did? Real threads, real connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from customers import mapping, mapping_lanes
from customers.models import Customer, Identity, MappingImport
from tests.customers.cast import NOON, resolve, whatsapp
from tests.customers.test_mapping import PHONE_NAME, uploaded
from tests.customers.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 600
TEXT = "phone,name\n" + "".join(f"+4670{number:07},Person {number}\n" for number in range(ROWS))


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("customers.mapping_chunks.MOST", 50)
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM customers_importrow; DELETE FROM customers_importkey; DELETE FROM customers_importvalue"
        )


def confirmed(text: str = TEXT) -> MappingImport:
    work = uploaded(text, PHONE_NAME)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1")
    return work


def marks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_importahead")
        return int(cursor.fetchone()[0])


def test_two_lanes_write_every_row_once() -> None:
    assert mapping.apply(confirmed()) == {"create": ROWS}
    assert (Customer.objects.count(), Identity.objects.count(), marks()) == (ROWS, ROWS, 0)


def test_a_chunk_that_was_written_before_the_one_in_front_of_it_is_not_written_again() -> None:
    work = confirmed()
    assert mapping_lanes._write(work, 51, 100) == 100
    assert (Customer.objects.count(), marks()) == (50, 1)
    assert mapping.apply(work) == {"create": ROWS}
    assert (Customer.objects.count(), marks()) == (ROWS, 0)


def test_a_lane_that_waits_for_the_other_gives_up_and_its_chunk_comes_next() -> None:
    work, found = confirmed(), list[int]()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(namespace || chr(31) || scope || chr(31) || key, 7))"
            " FROM customers_importkey WHERE row = 60"
        )
        beside = threading.Thread(
            target=lambda: (found.append(mapping_lanes._write(work, 51, 100)), connection.close())
        )
        beside.start()
        beside.join(20)
    assert (found, marks(), mapping.apply(work)) == ([50], 0, {"create": ROWS})


def test_senders_who_write_meanwhile_are_nobody_twice() -> None:
    work = confirmed()

    def one(number: int) -> Any:
        if number == 0:
            return mapping.apply(work)
        return [resolve(whatsapp(f"4670{row:07}"), NOON).origin.pk for row in range(number, ROWS, 3)]

    found = at_once(4, one)[0]
    assert sum(found.values()) == ROWS and set(found) <= {"create", "change", "same"}
    assert (Customer.objects.count(), Identity.objects.count()) == (ROWS, ROWS)


def test_the_same_import_run_by_two_workers_is_run_once() -> None:
    work = confirmed()
    found = at_once(2, lambda _: mapping.apply(MappingImport.objects.get(pk=work.pk)))
    assert {"create": ROWS} in found
    assert Customer.objects.count() == ROWS


def test_two_files_of_the_same_people_at_once_make_them_once() -> None:
    works = [confirmed(), confirmed(TEXT.replace("Person", "Mr"))]
    at_once(2, lambda number: mapping.apply(works[number]))
    assert (Customer.objects.count(), Identity.objects.count()) == (ROWS, ROWS)


@pytest.mark.scenario("ID-71")
def test_periods_that_overlap_within_one_statement_are_refused() -> None:
    homes = [Customer.objects.create() for _ in range(2)]
    rows = [
        Identity(customer=home, namespace="phone", key="k", raw="k", proof="provider", routable=True, valid_from=NOON)
        for home in homes
    ]
    rows[0].valid_to = NOON.replace(hour=18)
    with pytest.raises(IntegrityError, match="overlap"):
        Identity.objects.bulk_create(rows)

"""Can a person see which row of which file waits for them, and is it off the queue once a later file applied it?"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from customers import mapping, recycling
from customers.models import Conflict, MappingImport
from tests.customers.cast import NOON
from tests.customers.test_mapping import TWO_PHONES, number, uploaded
from tests.customers.test_pages_people import person, staff, text, url

pytestmark = pytest.mark.django_db
BRIDGE = f"first,second\n{number(91)},{number(92)}\n"


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def run(content: str = BRIDGE, **confirmed: Any) -> MappingImport:
    work = uploaded(content, TWO_PHONES)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1", **confirmed)
    mapping.apply(work)
    return work


def imported_two() -> None:
    run(f"first,second\n{number(91)},\n{number(92)},\n")


def test_a_row_that_waits_names_its_file_and_its_masked_cells(boss: Client) -> None:
    imported_two()
    work = run()
    page = text(boss, url("conflicts"))
    assert f'row 1 of <a href="{reverse("admin:import-steps", args=[work.pk])}">people.csv</a>' in page
    assert "it would join customers, and nobody confirmed that" in page and "needs_confirmation" not in page
    assert "+46••••91" in page and number(91) not in page


def test_who_may_not_import_reads_of_the_row_without_a_link() -> None:
    imported_two()
    run()
    assert "row 1 of people.csv" in text(staff("view_customer"), url("conflicts"))


def test_a_later_import_that_applies_the_row_closes_it() -> None:
    imported_two()
    run()
    assert Conflict.objects.open().filter(kind="csv_row").count() == 2
    run(with_links=True)
    assert {row.resolution for row in Conflict.objects.filter(kind="csv_row")} == {"applied"}


def test_a_later_import_of_another_row_or_without_a_word_closes_nothing() -> None:
    imported_two()
    run()
    run(f"first,second\n{number(91)},{number(93)}\n")
    run()
    held = Conflict.objects.open().filter(kind="csv_row")
    assert held.count() == 2 and all(len(row.candidates) == 1 for row in held)


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        ("other_device", "another device is behind it"),
        ("other_name", "another name after a long silence"),
        ("number_change", "the provider says that the device or its number changed"),
        ("bounced", "a message could not be delivered"),
    ],
)
def test_a_number_that_may_be_anothers_is_shown_masked_with_its_sign(boss: Client, sign: str, words: str) -> None:
    row = person(91).identities.get()
    recycling.suspect(row, at=NOON, sign=sign)
    page = text(boss, url("conflicts"))
    assert words in page and row.raw not in page and "467••••91" in page

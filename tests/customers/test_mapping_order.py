"""Is what a file says the same in any order of its rows, in two files, and said twice?"""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction

from customers import attributes
from customers.models import Conflict, Customer, Identity, Observation
from tests.customers.test_mapping import imported, number

pytestmark = pytest.mark.django_db
COLUMNS = [
    ("tel", "phone", "mapping"),
    ("other", "phone", "mapping"),
    ("mail", "email", "mapping"),
    ("name", "name", "attribute"),
    ("city", "city", "attribute"),
    ("at", "date", "attribute"),
]
HEAD = ",".join(name for name, _, _ in COLUMNS)
ROWS = [
    f"{number(1)},,ann@x.se,Ann,Lund,2026-05-01",  # joins the next two, and needs a word for that
    f"{number(1)},,,Anna,Lund,2026-05-02",
    ",,ann@x.se,Ann L,,2026-05-02",
    f"{number(2)},{number(3)},,Bo,Oslo,",
    f"{number(3)},,,Bob,Bergen,",
    f"{number(4)},,cy@x.se,Cy,,2026-05-03",
    f"{number(4)},,cy@x.se,Cy,,2026-05-03",
    "xx,,,Di,,",
]


def file(rows: list[str]) -> str:
    return "\n".join([HEAD, *rows]) + "\n"


def outcome() -> Any:
    """Who is there, what is shown of them and what is disputed: without ids."""
    people = []
    for person in Customer.objects.roots():
        held = sorted(row.raw for row in Identity.objects.filter(customer=person))
        disputed = sorted(Conflict.objects.open().filter(customer=person).values_list("subject", flat=True))
        people.append((held, sorted(attributes.values(person).items()), disputed))
    return sorted(people)


def came_of(rows: list[str]) -> Any:
    """The rows by outcome and what they left, which is undone."""
    with transaction.atomic():
        found = imported(file(rows), COLUMNS), outcome()
        transaction.set_rollback(True)
    return found


@pytest.mark.scenario("ID-39")
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    tally, people = came_of(ROWS)
    assert (tally, len(people)) == ({"create": 6, "conflict": 1, "refused": 1}, 4)
    assert came_of(random.Random(seed).sample(ROWS, len(ROWS))) == (tally, people)


@pytest.mark.scenario("ID-42")
def test_the_same_words_in_another_order_or_another_file_change_nothing() -> None:
    imported(file(ROWS), COLUMNS)
    before = Observation.objects.count()
    assert imported(file(ROWS[::-1]), COLUMNS) == {"same": 6, "conflict": 1, "refused": 1}
    assert imported(file(ROWS[1:5]), COLUMNS) == {"same": 4}
    assert Observation.objects.count() == before

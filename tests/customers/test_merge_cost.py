"""How many statements do a look-up, a merge, a split and a page take, however much hangs on the people?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import acts
from conversations import timeline
from customers.models import Customer
from tests.customers.cast import ANN, resolve, whatsapp

pytestmark = pytest.mark.django_db(transaction=True)
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def strangers(many: int) -> list[Customer]:
    """People of whom nothing is known but an address."""
    return [resolve(whatsapp(f"4670199{number:04}")).origin for number in range(many)]


def statements(work: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return sum(not query["sql"].startswith(CONTROL) for query in captured.captured_queries)


def test_a_known_sender_is_found_by_one_query(django_assert_num_queries: Any) -> None:
    resolve(whatsapp(ANN))
    with django_assert_num_queries(1):
        resolve(whatsapp(ANN))


def test_a_merge_takes_four_statements() -> None:
    a, b = strangers(2)
    assert statements(lambda: acts.join(a, b)) == 4


def test_a_merge_with_a_large_person_takes_no_more() -> None:
    people = strangers(12)
    for other in people[1:5]:
        acts.join(people[0], other)
    assert statements(lambda: acts.join(people[0], people[11])) == 4


def test_what_both_have_said_takes_two_more_however_much_it_is() -> None:
    a, b, c = acts.persons(3)
    assert statements(lambda: acts.join(b, c)) == 7  # their names disagree: a conflict is opened
    assert statements(lambda: acts.join(a, b)) == 6  # and stays open


@pytest.mark.parametrize("members", [2, 12])
def test_a_cut_takes_as_many_statements_whoever_hangs_on_it(members: int) -> None:
    people = strangers(members)
    links = [acts.link(people[0], other) for other in people[1:]]
    assert statements(lambda: acts.part(links[-1])) == 20  # one looks for suggestions that the join had answered


def test_a_page_takes_one_query_for_any_number_of_members(django_assert_num_queries: Any) -> None:
    people = acts.persons(6)
    for other in people[1:]:
        acts.hear(other), acts.join(people[0], other)
    with django_assert_num_queries(1):
        assert len(timeline.page(people[0]).messages) == 6

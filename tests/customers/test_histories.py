"""Is any history of merges, splits, names and messages undone exactly? Drawn by Hypothesis; the bench plays 2,000."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import acts, histories
from bench.histories import History
from customers import merging
from customers.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.mark.scenario("ID-99", "ID-I2", "ID-I5", "ID-I12", "T-P16")
@FEW
@given(seed=st.integers(0, 10**6), steps=st.integers(2, 12))
def test_whoever_was_joined_and_parted_is_as_if_they_had_never_been(seed: int, steps: int) -> None:
    played = History(acts.persons(5), Random(seed)).play(steps)
    assert played.wrong == []
    assert merging.check() == []


@pytest.mark.scenario("ID-I12")
@FEW
@given(order=st.permutations([(0, 1), (1, 2), (3, 4), (2, 3)]))
def test_the_order_of_merges_changes_nothing(order: list[tuple[int, int]]) -> None:
    people = acts.persons(5)
    for a, b in order:
        acts.join(people[b], people[a])
    first = min(people, key=lambda one: (one.first_seen_at, one.pk))
    assert {histories.root_of(one.pk) for one in people} == {first.pk}
    assert histories.shown(people) == histories.told(people)


def test_a_history_that_loses_a_link_is_told_from_a_right_one() -> None:
    people = acts.persons(3)
    played = History(people, Random(1))
    played.live.append(acts.link(people[0], people[1]))
    Customer.objects.filter(pk=people[1].pk).update(root_id=people[1].pk)
    played._look()
    assert played.wrong == ["the clusters are not what the links say"]

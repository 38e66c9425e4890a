"""Is nobody joined wrongly, whatever their numbers and names look like? A small draw of the bench's labelled pairs."""

from __future__ import annotations

from collections import Counter

import pytest

from bench import judging, labelled
from bench.judging import Verdict

pytestmark = pytest.mark.django_db(transaction=True)
EVERY_KIND = len(labelled.SAME) + len(labelled.OTHERS)


@pytest.fixture
def verdict() -> Verdict:
    return judging.judge(labelled.play(3 * EVERY_KIND, seed=20))


@pytest.mark.scenario("ID-22", "ID-21")
def test_nobody_is_joined_with_somebody_else(verdict: Verdict) -> None:
    assert verdict.false_merges == []


def test_who_proves_it_is_joined_without_being_asked(verdict: Verdict) -> None:
    assert verdict.true_merges >= 6 * 3  # as many kinds of the same person prove it, three of each


def test_the_higher_the_score_the_surer_it_is(verdict: Verdict) -> None:
    assert verdict.by_score["0.5"]["recall"] >= verdict.by_score["0.9"]["recall"] > 0
    assert verdict.by_score["0.5"]["precision"] >= 0.4


def test_every_kind_of_pair_is_played_equally_often() -> None:
    played = Counter(pair.kind for pair in labelled.play(EVERY_KIND, seed=5))
    assert set(played.values()) == {1} and len(played) == EVERY_KIND


def test_the_same_seed_tells_the_same_stories() -> None:
    first, second = (labelled.play(4, seed=9) for _ in range(2))
    assert [pair.kind for pair in first] == [pair.kind for pair in second]

"""How much may one browser, or one address, ask of a process?"""

from __future__ import annotations

import pytest

from channels_app.limits import Count, Limit


def test_a_burst_is_given_and_then_a_rate() -> None:
    now = [0.0]
    limit = Limit(burst=2, per_second=0.5, clock=lambda: now[0])
    assert [limit.wait("maya"), limit.wait("maya")] == [0.0, 0.0]
    assert limit.wait("maya") == pytest.approx(2.0)
    now[0] = 2.0
    assert limit.wait("maya") == 0.0
    assert limit.wait("maya") > 0


def test_one_name_does_not_use_up_anothers() -> None:
    limit = Limit(burst=1, per_second=1, clock=lambda: 0.0)
    assert [limit.wait("maya"), limit.wait("tom")] == [0.0, 0.0]


@pytest.mark.scenario("T-15")
def test_a_flood_of_names_costs_bounded_memory() -> None:
    limit = Limit(burst=1, per_second=1, most=100)
    for number in range(10_000):
        limit.wait(f"name {number}")
    assert len(limit._buckets) == 100


@pytest.mark.scenario("T-15")
def test_who_leaves_makes_room() -> None:
    count = Count(1)
    assert count.enter("maya") and not count.enter("maya")
    count.leave("maya")
    assert count.enter("maya") and count.enter("tom")

"""Does the same value hold whatever order the words came in, by every policy?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import sources
from customers.attribute_disputes import disputes
from customers.attribute_rules import POLICIES, Definition
from customers.attribute_weighing import Weighed, combined, weigh
from customers.sources import RANKS, Word

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
SAID = ["a", "b", "2026-01-01", "2027-01-01", 3, 4.5, ["a", "c"], ["b"], None]


def word(number: int, value: Any, source: str = "bot", seconds: float = 0, **more: Any) -> Word:
    at = NOON + timedelta(seconds=seconds)
    plain: dict[str, Any] = {
        "customer_id": 1,
        "is_clear": value is None,
        "whole_second": False,
        "sequence": 0,
        "source_event_id": f"event-{number}",
        "write_group": None,
        "verified_until": at + timedelta(days=730) if RANKS[source] in sources.VERIFIED else None,
        "pinned": False,
    }
    plain |= more
    return Word(id=number, value=value, rank=RANKS[source], effective_at=at, source=source, **plain)


@st.composite
def words(draw: st.DrawFn) -> list[Word]:
    found = []
    for number in range(draw(st.integers(1, 8))):
        value, source = draw(st.sampled_from(SAID)), draw(st.sampled_from(sorted(RANKS)))
        whole, milliseconds = draw(st.booleans()), draw(st.integers(0, 2500))
        seconds = milliseconds // 1000 if whole else milliseconds / 1000
        more = {"whole_second": whole, "pinned": draw(st.booleans()), "sequence": draw(st.integers(0, 1))}
        more |= {"fills": draw(st.booleans()), "customer_id": draw(st.integers(1, 3))}
        found.append(word(number, value, source, seconds, **more))
    return found


def of(policy: str, **more: Any) -> Definition:
    return Definition("thing", policy=policy, **more)


def held(found: Weighed) -> Any:
    """What a reader gets: the set, or the one value."""
    if found.parts:
        return combined(part.value for part in found.parts)
    return None if found.best is None or found.best.is_clear else found.best.value


@pytest.mark.scenario("ID-84")
@given(words(), st.randoms(use_true_random=False), st.sampled_from(POLICIES), st.sampled_from(["flag", "take"]))
def test_any_order_of_arrival_gives_the_same_winner(said: list[Word], chance: Any, policy: str, reaction: str) -> None:
    shuffled, rule = list(said), of(policy, on_disagreement=reaction)
    chance.shuffle(shuffled)
    one, other = weigh(rule, said, LATER), weigh(rule, shuffled, LATER)
    assert (one.words, one.parts) == (other.words, other.parts)
    joined = {"joined": lambda a, b: LATER, "now": LATER}
    assert disputes(rule, one, **joined) == disputes(rule, other, **joined)  # type: ignore[arg-type]  # both at once


@given(words(), st.sampled_from(POLICIES))
def test_every_word_is_kept_and_none_twice(said: list[Word], policy: str) -> None:
    assert sorted(word.id for word in weigh(of(policy), said, LATER).words) == [word.id for word in said]


@given(words(), st.sampled_from(["verified_sticky", "newest", "source_order", "min", "max"]))
def test_what_a_person_has_pinned_holds_against_everything(said: list[Word], policy: str) -> None:
    pinned = [word for word in said if word.pinned and not word.fills]
    best = weigh(of(policy), said, LATER).best
    assert best is not None and (not pinned or best.pinned)


def test_the_best_source_holds_and_among_equals_the_newest() -> None:
    order = ["import", "bot", "otp", "site", "agent", "crm"]
    for better, lesser in zip(order[1:], order, strict=False):
        said = [word(1, "better", better, 0), word(2, "lesser", lesser, 60)]
        assert held(weigh(of("source_order"), said, LATER)) == "better", (better, lesser)
    assert held(weigh(of("source_order"), [word(1, "a", "crm"), word(2, "b", "crm", 1)], LATER)) == "b"


@pytest.mark.parametrize(("policy", "value"), [("min", "2026-01-01"), ("max", "2027-01-01")])
def test_the_extreme_holds_whoever_says_it_last(policy: str, value: str) -> None:
    said = [word(1, "2026-06-01", "crm", 9), word(2, "2027-01-01"), word(3, "2026-01-01", seconds=5), word(4, "soon")]
    assert held(weigh(of(policy), said, LATER)) == value


def test_an_extreme_begins_anew_after_a_clearing() -> None:
    said = [word(1, 1), word(2, None, seconds=1), word(3, 7, seconds=2), word(4, 9, seconds=3)]
    assert held(weigh(of("min"), said, LATER)) == 7
    assert held(weigh(of("min"), said[:2], LATER)) is None


def test_numbers_are_not_compared_as_texts() -> None:
    assert held(weigh(of("max"), [word(1, 9), word(2, 10)], LATER)) == 10


def test_a_set_is_what_all_say_since_it_was_emptied() -> None:
    said = [word(1, ["old"]), word(2, None, seconds=1), word(3, ["vip", "b2b"], seconds=2), word(4, "vip", "crm", 3)]
    assert held(weigh(of("union"), said, LATER)) == ["b2b", "vip"]


def test_a_set_that_a_person_wrote_replaces_what_was_and_grows_again() -> None:
    said = [word(1, ["a"]), word(2, ["b"], "agent", 1, pinned=True), word(3, ["c"], seconds=2)]
    assert held(weigh(of("union"), said, LATER)) == ["b", "c"]
    assert held(weigh(of("union"), [*said, word(4, None, seconds=3)], LATER)) == ["b"]


def test_a_word_that_only_fills_gives_way_to_anybody() -> None:
    profile = word(1, "~Ann~", "provider", 60, fills=True)
    assert held(weigh(of("newest"), [profile], LATER)) == "~Ann~"
    assert held(weigh(of("newest"), [profile, word(2, "Ann", "import")], LATER)) == "Ann"


def test_a_word_that_only_fills_comes_back_after_a_clearing_but_not_after_a_verified_one() -> None:
    profile = word(1, "~Ann~", "provider", 60, fills=True)
    assert held(weigh(of("verified_sticky"), [profile, word(2, None, "bot")], LATER)) == "~Ann~"
    assert held(weigh(of("verified_sticky"), [profile, word(2, None, "bot", 90)], LATER)) is None
    assert held(weigh(of("verified_sticky"), [profile, word(2, None, "agent_verified")], LATER)) is None


def test_to_take_the_newest_outweighs_a_verified_value_but_no_pinned_one() -> None:
    said = [word(1, "a", "site"), word(2, "b", seconds=1)]
    taking = of("verified_sticky", on_disagreement="take")
    assert (held(weigh(taking, said, LATER)), held(weigh(of("verified_sticky"), said, LATER))) == ("b", "a")
    assert held(weigh(taking, [word(3, "c", "agent", pinned=True), *said], LATER)) == "c"

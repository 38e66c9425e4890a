"""What must people settle when two become one, and does what they settled hold through every rebuild and split?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from common import clock
from common.ids import uuid7
from customers import attributes, conflicts, definitions
from customers.attribute_rules import BUILT_IN, Definition
from customers.models import Attribute, Conflict, Customer, Observation
from tests.customers.cast import NOON
from tests.customers.test_merging import join, person, undo

pytestmark = pytest.mark.django_db
DESK = {"crm": "site"}


def say(who: Customer, key: str, value: Any, source: str = "bot", at: datetime = NOON, **more: Any) -> None:
    attributes.observe(
        customer=who, key=key, value=value, source=source, occurred_at=at, source_event_id=str(uuid7()), **more
    )


def standing(kind: str = "") -> list[tuple[str, str]]:
    rows = Conflict.objects.open().order_by("subject", "kind")
    return [row for row in rows.values_list("kind", "subject") if not kind or row[0] == kind]


def shown(who: Customer, key: str) -> tuple[Any, bool]:
    row = Attribute.objects.get(root__members=who, key=key)
    return row.observation.value, row.has_conflict


@pytest.fixture
def two() -> tuple[Customer, Customer]:
    return person(1), person(2)


@pytest.mark.scenario("ID-89")
def test_custom_attributes_that_disagree_at_a_merge_are_kept_and_told(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    say(ann, "budget", 300), say(anna, "budget", 500, at=NOON + timedelta(hours=1))
    assert standing() == []
    join(ann, anna)
    assert Observation.objects.filter(key="budget").count() == 2
    assert (shown(ann, "budget"), standing()) == ((500, True), [("value_disagrees", "budget")])
    said = Conflict.objects.get()
    assert len(said.candidates) == 2 and said.customer == anna


@pytest.mark.scenario("ID-89")
def test_custom_attributes_that_agree_or_that_one_side_lacks_are_no_conflict(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    say(ann, "budget", 300), say(anna, "budget", 300, at=NOON + timedelta(hours=1)), say(anna, "vip", True)
    join(ann, anna)
    assert (shown(ann, "budget"), shown(ann, "vip"), standing()) == ((300, False), (True, False), [])


def test_what_one_had_said_before_is_history_and_no_conflict(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    say(ann, "budget", 300), say(ann, "budget", 500, at=NOON + timedelta(hours=1)), say(anna, "budget", 500)
    join(ann, anna)
    assert standing() == []


def test_a_split_closes_what_only_the_merge_had_opened(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    say(ann, "budget", 300), say(anna, "budget", 500)
    done = join(ann, anna)
    undo(done.link)
    assert (shown(ann, "budget"), shown(anna, "budget"), standing()) == ((300, False), (500, False), [])
    assert Conflict.objects.get().resolved_by == conflicts.SYSTEM


def test_a_new_word_on_the_one_person_is_news_and_no_conflict(two: tuple[Customer, Customer]) -> None:
    """Each channel keeps an origin of its own: what is said on another one later is an ordinary change."""
    ann, anna = two
    say(ann, "city", "Malmö")
    join(ann, anna)
    say(anna, "city", "Lund", at=clock.now())
    assert (shown(ann, "city"), standing()) == (("Lund", False), [])


def test_a_word_of_the_time_before_that_arrives_late_still_disagrees(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    say(ann, "city", "Malmö")
    join(ann, anna)
    say(anna, "city", "Lund", at=NOON + timedelta(hours=1))
    assert standing() == [("value_disagrees", "city")]


def test_two_verified_values_meet_at_a_merge(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    attributes.verify(customer=ann, key="name", value="Ann Lee", by="user:1")
    attributes.verify(customer=anna, key="name", value="Anna Li", by="user:2")
    join(ann, anna)
    assert (shown(ann, "name"), standing()) == (("Anna Li", True), [("two_verified", "name")])


def test_a_newer_verification_by_the_same_origin_is_no_conflict() -> None:
    ann = person(1)
    for name in ("Ann Lee", "Ann Smith"):
        attributes.verify(customer=ann, key="name", value=name, by="user:1")
    assert standing() == []


def test_a_name_of_a_profile_fills_and_never_disputes(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    say(ann, "name", "Ann Lee"), say(anna, "name", "~anna~", "provider:telegram", NOON + timedelta(days=1))
    join(ann, anna)
    assert (shown(ann, "name"), standing()) == (("Ann Lee", False), [])


@pytest.mark.scenario("ID-90")
def test_a_settled_conflict_holds_through_rebuild_and_split_with_its_origin(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    say(ann, "budget", 300), say(anna, "budget", 500)
    done = join(ann, anna)
    found = Conflict.objects.get()
    attributes.settle(conflict=found, value=400, by="user:7")
    Attribute.objects.all().delete()
    attributes.resolve(ann.pk, ["budget"])
    assert (shown(ann, "budget"), standing()) == ((400, False), [])
    undo(done.link)
    home, other = (ann, anna) if found.customer == ann else (anna, ann)
    assert (shown(home, "budget")[0], shown(other, "budget")[0]) == (400, 300 if other == ann else 500)
    assert standing() == []


@pytest.mark.scenario("ID-90")
def test_a_conflict_that_was_looked_at_is_not_opened_again(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    say(ann, "budget", 300), say(anna, "budget", 500)
    join(ann, anna)
    conflicts.close(conflict=Conflict.objects.get(), by="user:7", resolution="dismissed")
    attributes.resolve(ann.pk, ["budget"])
    assert (shown(ann, "budget")[1], standing()) == (False, [])


@pytest.mark.scenario("ID-87")
def test_a_merge_finds_a_verification_that_ran_out(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    long_ago = clock.now() - timedelta(days=3 * 365)
    say(ann, "name", "Ann Lee", "site", long_ago)
    join(ann, anna)
    say(anna, "name", "Ann Smith", at=clock.now())
    assert standing() == [("value_disagrees", "name:verification_expired")]


@pytest.mark.parametrize(("reaction", "holds"), [("keep", "a"), ("take", "b")])
def test_an_attribute_may_keep_or_take_without_a_word(reaction: str, holds: str) -> None:
    rule = Definition("grade", policy="verified_sticky", on_disagreement=reaction)
    definitions.assume({**BUILT_IN, "grade": rule})
    ann = person(1)
    say(ann, "grade", "a", "site"), say(ann, "grade", "b", at=NOON + timedelta(hours=1))
    assert (shown(ann, "grade"), standing()) == ((holds, False), [])


def test_repeating_what_disagrees_counts_and_opens_nothing_new(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    attributes.verify(customer=ann, key="name", value="Ann Lee", by="user:1")
    join(ann, anna)
    for minutes in (1, 2):
        say(anna if minutes == 1 else ann, "name", "Anne", at=clock.now() + timedelta(minutes=minutes))
    assert [(row.kind, row.count) for row in Conflict.objects.open()] == [("value_disagrees", 2)]


@pytest.mark.scenario("ID-84")
def test_a_rebuild_changes_nothing(two: tuple[Customer, Customer]) -> None:
    ann, anna = two
    for key, one, other in (
        ("name", "Ann", "Anna"),
        ("tags", ["a"], ["b"]),
        ("first_seen", "2026-01-01", "2025-01-01"),
    ):
        say(ann, key, one), say(anna, key, other, "crm:shop", NOON + timedelta(hours=1))
    join(ann, anna)
    columns = ("root_id", "key", "observation_id", "words", "has_conflict", "match_key")
    before, open_now = list(Attribute.objects.order_by("key").values_list(*columns)), standing()
    Attribute.objects.all().delete()
    for _ in range(2):
        attributes.resolve(ann.pk, ["name", "tags", "first_seen"])
    assert (list(Attribute.objects.order_by("key").values_list(*columns)), standing()) == (before, open_now)
    assert attributes.values(ann) == {"name": "Anna", "tags": ["a", "b"], "first_seen": "2025-01-01T00:00:00+00:00"}


def test_a_feed_can_be_ignored_for_one_attribute_and_taken_for_another() -> None:
    rules = {**BUILT_IN, "name": replace(BUILT_IN["name"], sync={"provider:whatsapp": "ignore", "crm": "fill_empty"})}
    definitions.assume(rules)
    ann = person(1)
    say(ann, "name", "~ann~", "provider:whatsapp"), say(ann, "city", "Malmö", "crm"), say(ann, "name", "A", "crm:shop")
    assert attributes.values(ann) == {"name": "A", "city": "Malmö"}
    say(ann, "name", "Ann")
    assert (
        attributes.values(ann)["name"] == "Ann" and Observation.objects.filter(source="provider:whatsapp").count() == 0
    )

"""Which value holds? The same one for every order of arrival; a verified one against a passing remark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from common import clock
from common.ids import uuid7
from customers import attributes
from customers.models import Attribute, Conflict, Customer, Observation

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


@pytest.fixture
def ann(db: None) -> Customer:
    return Customer.objects.create()


def say(
    who: Customer, key: str, value: Any, source: str = "bot", at: datetime = NOON, **more: Any
) -> Observation | None:
    more.setdefault("source_event_id", str(uuid7()))
    return attributes.observe(customer=who, key=key, value=value, source=source, occurred_at=at, **more)


def later(hours: float = 1) -> datetime:
    return NOON + timedelta(hours=hours)


def test_the_newest_value_holds_and_the_older_one_is_kept(ann: Customer) -> None:
    say(ann, "language", "pt")
    say(ann, "language", "en", at=later())
    assert attributes.values(ann) == {"language": "en"}
    assert Observation.objects.filter(customer=ann).count() == 2


def test_an_older_value_that_arrives_late_does_not_win(ann: Customer) -> None:
    say(ann, "language", "en", at=later())
    say(ann, "language", "pt")
    assert attributes.values(ann) == {"language": "en"}


def test_all_values_are_read_with_one_query(ann: Customer, django_assert_num_queries: Any) -> None:
    say(ann, "language", "pt"), say(ann, "budget", 300)
    with django_assert_num_queries(1):
        assert attributes.values(ann) == {"language": "pt", "budget": 300}


def test_an_event_that_is_repeated_is_recorded_once(ann: Customer) -> None:
    assert say(ann, "budget", 300, source_event_id="wamid.1") is not None
    assert say(ann, "budget", 300, source_event_id="wamid.1") is None
    assert Observation.objects.count() == 1


def test_an_observation_is_never_changed(ann: Customer) -> None:
    say(ann, "budget", 300)
    with pytest.raises(DatabaseError, match="origin of a fact"):
        Observation.objects.update(source="site")


def test_a_source_without_a_rank_is_refused(ann: Customer) -> None:
    with pytest.raises(attributes.UnknownSource):
        say(ann, "budget", 300, source="hearsay")


@pytest.mark.scenario("ID-83")
@pytest.mark.scenario("T-62")
def test_a_time_of_2099_is_clamped_and_the_next_value_wins(ann: Customer) -> None:
    first = say(ann, "language", "xx", at=datetime(2099, 1, 1, tzinfo=UTC))
    say(ann, "language", "pt", at=clock.now() + timedelta(seconds=1))
    assert first is not None
    assert (first.time_quality, attributes.values(ann)) == ("clamped", {"language": "pt"})
    assert Conflict.objects.get().kind == "clamped_time"


@pytest.mark.scenario("T-62")
def test_a_time_of_1970_counts_as_received(ann: Customer) -> None:
    row = say(ann, "language", "pt", at=datetime(1970, 1, 1, tzinfo=UTC))
    assert row is not None
    assert (row.time_quality, row.effective_at) == ("received", row.recorded_at)


@pytest.mark.scenario("ID-85")
def test_a_tie_within_a_second_gives_both_names_of_one_write(ann: Customer) -> None:
    for first, last, write in (("Ann", "Lee", uuid7()), ("Anna", "Li", uuid7())):
        for key, value in (("first_name", first), ("last_name", last)):
            say(ann, key, value, "provider:whatsapp", write_group=write, source_event_id=str(write))
    assert tuple(attributes.values(ann).values()) in (("Ann", "Lee"), ("Anna", "Li"))
    assert set(Conflict.objects.values_list("kind", flat=True)) == {"tie"}


@pytest.mark.scenario("ID-86")
def test_a_verified_name_is_kept_against_a_bot_and_one_conflict_counts(ann: Customer) -> None:
    attributes.verify(customer=ann, key="name", value="Ann Lee", by="user:1")
    for minutes in (1, 2):
        say(ann, "name", "Anne", at=clock.now() + timedelta(minutes=minutes))
    assert attributes.values(ann) == {"name": "Ann Lee"}
    assert list(Conflict.objects.open().values_list("kind", "subject", "count")) == [("value_disagrees", "name", 2)]
    assert Attribute.objects.get().has_conflict


def test_the_same_name_again_is_no_conflict(ann: Customer) -> None:
    attributes.verify(customer=ann, key="name", value="Ann Lee", by="user:1")
    say(ann, "name", "Ann Lee", at=clock.now() + timedelta(minutes=1))
    assert not Conflict.objects.exists()
    assert not Attribute.objects.get().has_conflict


def test_a_newer_verification_replaces_an_older_one(ann: Customer) -> None:
    attributes.verify(customer=ann, key="name", value="Ann Lee", by="user:1")
    attributes.verify(customer=ann, key="name", value="Ann Smith", by="user:2")
    assert attributes.values(ann) == {"name": "Ann Smith"}


@pytest.fixture
def three_years_on(ann: Customer) -> Iterator[None]:
    attributes.verify(customer=ann, key="name", value="Ann Lee", by="user:1")
    clock.shift_by(lambda: timedelta(days=3 * 365))
    yield
    clock.shift_by(timedelta)


@pytest.mark.scenario("ID-87")
def test_a_verification_that_ran_out_yields_to_a_newer_value_and_says_why(ann: Customer, three_years_on: None) -> None:
    say(ann, "name", "Ann Smith", at=clock.now())
    assert attributes.values(ann) == {"name": "Ann Smith"}
    assert Conflict.objects.get().subject == "name:verification_expired"
    assert Attribute.objects.get().has_conflict


@pytest.mark.scenario("ID-88")
def test_an_empty_cell_is_no_opinion_and_null_clears(ann: Customer) -> None:
    say(ann, "budget", "300")
    assert say(ann, "budget", "  ", "import", later()) is None
    assert attributes.values(ann) == {"budget": "300"}
    say(ann, "budget", None, at=later(2))
    assert attributes.values(ann) == {}


@pytest.mark.scenario("ID-90")
def test_a_settled_conflict_survives_a_rebuild(ann: Customer) -> None:
    attributes.verify(customer=ann, key="name", value="Ann Lee", by="user:1")
    say(ann, "name", "Anne", at=clock.now() + timedelta(minutes=1))
    attributes.settle(conflict=Conflict.objects.get(), value="Anne Lee", by="user:2")
    Attribute.objects.all().delete()
    attributes.resolve(ann, ["name"])
    assert (attributes.values(ann), Conflict.objects.open().count()) == ({"name": "Anne Lee"}, 0)


def test_after_a_merge_the_root_shows_the_facts_of_all_its_origins(ann: Customer) -> None:
    other = Customer.objects.create()
    say(other, "language", "pt"), say(ann, "budget", 300)
    Customer.objects.filter(pk=other.pk).update(root=ann)
    attributes.resolve(ann, ["language", "budget"])
    assert attributes.values(ann) == {"language": "pt", "budget": 300}


@pytest.mark.scenario("ID-84")
def test_shuffled_and_doubled_observations_give_the_same_attributes(db: None) -> None:
    said = [
        ("name", "Ann", "site", 0),
        ("name", "Anne", "bot", 2),
        ("language", "pt", "bot", 1),
        ("language", "en", "import", 3),
    ]
    shown = []
    for order in (said, said[::-1] * 2, said[2:] + said):
        who = Customer.objects.create()
        for key, value, source, hours in order:
            say(who, key, value, source, later(hours), source_event_id=f"{who.pk}:{key}:{value}")
        shown.append(attributes.values(who))
    assert shown == [{"name": "Ann", "language": "en"}] * 3

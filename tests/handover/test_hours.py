"""When is a team there? By the wall clock of its zone, over midnight, changes of clocks, and not on holidays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from handover import hours, presence
from handover.models import BusinessHours, Queue
from tests import factories

OFFICE = {"mon": ["09:00-12:00", "13:00-17:00"], "tue": ["09:00-17:00"]}
NIGHT = {"fri": ["22:00-06:00"]}


def team(weekly: dict[str, list[str]], *, zone: str = "Europe/Stockholm", holidays: tuple[str, ...] = ()) -> Queue:
    return Queue(hours=BusinessHours(title="Office", time_zone=zone, weekly=weekly, holidays=list(holidays)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-06-15 07:00", True),  # a Monday, 09:00 in Stockholm
        ("2026-06-15 06:59", False),
        ("2026-06-15 10:30", False),  # lunch
        ("2026-06-15 15:00", False),  # 17:00 is too late
        ("2026-06-17 10:00", False),  # a Wednesday
        ("2026-01-12 07:30", False),  # in winter 08:30
        ("2026-01-12 08:00", True),
    ],
)
def test_open_by_the_clock_on_the_wall(moment: str, is_open: bool) -> None:
    assert hours.is_open(team(OFFICE), at(moment)) is is_open


@pytest.mark.parametrize(
    ("after", "opens"),
    [
        ("2026-06-15 05:00", "2026-06-15 07:00"),
        ("2026-06-15 10:30", "2026-06-15 11:00"),
        ("2026-06-15 08:00", "2026-06-15 08:00"),
        ("2026-06-16 16:00", "2026-06-22 07:00"),
        ("2026-10-20 16:00", "2026-10-26 08:00"),  # the clocks change on the 25th
        ("2026-03-24 16:00", "2026-03-30 07:00"),  # and on the 29th
    ],
)
def test_the_next_opening(after: str, opens: str) -> None:
    assert hours.next_opening(team(OFFICE), at(after)) == at(opens)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    night = team(NIGHT, zone="UTC")
    assert [hours.is_open(night, at(f"2026-06-{day}")) for day in ("19 23:00", "20 05:59", "20 06:00", "18 23:00")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_a_holiday_is_closed() -> None:
    holiday = team(OFFICE, holidays=("2026-06-15",))
    assert not hours.is_open(holiday, at("2026-06-15 08:00"))
    assert hours.next_opening(holiday, at("2026-06-15 08:00")) == at("2026-06-16 07:00")


def test_who_is_never_there_has_no_next_opening() -> None:
    assert hours.next_opening(team({}), at("2026-06-15 08:00")) is None
    assert hours.next_opening(Queue(is_open=False), at("2026-06-15 08:00")) is None
    assert hours.next_opening(None, at("2026-06-15 08:00")) is None


def test_a_queue_without_hours_is_open_until_somebody_closes_it() -> None:
    assert hours.is_open(Queue(), at("2026-06-15 03:00"))


def test_all_day_ends_at_midnight() -> None:
    whole = team({"mon": ["00:00-24:00"]}, zone="UTC")
    assert hours.is_open(whole, at("2026-06-15 23:59")) and not hours.is_open(whole, at("2026-06-16 00:00"))


@pytest.mark.parametrize(
    ("weekly", "holidays", "zone"),
    [
        ({"monday": ["09:00-17:00"]}, [], "UTC"),
        ({"mon": "09:00-17:00"}, [], "UTC"),
        ({"mon": ["9-17"]}, [], "UTC"),
        ({"mon": ["09:00-25:00"]}, [], "UTC"),
        ({"mon": ["09:00"]}, [], "UTC"),
        ({}, ["24.12.2026"], "UTC"),
        ({}, [], "Middle/Earth"),
        ([], [], "UTC"),
        (0, [], "UTC"),
        (None, [], "UTC"),
        ({"mon": [["09:00-17:00"]]}, [], "UTC"),
        ({"mon": ["9" * 5000 + ":00-17:00"]}, [], "UTC"),
        ({}, 0, "UTC"),
        ({}, None, "UTC"),
        ({}, {"2026-12-24": True}, "UTC"),
        ({}, ["20261224"], "UTC"),
        ({}, [20261224], "UTC"),
        ({}, [], "Europe"),
        ({}, [], ""),
    ],
)
def test_hours_that_nobody_can_read_are_refused_and_count_as_none(weekly: Any, holidays: Any, zone: str) -> None:
    with pytest.raises(hours.Unclear):
        hours.check(weekly, holidays, zone)
    queue = Queue(hours=BusinessHours(title="Old", time_zone=zone, weekly=weekly, holidays=holidays))
    night = at("2026-06-15 03:00")
    assert hours.is_open(queue, night) and hours.next_opening(queue, night) == night
    assert hours.opening(queue, night) == ""
    assert hours.after(queue, night, timedelta(hours=1)) - night == timedelta(hours=1)
    assert hours.between(queue, night, night + timedelta(hours=1)) == timedelta(hours=1)


@pytest.mark.django_db
def test_the_back_office_keeps_good_hours_and_says_what_is_wrong_with_others(admin_client: Client) -> None:
    given = {"title": "Office", "time_zone": "UTC", "weekly": '{"mon": ["09:00"]}', "holidays": "[]"}
    refused = admin_client.post("/admin/handover/businesshours/add/", given)
    assert "written as 09:00-17:30" in refused.content.decode()
    for empty in ("", "{}", '{"mon": []}'):
        refused = admin_client.post("/admin/handover/businesshours/add/", given | {"weekly": empty})
        assert "A week without a shift is never open." in refused.content.decode()
    admin_client.post("/admin/handover/businesshours/add/", given | {"weekly": '{"mon": ["09:00-17:00"]}'})
    assert BusinessHours.objects.get().weekly == {"mon": ["09:00-17:00"]}


@pytest.mark.django_db
def test_a_closed_team_takes_no_handover() -> None:
    office = BusinessHours.objects.create(title="Never", weekly={})
    queue = factories.queue("sales", hours=office)
    factories.agent(queues=(queue,))
    assert not presence.is_staffed(queue)


@pytest.mark.scenario("HO-40")
@pytest.mark.parametrize(
    ("begins", "minutes", "due"),
    [
        ("2026-06-15 09:30", 60, "2026-06-15 11:30"),  # half an hour before lunch, half an hour after it
        ("2026-06-15 14:30", 60, "2026-06-16 07:30"),  # over the night
        ("2026-06-16 14:30", 60, "2026-06-22 07:30"),  # over the rest of the week
        ("2026-10-20 14:30", 60, "2026-10-26 08:30"),  # over the change of clocks
        ("2026-06-14 12:00", 30, "2026-06-15 07:30"),  # begun while nobody was there
    ],
)
def test_a_promise_counts_the_hours_in_which_the_team_is_there(begins: str, minutes: int, due: str) -> None:
    queue = team(OFFICE)
    assert hours.after(queue, at(begins), timedelta(minutes=minutes)) == at(due)
    assert hours.between(queue, at(begins), at(due)) == timedelta(minutes=minutes)


@pytest.mark.scenario("HO-40")
def test_a_night_shift_counts_over_midnight_and_over_the_lost_hour() -> None:
    night = team({"sat": ["22:00-06:00"]}, zone="Europe/Stockholm")
    # On 29 March 2026 the clocks go from 02:00 to 03:00: the shift of 28 March has seven hours.
    assert hours.between(night, at("2026-03-28 12:00"), at("2026-03-29 12:00")) == timedelta(hours=7)
    assert hours.after(night, at("2026-03-28 12:00"), timedelta(hours=6)) == at("2026-03-29 03:00")


@pytest.mark.scenario("HO-40")
@pytest.mark.parametrize(
    ("shift", "opens", "lasts"),
    [
        ("02:30-10:00", "01:00", 7 * 60),  # at 03:00 on the wall, not an hour after what is written
        ("00:00-02:30", "2026-03-28 23:00", 2 * 60),
        ("02:15-03:00", None, 0),
        ("02:30-02:45", None, 0),
        ("03:00-04:00", "01:00", 60),
    ],
)
def test_what_falls_into_the_hour_that_the_clocks_skip(shift: str, opens: str | None, lasts: int) -> None:
    early = team({"sun": [shift]}, zone="Europe/Stockholm")  # on 29 March 2026 there is no 02:00 to 03:00
    begin, end = at("2026-03-28 12:00"), at("2026-03-29 22:00")
    assert hours.between(early, begin, end) == timedelta(minutes=lasts)
    found = hours.next_opening(early, begin)
    is_that_day = found is not None and found < end
    assert (found if is_that_day else None) == (opens and at(opens if len(opens) > 5 else f"2026-03-29 {opens}"))
    if lasts:
        assert hours.after(early, begin, timedelta(minutes=lasts)) < end


@pytest.mark.scenario("HO-40")
def test_a_holiday_counts_nothing() -> None:
    queue = team(OFFICE, holidays=("2026-06-16",))
    assert hours.after(queue, at("2026-06-15 14:30"), timedelta(hours=1)) == at("2026-06-22 07:30")


def test_shifts_that_overlap_count_once() -> None:
    queue = team({"mon": ["09:00-12:00", "11:00-13:00"]}, zone="UTC")
    assert hours.between(queue, at("2026-06-15 00:00"), at("2026-06-16 00:00")) == timedelta(hours=4)


def test_a_team_without_hours_is_always_there() -> None:
    assert hours.after(Queue(), at("2026-06-15 00:00"), timedelta(hours=1)) == at("2026-06-15 01:00")
    assert hours.between(Queue(), at("2026-06-15 02:00"), at("2026-06-15 01:00")) == timedelta()

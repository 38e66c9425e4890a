"""Does each row of a file say what its author meant: numbers, names, types, times, marks of a spreadsheet?"""

from __future__ import annotations

from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import definitions, mapping_cells, phones
from customers.attribute_rules import Definition
from customers.mapping_cells import Column, Reading, Said
from customers.phones import Number

pytestmark = pytest.mark.django_db
COUNTRIES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def said(cell: str, target: str = "phone", trust: str = "mapping", **more: str) -> Said:
    columns = [Column("cell", target, trust), *(Column(name, name, "attribute") for name in more)]
    return Reading(columns).said([cell, *more.values()])


def slowly(raw: str) -> Any:
    """What the parser itself makes of it."""
    try:
        number = phonenumbers.parse(raw, None)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(
    country=st.sampled_from(COUNTRIES), national=st.from_regex(r"\A[0-9]{2,14}\Z"), gap=st.sampled_from(["", " ", "-"])
)
def test_a_number_that_is_taken_as_it_is_is_what_the_parser_gives(country: int, national: str, gap: str) -> None:
    raw = f"+{country}{gap}{national[:3]}{gap}{national[3:]}".rstrip(" -")
    found = phones._international(raw)
    assert found is None or found.e164 == slowly(raw)


@given(st.from_regex(r"\A\+[0-9 -]{1,18}\Z"))
def test_whatever_begins_with_a_plus_is_never_taken_for_another_number(raw: str) -> None:
    found = phones._international(raw)
    assert found is None or found.e164 == slowly(raw)


def test_most_numbers_do_not_need_the_parser() -> None:
    assert phones._international("+46 70 174 06 35") == Number("+46701740635")
    assert phones._international("+447911123456") == Number("+447911123456")
    assert phones._international("+4407911123456") is None  # the 0 is dialled at home only
    assert phones._international("+999123456789") is None


@pytest.mark.scenario("ID-9")
@pytest.mark.parametrize("cell", ["5.53199E+12", "5,53199e+12", "4.67E+10", "1E5"])
def test_a_number_that_a_spreadsheet_cut_is_refused_with_the_reason(cell: str) -> None:
    assert said(cell).refused == ["cell: spreadsheet_number"]


@pytest.mark.scenario("ID-6")
def test_leading_zeros_of_italy_and_old_numbers_of_ivory_coast_are_different_keys() -> None:
    keys = [said(cell).mapped[0].value for cell in ("+39 06 1234 5678", "+39 6 1234 5678", "+225 07123456")]
    assert keys == ["+390612345678", "+39612345678", "+22507123456"]


@pytest.mark.scenario("ID-88")
def test_an_empty_cell_is_no_opinion() -> None:
    row = said("+46701740635", name="  ", city="Lund")
    assert row.values == {"city": "Lund"}


@pytest.mark.parametrize(("cell", "value"), [("'+46701740635", "+46701740635"), ("'=cmd", "=cmd"), ("'Ann", "'Ann")])
def test_what_an_export_made_harmless_comes_back_as_it_was(cell: str, value: str) -> None:
    assert mapping_cells.plain_again(cell) == value


def test_a_value_is_read_by_the_type_of_its_attribute() -> None:
    definitions.assume({"seats": Definition("seats", "Seats", "number"), "vip": Definition("vip", "VIP", "boolean")})
    assert said("+46701740635", seats="12", vip="yes").values == {"seats": 12, "vip": True}
    assert said("+46701740635", seats="many").refused[0].startswith("seats: Seats takes a number")


@pytest.mark.parametrize("cell", ["x" * 2001, "x" * 1_000_000])
def test_a_huge_cell_is_refused_and_not_kept(cell: str) -> None:
    assert said("+46701740635", note=cell).refused == ["note: too_long"]
    assert said(cell).refused == ["cell: bad_characters"]


def test_a_row_longer_than_the_header_is_refused_and_a_shorter_one_is_not() -> None:
    columns = [Column("tel", "phone", "mapping"), Column("name", "name", "attribute")]
    assert Reading(columns).said(["+46701740635", "Ann", "Lund"]).refused == ["too_many_cells"]
    assert Reading(columns).said(["+46701740635"]).refused == []


@pytest.mark.parametrize(
    ("cell", "is_read"), [("2026-05-03", True), ("2026-05-03T12:00+02:00", True), ("3/5/26", False)]
)
def test_a_date_that_could_be_read_two_ways_is_refused(cell: str, is_read: bool) -> None:
    columns = [Column("tel", "phone", "mapping"), Column("at", "date", "attribute")]
    row = Reading(columns).said(["+46701740635", cell])
    assert (row.at is not None, row.refused == ["at: bad_date"]) == (is_read, not is_read)

"""Is each value read as its type, and refused by name where it is none?"""

from __future__ import annotations

import math
from typing import Any

import pytest

from customers.attribute_rules import BUILT_IN, TYPES, Definition, undefined
from customers.attribute_types import _READERS, Refused, read

COLOURS = ("Red", "Blue")


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "  Ann ", "Ann"),
        ("number", "12.50", 12.5),
        ("number", " 7 ", 7),
        ("number", 3.5, 3.5),
        ("boolean", "Yes", True),
        ("boolean", 0, False),
        ("boolean", True, True),
        ("date", "2026-05-03", "2026-05-03"),
        ("datetime", "2026-05-03T14:00:00+02:00", "2026-05-03T12:00:00+00:00"),
        ("datetime", "2026-05-03T12:00:00", "2026-05-03T12:00:00+00:00"),
        ("choice", "rED", "Red"),
        ("list", "vip; b2b, vip,", ["vip", "b2b"]),
        ("list", ["a", " b "], ["a", "b"]),
        ("email", " Ann@X.com ", "Ann@X.com"),
        ("phone", "+46 70 174 06 35", "+46701740635"),
        ("phone", "070-174 06 35", "070-174 06 35"),
        ("url", "https://example.com/a?b=1", "https://example.com/a?b=1"),
    ],
)
def test_a_value_is_kept_as_its_type(kind: str, given: Any, kept: Any) -> None:
    choices = COLOURS if kind == "choice" else ()
    assert read(Definition("thing", type=kind, choices=choices), given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", 5),
        ("text", "a\x00b"),
        ("text", "x" * 2001),
        ("number", "12,50"),
        ("number", "1e9"),
        ("number", True),
        ("number", float("nan")),
        ("boolean", "perhaps"),
        ("boolean", [1]),
        ("date", "03.05.2026"),
        ("date", "2026-02-30"),
        ("datetime", "tomorrow"),
        ("choice", "green"),
        ("choice", {"Red": 1}),
        ("list", 5),
        ("list", ["a", 5]),
        ("list", ["x" * 201]),
        ("list", [str(number) for number in range(101)]),
        ("email", "a@x,b@x"),
        ("phone", "+1 800 FLOWERS"),
        ("url", "javascript:alert(1)"),
        ("url", "https://"),
    ],
)
def test_what_is_no_such_value_is_refused_and_the_attribute_named(kind: str, given: Any) -> None:
    rule = Definition("thing", "The thing", type=kind, choices=COLOURS if kind == "choice" else ())
    with pytest.raises(Refused, match="The thing takes ") as refusal:
        read(rule, given)
    assert refusal.value.extra == {"attribute": "thing"}


def test_null_clears_and_what_nobody_defined_takes_anything() -> None:
    assert read(BUILT_IN["birth_date"], None) is None
    for value in (5, {"a": [1]}, "text", True):
        assert read(undefined("budget"), value) == value


@pytest.mark.parametrize(
    "given",
    [math.nan, -math.inf, 10**4000, 2**53 + 1, {"a": [math.inf]}, "a\x00b", {"\ud800": 1}, {1, 2}],
    ids=["nan", "infinity", "endless", "inexact", "nested", "nul", "half", "set"],
)
def test_what_no_reader_could_take_is_refused_whoever_says_it(given: Any) -> None:
    for rule in (undefined("budget"), Definition("seats", "Seats", "number")):
        with pytest.raises(Refused):
            read(rule, given)


def test_values_that_are_too_deep_are_refused_and_an_exact_integer_is_not() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    with pytest.raises(Refused):
        read(undefined("budget"), deep)
    assert read(undefined("budget"), -(2**53)) == -(2**53)


@pytest.mark.parametrize("key", ["", "__proto__", "k" * 101, "a\x00b", "<script>", "Ünïcode", "two words", "a\n"])
def test_a_name_that_is_none_is_refused_whoever_says_it(key: str) -> None:
    with pytest.raises(Refused, match="name"):
        read(undefined(key), "x")
    with pytest.raises(Refused, match="name"):
        read(undefined(key), None)


def test_members_of_a_list_may_be_a_choice() -> None:
    rule = Definition("colours", type="list", choices=COLOURS)
    assert read(rule, "red, BLUE") == ["Red", "Blue"]
    with pytest.raises(Refused):
        read(rule, "red, green")


def test_every_type_has_a_reader() -> None:
    assert set(_READERS) == set(TYPES)


def test_what_nobody_has_defined_has_a_limit_too() -> None:
    assert read(undefined("story"), "x" * 19_000)
    for much in ("x" * 30_000, ["x" * 1000] * 30):
        with pytest.raises(Refused, match="20000 characters"):
            read(undefined("story"), much)

"""Is what stands at a place of an answer found, and is everything else left alone?"""

from typing import Any

import pytest

from conversations.journeys import jsonpath

ANSWER = {"a": {"b": [{"c": 5}, [1, {"d-e": True}]], "none": None}, "list": list(range(5))}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.a.b[0].c", 5),
        ("$.a.b[1][1].d-e", True),
        ("$.list", [0, 1, 2, 3, 4]),
        ("$.list[4]", 4),
        ("$.a.none", None),
    ],
)
def test_names_and_positions_lead_to_a_value(path: str, value: Any) -> None:
    assert jsonpath.read(path, ANSWER) == value


@pytest.mark.parametrize("path", ["$.x", "$.a[0]", "$.list.a", "$.list[5]", "$.a.b[0].c.d", "$.a.none.x", "$[0]"])
def test_a_place_that_is_not_there_holds_nothing(path: str) -> None:
    assert jsonpath.read(path, ANSWER) is None


@pytest.mark.parametrize(
    "path", ["", "a.b", "$..b", "$.*", "$.a[*]", "$[-1]", "$['a']", "$.a[?(@.c)]", "$.a ", "$." * 99]
)
def test_what_searches_or_is_no_path_is_refused_and_reads_nothing(path: str) -> None:
    with pytest.raises(jsonpath.PathRefused):
        jsonpath.compile(path)
    assert jsonpath.read(path, ANSWER) is None


@pytest.mark.parametrize("data", ["text", 5, None, [], object(), {"$": 1}])
def test_any_kind_of_answer_can_be_read(data: Any) -> None:
    assert jsonpath.read("$.a[0].b", data) is None


def test_what_is_too_large_to_keep_is_not_read() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert jsonpath.read("$", deep) is None
    assert jsonpath.read("$", "x" * 8001) is None
    assert jsonpath.read("$", "x" * 7998) == "x" * 7998  # with its quotation marks 8,000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**19, {1, 2}, [float("nan")]])
def test_what_no_database_holds_is_nothing(value: Any) -> None:
    assert jsonpath.kept(value) is None


def test_halves_of_characters_and_nul_are_taken_out_and_the_rest_stays() -> None:
    assert jsonpath.kept({"a\x00": ["\ud800x", 10**19, 2.5, True, None]}) == {"a": ["?x", None, 2.5, True, None]}

"""Does a value that nobody expects break what computes with it, or what writes it?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import plain_json
from conversations.journeys import expressions, templates

WILD = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=20)
    | st.integers()
    | st.integers(min_value=0, max_value=6000).map(lambda zeros: -(10**zeros))
    | st.sampled_from([1e308, "9e999", "9" * 400, "²", "0001-01-01T00:00:00+14:00", "9999-12-31"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["label", "a"]), inner, max_size=2),
    max_leaves=6,
)


@given(
    value=WILD,
    name=st.sampled_from(sorted(templates._FILTERS)),
    argument=st.sampled_from(["", "€", "EUR", "²", "9"]),
    language=st.sampled_from(["", "es", "de", "xx"]),
)
def test_no_filter_ever_raises(value: Any, name: str, argument: str, language: str) -> None:
    text = "{{ vars.x|" + name + "('" + argument + "') }}"
    filled = templates.fill(text, {"vars": {"x": value}}, language=language)
    assert len(filled.text) <= templates.MAX_OUTPUT


@given(value=WILD)
def test_a_number_is_one_that_can_be_computed_with(value: Any) -> None:
    found = expressions.number(value)
    assert found is None or abs(float(found)) <= 1e15


@pytest.mark.parametrize("text", ["9e999", "-9e999", "vars.x < 9e999", "1" * 40])
def test_a_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(expressions.ExpressionRefused):
        expressions.compile(text)


@pytest.mark.parametrize(("digits", "is_taken"), [(30, True), (31, False), (400, False), (5000, False)])
def test_an_endless_integer_is_no_plain_json(digits: int, is_taken: bool) -> None:
    raw = b'{"a": [-' + b"1" * digits + b"]}"
    if is_taken:
        assert plain_json.read(raw) == {"a": [-int("1" * digits)]}
    else:
        with pytest.raises(ValueError, match="too large"):
            plain_json.read(raw)

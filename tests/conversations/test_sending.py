"""Does what a customer wrote stay in its place when it becomes part of a request?"""

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.journeys import sending
from conversations.journeys.effects import Request
from conversations.journeys.state import Context, RunState
from conversations.journeys.walk import Walk
from tests.conversations.playing import MORNING, loose

VERSION = loose({"id": "a", "type": "end"})
SEND = {"method": "post", "path": "/modems/{{ vars.x }}/check"}


def sent(send: dict[str, Any] = SEND, **values: Any) -> Request:
    walk = Walk(VERSION, RunState("r1", "a", vars=values), MORNING, Context())
    return sending.request(walk, "telco", send, "GET")


@pytest.mark.scenario("T-39")
@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("AB 12", "AB%2012"),
        ("a/b", "a%2Fb"),
        ("a?admin=1#x", "a%3Fadmin%3D1%23x"),
        ("me@evil.example", "me%40evil.example"),
        ("https://evil.example:80", "https%3A%2F%2Fevil.example%3A80"),
        ("%2e%2e%2f", "%252e%252e%252f"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("{{ vars.y }}", "%7B%7B%20vars.y%20%7D%7D"),
        (7.0, "7"),
        (True, "yes"),
    ],
)
def test_a_value_is_one_segment_of_the_path_whatever_it_holds(value: Any, segment: str) -> None:
    assert sent(x=value).path == f"/modems/{segment}/check"


@pytest.mark.scenario("T-39")
@pytest.mark.parametrize("value", ["..", "../../admin", ".", "a\\b", "a\r\nHost: evil", "\x00", "\ud800", "", None, {}])
def test_a_value_that_could_leave_its_segment_is_refused(value: Any) -> None:
    with pytest.raises(sending.RequestRefused) as refused:
        sent(x=value)
    assert not value or str(value) not in str(refused.value)


@pytest.mark.parametrize(
    "path", ["//evil.example", "/a/../b", "/a//b", "/u@b", "x", "/a?b=1", "/a#b", "/a\\b", "/./a", "/a b"]
)
def test_an_authored_path_that_is_no_plain_path_is_refused(path: str) -> None:
    with pytest.raises(sending.RequestRefused):
        sent({"path": path})


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_is_refused_or_comes_out_as_it_went_in(text: str) -> None:
    try:
        path = sent(x=text).path
    except sending.RequestRefused:
        return
    assert path.isascii() and path.count("/") == 3
    assert unquote(path.split("/")[2]) == text.replace("\x00", "")


def test_query_and_body_are_built_not_put_together() -> None:
    query = {"q": "{{ vars.x }}", "gone": "= vars.none", "n": 5, "on": True}
    body = {"name": "{{ vars.x }}", "list": ["= vars.n", "= now()", {"deep": "={{ vars.x }}"}], "null": None}
    request = sent({"path": "/a", "query": query, "body": body}, x='a&b="c"', n=3)
    assert request.query == {"q": 'a&b="c"', "n": "5", "on": "yes"}
    assert request.body == {"name": 'a&b="c"', "list": [3, "2026-11-20T08:00:00+00:00", {"deep": None}], "null": None}
    assert (request.method, request.connection) == ("GET", "telco")


def test_a_request_without_a_body_has_none() -> None:
    assert sent(x="1").body is None
    assert sent(x="1").method == "POST"

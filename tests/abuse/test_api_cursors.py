"""What does a list over the API do with a cursor that nobody gave out? It knows none such: 404, and never an error."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from tests.abuse.desk import Desk, begin_anew, endpoints

CRAFTED = [b64encode(raw).decode() for raw in (b"p=\x00", b"p=2026", b"p=%00", b"p=NaN", b"p=\xff", b"p=1e400")]


@pytest.fixture
def floor(db: None) -> Desk:
    return Desk()


def lists(floor: Desk, role: str) -> list[str]:
    """Every list behind a cursor that this role may read."""
    routes = [one for one in endpoints() if one.startswith("GET ") and not one.endswith("history/")]
    return [one for one in routes if _is_paged(floor.call(role, one))]


def _is_paged(answer: Any) -> bool:
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    body = answer.json() if answer.status_code == 200 and is_json else None
    return isinstance(body, dict) and {"next", "results"} <= body.keys()


@pytest.mark.scenario("T-43")
@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_a_crafted_cursor_is_none_of_ours(floor: Desk, role: str) -> None:
    paged = lists(floor, role)
    assert len(paged) > 5
    client, said = floor.client(role), {}
    for endpoint in paged:
        begin_anew()
        url = floor.address(endpoint.split()[1])
        said[endpoint] = {client.get(url, {"cursor": cursor}).status_code for cursor in CRAFTED}
    assert {one: codes for one, codes in said.items() if not codes <= {200, 404}} == {}
    assert all(404 in codes for codes in said.values())


def test_a_cursor_that_was_given_out_is_followed(floor: Desk) -> None:
    client = floor.client("agent")
    first = client.get(floor.address("conversations/"), {"page_size": 1}).json()
    assert first["next"] is None or client.get(first["next"]).status_code == 200

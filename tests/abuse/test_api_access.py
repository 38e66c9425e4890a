"""Who gets what from which endpoint? The matrix must name every endpoint of the URLconf."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from conversations.journeys import publishing
from tests.abuse import desk
from tests.abuse.desk import Desk
from tests.abuse.matrix import MATRIX
from tests.admin import office

ABSENT = UUID("01890000-0000-7000-8000-000000000000")
BODIES: dict[str, dict[str, Any]] = {
    "messages": {"text": "Hello"},
    "files": {"any": "bytes"},
    "notes": {"text": "A note"},
    "transfer": {"queue": "sales", "note": "For sales"},
    "draining": {"draining": True},
    "presence": {"status": "away"},
    "<str:login>": {"status": "away"},
    "escalate": {"reason": "urgent", "note": "For sales"},
    "tags": {"tags": []},
    "templates": {"template": str(ABSENT)},
    "attributes": {"size": "M"},
    "settle": {"value": "Maya"},
    "decide": {"choice": "allow"},
}


def body(endpoint: str) -> dict[str, Any]:
    method, route = endpoint.split()
    return {} if method == "GET" else BODIES.get(route.rstrip("/").rpartition("/")[2], {})


@pytest.fixture
def floor(db: None) -> Desk:
    publishing.publish(text=office.DRAFT.format(key="greet"))
    return Desk()


@pytest.mark.scenario("T-7")
def test_every_endpoint_has_its_row() -> None:
    assert set(desk.endpoints()) == set(MATRIX)


@pytest.mark.scenario("T-7")
@pytest.mark.scenario("T-21")
@pytest.mark.parametrize("endpoint", MATRIX)
def test_each_role_gets_what_it_may(floor: Desk, endpoint: str) -> None:
    """A customer's token and a deactivated login are nobody's; a login whose desk is gone is told that it may not."""
    got = [floor.call(role, endpoint, body(endpoint)).status_code for role in (*desk.ROLES, *desk.NOBODY)]
    unknown = MATRIX[endpoint][0]
    retired = unknown if endpoint in desk.FOR_ANYBODY else 403
    assert tuple(got) == (*MATRIX[endpoint], unknown, unknown, retired)


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("endpoint", [row for row in MATRIX if "public_id" in row])
def test_what_is_not_theirs_looks_like_what_is_not_there(floor: Desk, endpoint: str) -> None:
    foreign = floor.call("foreigner", endpoint, body(endpoint))
    absent = floor.call("foreigner", endpoint, body(endpoint), public_id=ABSENT)
    assert (foreign.status_code, foreign.json()) == (absent.status_code, absent.json())


@pytest.mark.scenario("T-8")
def test_a_session_of_another_conversation_is_no_session(floor: Desk) -> None:
    other = desk.make.waiting_in(floor.support).sessions.get()
    asked = {"text": "Hello", "session": str(other.public_id)}
    invented = {"text": "Hello", "session": str(ABSENT)}
    endpoint = "POST conversations/<uuid:public_id>/messages/"
    foreign, absent = (floor.call("agent", endpoint, given) for given in (asked, invented))
    assert (foreign.status_code, foreign.json()) == (400, absent.json())


@pytest.mark.scenario("T-8")
def test_the_customer_of_a_foreign_conversation_filters_nothing_out_of_it(floor: Desk) -> None:
    rows = floor.client("foreigner").get(f"/api/v1/conversations/?customer={floor.waiting.customer.public_id}").json()
    assert rows["results"] == []

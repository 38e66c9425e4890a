"""Who gets what from which endpoint? The matrix must name every endpoint of the URLconf."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from common import clock
from conversations.journeys import publishing
from conversations.models import Connection
from handover import engines
from handover.models import Queue
from tests.abuse import desk
from tests.abuse.desk import Desk
from tests.abuse.matrix import MATRIX, SERVERS
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
@pytest.mark.parametrize("role", SERVERS)
def test_another_system_gets_what_its_one_right_is_for(floor: Desk, role: str) -> None:
    others = {one: MATRIX[one][0] if one in desk.FOR_ANYBODY else 403 for one in MATRIX}
    got = {one: floor.call(role, one, body(one)).status_code for one in MATRIX}
    assert got == {**others, **SERVERS[role]}


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("endpoint", [one for one, status in SERVERS["engine"].items() if status == 404])
def test_an_engine_reads_what_an_engine_has_or_is_asked_about(floor: Desk, endpoint: str) -> None:
    absent = floor.call("engine", endpoint, public_id=ABSENT)
    assert floor.call("engine", endpoint).json() == absent.json()
    centre = Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
    now, told = clock.now(), {"conversation_id": floor.waiting.pk, "engine": centre}
    engines.tell(event_id="1", occurred_at=now, to="external", **told)
    assert floor.call("engine", endpoint).status_code == 200
    engines.tell(event_id="2", occurred_at=now + timedelta(seconds=1), to="agent", agent=floor.ana, **told)
    assert floor.call("engine", endpoint).status_code == 200
    asked = desk.make.waiting_in(floor.support)
    assert floor.call("engine", endpoint, public_id=asked.public_id).status_code == 404
    Queue.objects.filter(pk=floor.support.pk).update(strategy="external", connection=centre)
    assert floor.call("engine", endpoint, public_id=asked.public_id).status_code == 200


@pytest.mark.scenario("T-7")
def test_a_word_of_an_engine_that_changes_nothing_opens_nothing(floor: Desk) -> None:
    hers = desk.make.give(desk.make.waiting_in(floor.sales), floor.ana)
    centre = Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
    said = {"engine": centre.key, "event_id": "1", "occurred_at": clock.now().isoformat(), "to": "external"}
    place = {"public_id": hers.public_id}
    assert (
        floor.call("engine", "POST conversations/<uuid:public_id>/ownership/", said, **place).json()["result"]
        == "stale"
    )
    assert floor.call("engine", "GET conversations/<uuid:public_id>/", **place).status_code == 404


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

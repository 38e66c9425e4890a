"""Who gets what from which endpoint? The matrix must name every endpoint of the URLconf."""

from __future__ import annotations

from uuid import UUID

import pytest

from conversations.journeys import publishing
from tests.abuse import desk
from tests.abuse.desk import Desk
from tests.admin import office

ABSENT = UUID("01890000-0000-7000-8000-000000000000")
# The status for anonymous, staff without a right, clerk (customers' rights), an agent of another queue, the agent.
MATRIX = {
    "GET conversations/": (401, 403, 403, 200, 200),
    "GET conversations/<uuid:public_id>/": (401, 403, 403, 404, 200),
    "GET conversations/<uuid:public_id>/events/": (401, 403, 403, 404, 200),
    "GET conversations/<uuid:public_id>/messages/": (401, 403, 403, 404, 200),
    "POST conversations/<uuid:public_id>/messages/": (401, 403, 403, 404, 201),
    "POST conversations/<uuid:public_id>/files/": (401, 403, 403, 404, 201),
    "POST conversations/<uuid:public_id>/notes/": (401, 403, 403, 404, 201),
    "POST conversations/<uuid:public_id>/claim/": (401, 403, 403, 404, 200),
    "POST conversations/<uuid:public_id>/release/": (401, 403, 403, 404, 409),
    "POST conversations/<uuid:public_id>/close/": (401, 403, 403, 404, 409),
    "POST conversations/<uuid:public_id>/assign/": (401, 403, 403, 404, 400),
    "POST conversations/<uuid:public_id>/transfer/": (401, 403, 403, 404, 409),
    "POST conversations/<uuid:public_id>/escalate/": (401, 403, 403, 404, 200),
    "POST conversations/<uuid:public_id>/park/": (401, 403, 403, 404, 409),
    "POST conversations/<uuid:public_id>/unpark/": (401, 403, 403, 404, 409),
    "POST conversations/<uuid:public_id>/reopen/": (401, 403, 403, 404, 409),
    "POST conversations/<uuid:public_id>/take-over/": (401, 403, 403, 404, 403),
    "GET conversations/<uuid:public_id>/tags/": (401, 403, 403, 404, 200),
    "PUT conversations/<uuid:public_id>/tags/": (401, 403, 403, 404, 200),
    "POST conversations/<uuid:public_id>/wrap-up/": (401, 403, 403, 404, 409),
    "POST conversations/<uuid:public_id>/ownership/": (401, 403, 403, 403, 403),
    "GET customers/<uuid:public_id>/affinity/": (401, 403, 403, 403, 403),
    "PUT customers/<uuid:public_id>/affinity/": (401, 403, 403, 403, 403),
    "GET conversations/<uuid:public_id>/templates/": (401, 403, 403, 404, 200),
    "POST conversations/<uuid:public_id>/templates/": (401, 403, 403, 404, 409),
    "GET canned-replies/": (401, 403, 403, 200, 200),
    "POST canned-replies/": (401, 403, 403, 400, 400),
    "GET canned-replies/<uuid:public_id>/": (401, 403, 403, 404, 200),
    "PATCH canned-replies/<uuid:public_id>/": (401, 403, 403, 404, 403),
    "DELETE canned-replies/<uuid:public_id>/": (401, 403, 403, 404, 403),
    "GET views/": (401, 403, 403, 200, 200),
    "POST views/": (401, 403, 403, 400, 400),
    "GET views/<uuid:public_id>/": (401, 403, 403, 404, 200),
    "PATCH views/<uuid:public_id>/": (401, 403, 403, 404, 403),
    "DELETE views/<uuid:public_id>/": (401, 403, 403, 404, 403),
    "GET views/<uuid:public_id>/conversations/": (401, 403, 403, 404, 200),
    "GET macros/": (401, 403, 403, 200, 200),
    "POST macros/": (401, 403, 403, 400, 400),
    "GET macros/<uuid:public_id>/": (401, 403, 403, 404, 200),
    "PATCH macros/<uuid:public_id>/": (401, 403, 403, 404, 403),
    "DELETE macros/<uuid:public_id>/": (401, 403, 403, 404, 403),
    "GET customers/": (401, 403, 200, 403, 403),
    "GET customers/<uuid:public_id>/": (401, 403, 200, 403, 403),
    "GET customers/<uuid:public_id>/attributes/": (401, 403, 200, 403, 403),
    "PATCH customers/<uuid:public_id>/attributes/": (401, 403, 200, 403, 403),
    "GET customers/<uuid:public_id>/attributes/<str:key>/history/": (401, 403, 200, 403, 403),
    "POST customers/<uuid:public_id>/attributes/<str:key>/verify/": (401, 403, 404, 403, 403),
    "POST customers/<uuid:public_id>/primary/": (401, 403, 400, 403, 403),
    "POST customers/<uuid:public_id>/erase/": (401, 403, 403, 403, 403),
    "GET customers/<uuid:public_id>/erasure/": (401, 403, 403, 403, 403),
    "POST customers/<uuid:public_id>/export/": (401, 403, 403, 403, 403),
    "GET identity-events/": (401, 403, 200, 403, 403),
    "POST customers/identify/": (401, 403, 403, 403, 403),
    "GET customers/by/<str:value>/": (401, 403, 404, 403, 403),
    "GET customers/by/<str:namespace>/<str:value>/": (401, 403, 404, 403, 403),
    "GET customers/report/<str:namespace>/": (401, 403, 404, 403, 403),
    "GET links/": (401, 403, 200, 403, 403),
    "GET links/<uuid:public_id>/": (401, 403, 200, 403, 403),
    "POST links/preview/": (401, 403, 403, 403, 403),
    "POST links/merge/": (401, 403, 403, 403, 403),
    "POST links/preview-split/": (401, 403, 403, 403, 403),
    "POST links/split/": (401, 403, 403, 403, 403),
    "GET suggestions/": (401, 403, 200, 403, 403),
    "POST suggestions/": (401, 403, 403, 403, 403),
    "GET suggestions/<uuid:public_id>/": (401, 403, 200, 403, 403),
    "POST suggestions/<uuid:public_id>/accept/": (401, 403, 403, 403, 403),
    "POST suggestions/<uuid:public_id>/reject/": (401, 403, 403, 403, 403),
    "POST suggestions/<uuid:public_id>/snooze/": (401, 403, 200, 403, 403),
    "GET conflicts/": (401, 403, 200, 403, 403),
    "GET conflicts/<uuid:public_id>/": (401, 403, 200, 403, 403),
    "POST conflicts/<uuid:public_id>/settle/": (401, 403, 200, 403, 403),
    "POST conflicts/<uuid:public_id>/dismiss/": (401, 403, 200, 403, 403),
    "GET consents/": (401, 403, 403, 403, 403),
    "POST consents/": (401, 403, 403, 403, 403),
    "GET journeys/": (401, 200, 200, 403, 403),
    "GET journeys/<str:key>/": (401, 200, 200, 403, 403),
    "GET journeys/<str:key>/draft/": (401, 403, 403, 403, 403),
    "PUT journeys/<str:key>/draft/": (401, 403, 403, 403, 403),
    "POST journeys/<str:key>/lint/": (401, 403, 403, 403, 403),
    "POST journeys/<str:key>/publish/": (401, 403, 403, 403, 403),
    "GET journeys/<str:key>/versions/": (401, 403, 403, 403, 403),
    "GET journeys/<str:key>/versions/<int:number>/": (401, 403, 403, 403, 403),
    "GET journeys/<str:key>/graph/": (401, 403, 403, 403, 403),
    "GET journeys/<str:key>/translations/": (401, 403, 403, 403, 403),
    "GET journeys/<str:key>/translations/<str:language>/": (401, 403, 403, 403, 403),
    "PUT journeys/<str:key>/translations/<str:language>/": (401, 403, 403, 403, 403),
    "GET articles/": (401, 403, 403, 403, 403),
    "POST articles/": (401, 403, 403, 403, 403),
    "GET articles/search/": (401, 403, 403, 403, 403),
    "GET articles/<uuid:public_id>/": (401, 403, 403, 403, 403),
    "PUT articles/<uuid:public_id>/": (401, 403, 403, 403, 403),
    "PATCH articles/<uuid:public_id>/": (401, 403, 403, 403, 403),
    "DELETE articles/<uuid:public_id>/": (401, 403, 403, 403, 403),
    "POST articles/<uuid:public_id>/publish/": (401, 403, 403, 403, 403),
    "POST articles/<uuid:public_id>/withdraw/": (401, 403, 403, 403, 403),
    "POST customers/<uuid:public_id>/events/": (401, 403, 403, 403, 403),
    "POST customers/<uuid:public_id>/journeys/": (401, 403, 403, 403, 403),
    "POST tasks/<uuid:public_id>/events": (401, 401, 401, 401, 401),  # who signs, whoever they are
    "GET connections/": (401, 403, 403, 403, 403),
    "GET connections/<str:key>/": (401, 403, 403, 403, 403),
    "POST token/": (400, 400, 400, 400, 400),
    "POST token/refresh/": (400, 400, 400, 400, 400),
}
BODIES = {
    "messages": {"text": "Hello"},
    "files": {"any": "bytes"},
    "notes": {"text": "A note"},
    "transfer": {"queue": "sales", "note": "For sales"},
    "escalate": {"reason": "urgent", "note": "For sales"},
    "tags": {"tags": []},
    "templates": {"template": str(ABSENT)},
    "attributes": {"size": "M"},
    "settle": {"value": "Maya"},
}


def body(endpoint: str) -> dict[str, str]:
    return {} if endpoint.startswith("GET") else BODIES.get(endpoint.rstrip("/").rpartition("/")[2], {})


@pytest.fixture
def floor(db: None) -> Desk:
    publishing.publish(text=office.DRAFT.format(key="greet"))
    return Desk()


@pytest.mark.scenario("T-7")
def test_every_endpoint_has_its_row() -> None:
    assert set(desk.endpoints()) == set(MATRIX)


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("endpoint", MATRIX)
def test_each_role_gets_what_it_may(floor: Desk, endpoint: str) -> None:
    got = [floor.call(role, endpoint, body(endpoint)).status_code for role in desk.ROLES]
    assert tuple(got) == MATRIX[endpoint]


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

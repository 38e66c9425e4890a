"""What does the API do with input that nobody should send? It says 400, keeps its columns, and stands."""

from __future__ import annotations

from typing import Any

import pytest

from conversations.models import Conversation, ConversationEvent, Delivery, Message, Session
from customers.models import Customer, Identity
from tests.abuse.desk import Desk

TEXT = "POST conversations/<uuid:public_id>/messages/"
RAW = [
    b"", b"null", b"[]", b'"text"', b"{", b"\xff\xfe", b'{"text": NaN}', b'{"text": 1e400}', b'{"text": "\\ud800"}',
    b'{"text": "a\\u0000b"}', b'{"text": ["a"]}', b'{"text": {"a": 1}}', b'{"text": true}',
    b'{"text": "x", "seen_seq": 1e400}',
    b'{"text": "x", "seen_seq": -1}', b'{"text": "x", "seen_seq": 99999999999999999999999}',
    b'{"text": "x", "session": "\\u0000"}', b"[" * 100_000, b'{"a":' * 50_000,
]  # fmt: skip
VALUES = [b"NaN", b"1e400", b'"\\ud800"', b'"a\\u0000b"', b"[" * 5_000 + b"]" * 5_000, b'{"\\ud800": 1}']
COLUMNS = {
    "owner_kind": "bot", "owner_id": 1, "owner_epoch": 99, "state": "closed", "queue_id": 1, "customer": 1,
    "customer_id": 1, "is_staff": True, "is_superuser": True, "proof": "site", "consent": True, "role": "supervisor",
    "created_at": "1970-01-01T00:00:00Z", "opened_at": "1970-01-01T00:00:00Z", "author": "customer", "agent_id": 1,
    "agent_name": "Somebody", "id": 1, "pk": 1, "public_id": "01890000-0000-7000-8000-000000000000", "client_id": "x",
}  # fmt: skip


@pytest.fixture
def floor(db: None) -> Desk:
    return Desk()


def post(floor: Desk, raw: bytes, role: str = "agent", endpoint: str = TEXT) -> Any:
    method, route = endpoint.split()
    send = getattr(floor.client(role), method.lower())
    headers = {"Idempotency-Key": "raw"}
    return send(floor.address(route), raw, content_type="application/json", headers=headers)


@pytest.mark.scenario("T-43")
@pytest.mark.parametrize("raw", RAW, ids=lambda raw: repr(raw[:24]))
def test_a_body_of_another_kind_is_a_400(floor: Desk, raw: bytes) -> None:
    answer = post(floor, raw)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert not Message.objects.filter(author="agent").exists()


@pytest.mark.scenario("T-43")
@pytest.mark.parametrize("value", VALUES, ids=lambda raw: repr(raw[:24]))
def test_an_attribute_that_cannot_be_kept_is_a_400(floor: Desk, value: bytes) -> None:
    answer = post(floor, b'{"size": ' + value + b"}", "clerk", "PATCH customers/<uuid:public_id>/attributes/")
    assert answer.status_code == 400
    again = floor.client("clerk").get(floor.address("customers/<uuid:public_id>/"))
    assert again.status_code == 200


@pytest.mark.scenario("T-43")
def test_a_body_over_the_limit_is_refused(floor: Desk) -> None:
    assert post(floor, b'{"text": "' + b"x" * 1_100_000 + b'"}').status_code in (400, 413)


@pytest.mark.scenario("T-42")
def test_no_column_can_be_set_through_a_reply(floor: Desk) -> None:
    names = {
        field.attname
        for model in (Conversation, Message, Session, Delivery, ConversationEvent)
        for field in model._meta.concrete_fields
    }
    sent = {**dict.fromkeys(names, 1), **COLUMNS, "text": "Hello", "session": None, "seen_seq": None}
    answer = floor.call("agent", TEXT, sent)
    said, floor_now = Message.objects.get(author="agent"), Conversation.objects.get(pk=floor.waiting.pk)
    assert (answer.status_code, said.agent_name, said.agent_id) == (201, "Ana Sousa", floor.ana.pk)
    assert (floor_now.owner_kind, floor_now.owner_id, floor_now.state) == ("agent", floor.ana.pk, "open")
    assert floor_now.opened_at == floor.waiting.opened_at


@pytest.mark.scenario("T-42")
def test_no_column_of_a_customer_can_be_set_through_attributes(floor: Desk) -> None:
    before = columns(floor)
    floor.call("clerk", "PATCH customers/<uuid:public_id>/attributes/", COLUMNS)
    assert columns(floor) == before


def columns(floor: Desk) -> list[Any]:
    person = Customer.objects.values().get(pk=floor.waiting.customer_id)
    return [person, *Identity.objects.values("key", "proof", "proven_at", "routable", "customer", "valid_to")]


@pytest.mark.scenario("T-41")
@pytest.mark.parametrize("route", ["conversations/", "customers/", "journeys/"])
@pytest.mark.parametrize(
    "query", ["order_by=user__password", "filter[_connector]=OR", "owner__user__password=a", "_connector=OR", "x=1"]
)
def test_a_parameter_that_is_not_offered_is_a_400(floor: Desk, route: str, query: str) -> None:
    role = "agent" if route == "conversations/" else "clerk"
    answer = floor.client(role).get(f"/api/v1/{route}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.scenario("T-41")
@pytest.mark.parametrize("query", ["state='", "customer=1", "cursor=%00", "cursor=zzz", "page_size=-1", "channel=%00"])
def test_a_parameter_with_an_odd_value_is_no_500(floor: Desk, query: str) -> None:
    assert floor.client("agent").get(f"/api/v1/conversations/?{query}").status_code in (200, 400, 404)


@pytest.mark.scenario("T-41")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "agents/a%00/"), ("put", "agents/a%00/draining/"), ("get", "presence/a%00/"),
        ("put", "presence/a%00/"), ("get", "queues/a%00/"), ("get", "journeys/a%00/"), ("get", "customers/by/a%00/"),
        ("get", "journeys/a%00/draft/"), ("get", "customers/by/phone/a%00/"),
    ],
)  # fmt: skip
def test_an_odd_name_in_a_path_is_a_404(floor: Desk, method: str, path: str) -> None:
    answer = getattr(floor.client("admin"), method)(f"/api/v1/{path}", {}, format="json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


@pytest.mark.scenario("T-41")
@pytest.mark.parametrize("query", ["identifier=%00", "identifier='%20OR%201=1", "identifier=1&namespace=x&scope=%00"])
def test_an_odd_search_is_no_500(floor: Desk, query: str) -> None:
    assert floor.client("clerk").get(f"/api/v1/customers/?{query}").status_code in (200, 400)

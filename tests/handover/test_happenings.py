"""Something happens to a customer elsewhere: who waits for it goes on, what it triggers begins; never over a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from common import clock
from conversations.models import JourneyRun, Session
from handover import desk
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

PAYING = """
journey: paying
title: A payment
languages: [en]
triggers: [{keyword: [pay]}]
steps:
  - {id: later, type: wait, event: order.paid, max: 3d, on: {timeout: unpaid}}
  - {id: paid, type: ask, text: "It is paid. Anything else?", resume: We spoke of your payment.}
  - {id: bye, type: end, text: Goodbye.}
  - {id: unpaid, type: end, text: It was not paid.}
"""
SHIPPED = """
journey: shipped
title: On its way
languages: [en]
triggers: [{event: order.shipped}, {api: true}]
vars: {parcel: {type: text, default: a parcel}, days: {type: number, default: 1}}
steps:
  - {id: told, type: message, text: "{{ vars.parcel }} is on its way, {{ vars.days }} to go."}
  - {id: rating, type: ask, text: "How do you like it?", expect: {kind: number}, resume: We spoke of your parcel.}
  - {id: bye, type: end, text: Thank you.}
"""
STUBBORN = """
journey: stubborn
title: A form
languages: [en]
triggers: [{keyword: [form]}]
policy: {interruptible: false}
steps:
  - {id: age, type: ask, text: "How old are you?", expect: {kind: number}, resume: We were at your age.}
  - {id: bye, type: end, text: Noted.}
"""


@pytest.fixture
def maya(db: None) -> Person:
    cast.sales()
    cast.library()
    for text in (PAYING, SHIPPED, STUBBORN):
        cast.publish(text)
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.fixture
def server(db: None) -> APIClient:
    return client("assert_customer")


def client(*rights: str) -> APIClient:
    account = User.objects.create_user(f"server{User.objects.count()}")
    account.user_permissions.set(Permission.objects.filter(codename__in=rights))
    found = APIClient()
    found.force_authenticate(account)
    return found


def tell(by: APIClient, person: Person, name: str, key: str = "", **more: Any) -> Any:
    path = f"/api/v1/customers/{person.customer.public_id}/events/"
    return by.post(path, {"name": name, **more}, format="json", headers={"Idempotency-Key": key or str(uuid4())})


def start(by: APIClient, person: Person, journey: str, **values: Any) -> Any:
    path = f"/api/v1/customers/{person.customer.public_id}/journeys/"
    body = {"journey": journey, "values": values}
    return by.post(path, body, format="json", headers={"Idempotency-Key": str(uuid4())})


def test_who_waits_for_it_goes_on(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("pay")
    assert tell(server, maya, "order.lost").json()["woken"] == []
    answer = tell(server, maya, "order.paid")
    assert (answer.status_code, answer.json()["woken"][0]["journey"]) == (202, "paying")
    assert phone.news() == ["It is paid. Anything else?"]


def test_the_same_event_twice_counts_once(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("pay")
    first, second = (tell(server, maya, "order.paid", key="k-1") for _ in range(2))
    assert (first.json(), second.headers["Idempotent-Replay"]) == (second.json(), "true")
    assert phone.news() == ["It is paid. Anything else?"]


def test_what_happened_before_the_journey_began_is_not_waited_for(
    server: APIClient, maya: Person, phone: Endpoint
) -> None:
    earlier = clock.now() - timedelta(minutes=1)
    phone.says("pay")
    assert tell(server, maya, "order.paid", occurred_at=earlier.isoformat()).json()["woken"] == []
    assert phone.news() == []


def test_what_it_triggers_begins_with_what_it_declares(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("menu")
    phone.news()
    answer = tell(server, maya, "order.shipped", data={"parcel": "A chair", "days": "two", "secret": "x"})
    assert answer.json()["started"]["journey"] == "shipped"
    assert phone.news() == ["A chair is on its way, 1 to go.", "How do you like it?"]
    assert "secret" not in maya.run("shipped").vars


def test_an_open_question_is_set_aside_and_comes_back(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    tell(server, maya, "order.shipped")
    phone.news()
    assert "chair" in words(phone.says("5"))
    assert maya.run("order_chair").status == "waiting"


def test_a_journey_that_may_not_be_interrupted_is_not(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("form")
    assert tell(server, maya, "order.shipped").json()["reason"] == "busy"
    assert start(server, maya, "shipped").json()["code"] == "busy"
    assert phone.news() == []


def test_nothing_begins_while_a_person_speaks_and_what_was_waited_for_is_kept(
    server: APIClient, maya: Person, phone: Endpoint
) -> None:
    ana = cast.ana(factories.queue("sales"))
    phone.says("pay")
    conversation = cast.take_over(phone, ana)
    assert tell(server, maya, "order.shipped").json()["reason"] == "human_speaks"
    assert start(server, maya, "shipped").json()["code"] == "human_speaks"
    tell(server, maya, "order.paid")
    assert phone.news() == []
    desk.release(conversation_id=conversation.pk, agent=ana)
    assert phone.news() == ["It is paid. Anything else?"]


def test_nothing_begins_where_nobody_may_write_any_more(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("menu")
    Session.objects.update(window_expires_at=clock.now())
    assert tell(server, maya, "order.shipped").json()["reason"] == "unreachable"
    assert not JourneyRun.objects.filter(version__journey__key="shipped").exists()


def test_nothing_begins_where_they_asked_us_to_stop(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("menu")
    phone.says("STOP")
    assert start(server, maya, "shipped").json()["code"] == "unreachable"


def test_another_system_begins_a_journey_with_values(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("menu")
    phone.news()
    answer = start(server, maya, "shipped", parcel="A stool", days=3)
    assert (answer.status_code, answer.json()["channel"]) == (201, cast.WHATSAPP)
    assert phone.news()[0] == "A stool is on its way, 3 to go."


def test_restart_begins_again_with_what_was_given(server: APIClient, maya: Person, phone: Endpoint) -> None:
    phone.says("menu")
    start(server, maya, "shipped", parcel="A stool")
    phone.news()
    assert phone.says("restart")[0] == "A stool is on its way, 1 to go."


@pytest.mark.parametrize(
    ("journey", "values", "code"),
    [
        ("paying", {}, "not_startable"),
        ("nothing", {}, "not_startable"),
        ("shipped", {"colour": "red"}, "wrong_value"),
        ("shipped", {"days": "three"}, "wrong_value"),
        ("shipped", {"days": True}, "wrong_value"),
    ],
)
def test_what_cannot_be_started_is_refused(
    server: APIClient, maya: Person, phone: Endpoint, journey: str, values: dict[str, Any], code: str
) -> None:
    phone.says("menu")
    answer = start(server, maya, journey, **values)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("bad", [{"name": "Order Paid"}, {"name": ""}, {"name": "a", "data": [1]}, {}])
def test_an_event_without_a_good_name_is_refused(server: APIClient, maya: Person, bad: dict[str, Any]) -> None:
    path = f"/api/v1/customers/{maya.customer.public_id}/events/"
    assert server.post(path, bad, format="json", headers={"Idempotency-Key": "k"}).status_code == 400


def test_data_has_a_limit_and_a_key_is_needed(server: APIClient, maya: Person) -> None:
    assert tell(server, maya, "a", data={"text": "x" * 20_000}).status_code == 413
    assert server.post(f"/api/v1/customers/{maya.customer.public_id}/events/", {"name": "a"}).status_code == 400


def test_only_a_trusted_server_may_tell(maya: Person) -> None:
    assert tell(client("view_customer"), maya, "order.paid").status_code == 403
    assert start(client("view_customer"), maya, "shipped").status_code == 403
    assert tell(APIClient(), maya, "order.paid").status_code == 401

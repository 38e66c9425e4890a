"""Does the demo's journey get its answers from the pretended back end, over real HTTP and its own connection?"""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from channels_app.sandbox.backends import answering
from common import safe_http
from config.demo import backends
from conversations import connections
from conversations.journeys import callers, publishing
from conversations.models import Connection, JourneyRun
from tests.stories import cast


@pytest.fixture
def demo(transactional_db: None, settings: Settings, live_server: LiveServer) -> str:
    """The demo's connections on a running server; its address."""
    settings.SANDBOX, settings.PUBLIC_URL, settings.CONNECTION_PRIVATE_HOSTS = True, live_server.url, []
    backends.seed()
    return live_server.url


def ask(key: str, method: str, path: str, **more: Any) -> safe_http.Reply:
    found = Connection.objects.get(key=key)
    headers = {**found.headers, "Idempotency-Key": more.pop("once", path)}
    return safe_http.send(method, found.base_url, path, headers=headers, **more)


def test_a_journey_of_the_library_works_with_the_demo_shop(demo: str) -> None:
    cast.sales()
    publishing.load_library()
    maya = cast.maya()
    phone = maya.on_whatsapp()
    phone.says("return my order")
    phone.says("NC-1042")
    callers.call_due()
    assert "Lund armchair, green" in cast.words(phone.news())
    phone.taps("I do not like it")
    callers.call_due()
    assert "R-1042" in cast.words(phone.news())
    assert maya.run("returns").status == JourneyRun.Status.COMPLETED


def test_a_time_is_booked_once_and_the_same_question_gets_the_same_answer(demo: str) -> None:
    body = {"day": "2026-12-24", "time": "09:00"}
    first = ask("demo_shop", "POST", "/bookings", body=body, once="a")
    again = ask("demo_shop", "POST", "/bookings", body=body, once="a")
    other = ask("demo_shop", "POST", "/bookings", body=body, once="b")
    assert (first.status, again, other.status) == (201, first, 409)
    free = ask("demo_shop", "GET", "/slots", query={"day": "2026-12-24"}).data["free"]
    assert free == ["10:30", "13:00", "14:30"]


def test_it_knows_its_orders_modems_and_failures(demo: str) -> None:
    assert ask("demo_shop", "GET", "/orders/nc1041").data["state"] == "on its way"
    assert [ask("demo_shop", "GET", f"/orders/{number}").status for number in ("NC-7777", "NC-5000")] == [404, 500]
    assert ask("telco", "POST", "/modems/AB12CD34/check").data["eligible"] is True
    assert ask("telco", "POST", "/modems/AB12CD39/check").data["eligible"] is False
    assert ask("telco", "POST", "/modems/AB12CD30/check").status == 404


def test_both_are_well_and_nobody_gets_in_without_the_key(demo: str) -> None:
    for connection in Connection.objects.all():
        is_well, said = connections.test(connection=connection, actor="user:1")
        assert is_well, said
        assert safe_http.send("GET", connection.base_url, "/health").status == 401


def test_outside_of_the_sandbox_there_are_none_and_no_way_in(demo: str, settings: Settings) -> None:
    settings.SANDBOX = False
    with pytest.raises(safe_http.Refused):
        ask("demo_shop", "GET", "/health")
    settings.CONNECTION_PRIVATE_HOSTS = [demo.partition("//")[2]]
    assert ask("demo_shop", "GET", "/health").status == 404


def test_seeding_follows_the_address_and_leaves_alone_what_somebody_changed(demo: str, settings: Settings) -> None:
    shop = Connection.objects.get(key="demo_shop")
    assert shop.headers["Authorization"] == f"Bearer {answering.token('demo_shop')}"
    Connection.objects.filter(key="telco").update(base_url="https://telco.example")
    settings.PUBLIC_URL = "http://elsewhere.example"
    backends.seed()
    found = dict(Connection.objects.values_list("key", "base_url"))
    assert found == {"demo_shop": "http://elsewhere.example/sandbox/shop", "telco": "https://telco.example"}
    backends.purge()
    assert list(Connection.objects.values_list("key", flat=True)) == ["telco"]

"""Do headers, addresses and messages from outside change how we are wired? Host, next, broker, and what lies open."""

from __future__ import annotations

import pickle
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from kombu import Connection, Exchange, Queue

from config import celery
from handover.models import Agent
from tests import factories as make

EVIL = ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "https:evil.example", "//evil.example/%2e%2e", "http:///evil.example", "\thttps://evil.example"]  # fmt: skip
CLOSED = ["/metrics", "/.git/config", "/.env", "/flower/", "/healthz/deep", "/media/", "/static/../config/settings.py",
          "/__debug__/", "/server-status", "/api/v1/", "/files/", "/static/"]  # fmt: skip


@pytest.mark.scenario("T-55")
@pytest.mark.parametrize("path", ["/", "/admin/login/", "/inbox/login", "/api/v1/token/"])
def test_a_foreign_host_header_is_refused(client: Client, db: None, path: str) -> None:
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.scenario("T-55")
@pytest.mark.scenario("T-56")
def test_a_forwarded_host_is_not_believed(client: Client, db: None) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    answer = client.get("/inbox/", headers=forged)
    assert (answer.status_code, "evil" in answer.headers["Location"]) == (302, False)
    assert not answer.wsgi_request.is_secure()


@pytest.mark.scenario("T-57")
@pytest.mark.parametrize("target", EVIL)
@pytest.mark.parametrize("door", ["/admin/login/", "/inbox/login"])
def test_a_login_leads_to_no_other_site(client: Client, db: None, door: str, target: str) -> None:
    user = make.agent("Ana Sousa").user
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    answer = client.post(door, {"username": "ana", "password": make.PASSWORD, "next": target})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/") and "evil" not in answer.headers["Location"]


@pytest.mark.scenario("T-65")
@pytest.mark.parametrize("path", CLOSED)
def test_nothing_of_the_machinery_lies_open(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, b"Traceback" in answer.content, b"DEBUG" in answer.content) == (404, False, False)


@pytest.mark.scenario("T-65")
@pytest.mark.parametrize(
    "path",
    [
        "/sandbox/",
        "/sandbox/feed",
        "/sandbox/graph/v25.0/1",
        "/demo/shop/",
        "/demo/shop/token",
        "/api/schema/",
        "/api/docs/",
    ],
)
def test_outside_the_sandbox_its_screens_are_gone(client: Client, db: None, settings: Any, path: str) -> None:
    settings.SANDBOX = False
    assert client.get(path).status_code in (401, 404, 405)
    assert client.post(path).status_code in (401, 404, 405)


@pytest.mark.scenario("T-65")
@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_staff_read_the_schema_everywhere(client: Client, db: None, settings: Any, path: str) -> None:
    settings.SANDBOX = False
    ana = make.agent("Ana Sousa")
    client.force_login(ana.user)
    assert client.get(path).status_code == 200
    Agent.objects.filter(pk=ana.pk).update(is_active=False)
    assert client.get(path).status_code == 403


@pytest.mark.scenario("T-65")
@pytest.mark.parametrize("path", ["/admin/", "/admin/jsi18n/", "/admin/search/", "/admin/autocomplete/", "/inbox/"])
def test_back_office_and_desk_ask_for_a_login(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 302


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("door", ["/admin/login/", "/inbox/login"])
def test_another_site_cannot_log_somebody_in(db: None, door: str) -> None:
    make.agent("Ana Sousa")
    client = Client(enforce_csrf_checks=True)
    assert client.post(door, {"username": "ana", "password": make.PASSWORD}).status_code == 403


@pytest.mark.scenario("T-22")
def test_a_login_gives_a_session_of_its_own(client: Client, db: None) -> None:
    user = make.agent("Ana Sousa").user
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["throughline-session"] = before = session.session_key
    client.post("/inbox/login", {"username": "ana", "password": make.PASSWORD})
    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(user.pk)


class Bomb:
    """Says so when it is unpickled."""

    went_off = False

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return setattr, (Bomb, "went_off", True)


@pytest.mark.scenario("T-70")
def test_a_pickle_on_the_broker_is_refused() -> None:
    name, refused = f"test-{uuid4()}", []
    with Connection(celery.app.conf.broker_url) as connection:
        queue = Queue(name, Exchange(""), routing_key=name, auto_delete=True)
        producer = connection.Producer()
        producer.publish(
            pickle.dumps(Bomb()),
            routing_key=name,
            declare=[queue],
            content_type="application/x-python-serialize",
            content_encoding="binary",
        )
        consumer = celery.app.amqp.TaskConsumer(
            connection.channel(),
            queues=[queue],
            callbacks=[lambda body, message: message.ack()],
            on_decode_error=lambda message, error: (refused.append(type(error).__name__), message.ack()),
        )
        with consumer:
            connection.drain_events(timeout=5)
        queue(connection.channel()).delete()
    assert (refused, Bomb.went_off) == (["ContentDisallowed"], False)

"""Can an administrator connect another system without ever seeing its secret again, and nobody else at all?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import Settings

from config import roles
from conversations.journeys import breaker
from conversations.models import Connection
from customers.models import AuditEntry
from tests.admin import office
from tests.common.backends import Answer, Backend, said, serve

pytestmark = pytest.mark.django_db
SECRET = "canary-secret-0815"
FORM = {
    "key": "shop", "title": "Shop", "base_url": "https://shop.example/api", "methods": ["GET", "POST"], "ports": "443",
    "seconds": "10", "max_bytes": "262144", "per_minute": "120", "health_path": "/health", "cancel_path": "",
    "is_enabled": "on", "secret_headers": f"Authorization: Bearer {SECRET}",
}  # fmt: skip


def save(client: Client, connection: Connection | None = None, **changed: Any) -> Any:
    """The form as the browser posts it; the answer is a redirect, or the page with what is wrong."""
    view = ("change", connection.pk) if connection else ("add",)
    return client.post(office.page(Connection, *view), {**FORM, **changed}, follow=True)


def made(client: Client, **changed: Any) -> Connection:
    save(client, **changed)
    return Connection.objects.get()


def press(client: Client, connection: Connection, button: str) -> list[str]:
    """What the page says after the button and its dialog."""
    name = f"/admin/conversations/connection/{connection.pk}/{button}/"
    client.post(name, {"_form_submitted": "1"})
    page = client.get(office.page(Connection, "change", connection.pk))
    return [str(message) for message in page.context["messages"]]


@pytest.fixture
def shop(settings: Settings) -> Iterator[Backend]:
    with serve() as backend:
        settings.CONNECTION_PRIVATE_HOSTS = [backend.place]
        yield backend


@pytest.mark.scenario("T-37")
def test_the_secret_goes_in_and_never_comes_out(boss: Client) -> None:
    connection = made(boss)
    assert connection.headers == {"Authorization": f"Bearer {SECRET}"}
    pages = [boss.get(office.page(Connection, *view)) for view in (("changelist",), ("change", connection.pk))]
    assert all(SECRET not in page.content.decode() for page in pages)
    assert "stored: Authorization" in pages[1].content.decode()
    save(boss, connection, title="The shop", secret_headers="")
    connection.refresh_from_db()
    assert (connection.title, connection.headers) == ("The shop", {"Authorization": f"Bearer {SECRET}"})
    entries = list(AuditEntry.objects.filter(action="connection.secret"))
    assert len(entries) == 1 and SECRET not in str(entries[0].__dict__)


@pytest.mark.scenario("T-37")
def test_a_form_that_is_refused_does_not_send_the_secret_back(boss: Client) -> None:
    page = save(boss, base_url="http://shop.example").content.decode()
    assert "Only https is allowed" in page
    assert SECRET not in page


def test_a_new_connection_begins_with_what_is_usual(boss: Client) -> None:
    form = boss.get(office.page(Connection, "add")).context["adminform"].form
    assert [form[name].value() for name in ("methods", "ports", "seconds")] == [["GET", "POST"], "443", 10]


@pytest.mark.scenario("T-37")
def test_another_host_is_not_sent_the_secret_of_the_first(boss: Client) -> None:
    connection = made(boss)
    answer = save(boss, connection, base_url="https://evil.example", secret_headers="")
    assert "Another host" in answer.content.decode()
    connection.refresh_from_db()
    assert connection.base_url == FORM["base_url"]
    save(boss, connection, base_url="https://other.example", secret_headers="", drop_headers="on")
    connection.refresh_from_db()
    assert (connection.base_url, connection.headers) == ("https://other.example", {})


@pytest.mark.scenario("J-31")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "http://shop.example"), ("base_url", "https://a@shop.example"), ("base_url", "file:///etc/passwd"),
        ("base_url", "https://shop.example:6379"), ("base_url", "https://shop.example/?a=1"), ("ports", "22"),
        ("ports", "99999"), ("ports", "x"), ("ports", "44²"), ("ports", "٤٤٣"), ("seconds", "60"),
        ("max_bytes", "10000000"), ("health_path", "//evil"),
        ("health_path", "/../x"), ("key", "Shop!"), ("methods", ["TRACE"]), ("secret_headers", "Host: evil.example"),
        ("secret_headers", "Authorization: ü"), ("secret_headers", "no colon"), ("secret_headers", "A B: c"),
    ],
)  # fmt: skip
def test_what_the_client_would_refuse_cannot_be_saved(boss: Client, field: str, value: Any) -> None:
    assert "errors" in save(boss, **{field: value}).context
    assert not Connection.objects.exists()


@pytest.mark.scenario("J-31")
@pytest.mark.parametrize("host", ["10.0.0.7", "127.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.7]", "0x7f000001"])
def test_the_form_says_that_an_address_inside_is_not_called(boss: Client, settings: Settings, host: str) -> None:
    settings.CONNECTION_PRIVATE_HOSTS = []
    page = save(boss, base_url=f"https://{host}")
    assert "would not be called" in page.content.decode() and not Connection.objects.exists()
    settings.CONNECTION_PRIVATE_HOSTS = [host.strip("[]")]
    assert "errors" not in (save(boss, base_url=f"https://{host}").context or {})


@pytest.mark.scenario("J-31")
def test_no_form_lets_a_connection_inside(boss: Client, settings: Settings) -> None:
    settings.CONNECTION_PRIVATE_HOSTS = []
    with serve() as inside:
        connection = made(boss, base_url=f"https://localhost:{inside.server_port}", ports=str(inside.server_port))
        (told,) = press(boss, connection, "test")
        assert told.startswith("It was not called. This address is not public.")
        assert inside.got == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (said({}), "It is well: status 200"),
        (said({}, 401), "It answered, but refused: status 401"),
        (Answer(body=b"<h1>"), "It answered, but not with JSON."),
        (Answer(302, headers={"Location": "/x"}), "It was not called. It leads elsewhere"),
    ],
)
def test_the_test_says_in_words_what_came_of_it(boss: Client, shop: Backend, answer: Answer, told: str) -> None:
    connection = made(boss, base_url=shop.url)
    shop.usual = answer
    assert press(boss, connection, "test")[0].startswith(told)
    (got,) = shop.got
    assert (got.method, got.path, got.headers["authorization"]) == ("GET", "/health", f"Bearer {SECRET}")
    assert told.split(" (")[0] in boss.get(office.page(Connection, "changelist")).content.decode()


def test_the_breaker_is_seen_and_closed(boss: Client) -> None:
    connection = made(boss)
    for _ in range(breaker.FAILURES):
        breaker.note(connection.pk, is_failure=True, is_probe=False)
    page = office.page(Connection, "change", connection.pk)
    assert "open: nothing is called" in boss.get(page).content.decode()
    press(boss, connection, "close-breaker")
    assert breaker.place(connection) == "closed"
    assert "closed: calls go" in boss.get(page).content.decode()


def test_it_is_switched_off_and_on(boss: Client) -> None:
    connection = made(boss)
    assert press(boss, connection, "switch") == ["It is off now."]
    connection.refresh_from_db()
    assert not connection.is_enabled
    assert press(boss, connection, "switch") == ["It is on now."]


@pytest.mark.parametrize(("role", "status"), [("Agents", 403), ("Supervisors", 403), ("Administrators", 200)])
def test_only_administrators_see_connections_and_requests(client: Client, role: str, status: int) -> None:
    roles.seed()
    office.fill(1)
    user = get_user_model().objects.create_user("someone", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    connection = Connection.objects.get()
    urls = ["/admin/conversations/connection/", f"/admin/conversations/connection/{connection.pk}/change/"]
    urls += ["/admin/conversations/webrequest/"]
    assert [client.get(url).status_code for url in urls] == [status] * 3
    before = breaker.place(connection)
    client.post(f"/admin/conversations/connection/{connection.pk}/switch/", {"_form_submitted": "1"})
    connection.refresh_from_db()
    assert (connection.is_enabled, before) == (status == 403, "closed")

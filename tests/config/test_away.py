"""What does a page say while the database or Redis cannot be reached? That we are back in a moment, and asks again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.db import connections
from django.test import Client

pytestmark = pytest.mark.django_db
REFRESHES = b'<meta http-equiv="refresh" content="5">'


def refused(*_: Any) -> None:
    """Nothing listens there."""
    line = connections.create_connection("default")
    line.settings_dict = {**line.settings_dict, "HOST": "127.0.0.1", "PORT": "1"}
    line.ensure_connection()


def run(statement: str) -> None:
    """On a line of its own."""
    line = connections.create_connection("default")
    try:
        with line.cursor() as cursor:
            cursor.execute(statement)
    finally:
        line.close()


def ended(*_: Any) -> None:
    """The server was told to stop."""
    run("SELECT pg_terminate_backend(pg_backend_pid())")


def without_redis(*_: Any) -> None:
    redis.Redis(port=1).ping()


def as_a_cause(*_: Any) -> None:
    try:
        refused()
    except Exception as error:
        raise RuntimeError("could not be told") from error


def too_long(*_: Any) -> None:
    """The database is there, and takes its time."""
    run("SET statement_timeout = 1; SELECT pg_sleep(1)")


def ours(*_: Any) -> None:
    raise ValueError("a fault of ours")


OUTAGES = [refused, ended, without_redis, as_a_cause]


@pytest.fixture
def away(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., None]], Client]:
    """A browser whose every page, and every answer of the API, meets this."""

    def begin(fails: Callable[..., None]) -> Client:
        monkeypatch.setattr("handover.inbox.staff.at_desk", fails)
        monkeypatch.setattr("rest_framework.views.APIView.perform_authentication", fails)
        return Client(raise_request_exception=False)

    return begin


Away = Callable[[Callable[..., None]], Client]


@pytest.mark.scenario("T-P15")
@pytest.mark.parametrize("fails", OUTAGES)
def test_a_page_says_that_it_is_short_and_asks_again_by_itself(away: Away, fails: Callable[..., None]) -> None:
    page = away(fails).get("/inbox/mine/", headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page.headers["Retry-After"], page.headers["Cache-Control"]) == (503, "5", "no-store")
    assert b"We are back in a moment." in page.content and REFRESHES in page.content
    assert b"<script" not in page.content and "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_it_speaks_the_language_of_the_browser(away: Away) -> None:
    page = away(refused).get("/inbox/mine/", headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert '<html lang="es"' in page.content.decode() and "Volvemos en un momento." in page.content.decode()


def test_who_has_sent_a_form_is_told_to_look_and_nothing_is_asked_again(away: Away) -> None:
    page = away(refused).post("/inbox/keys", {"keys": "off"})
    assert page.status_code == 503 and b"may not have arrived" in page.content and REFRESHES not in page.content


@pytest.mark.parametrize("fails", OUTAGES)
def test_a_script_and_a_program_are_told_with_a_code(away: Away, fails: Callable[..., None]) -> None:
    client = away(fails)
    for path in ("/inbox/counts", "/api/v1/conversations/"):
        answer = client.get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert (answer.json()["code"], answer.json()["title"]) == ("unavailable", "We are back in a moment.")


@pytest.mark.parametrize("fails", [ours, too_long])
def test_another_fault_stays_one_of_ours(away: Away, fails: Callable[..., None]) -> None:
    client = away(fails)
    page = client.get("/inbox/mine/")
    assert page.status_code == 500 and REFRESHES not in page.content and "Retry-After" not in page.headers
    assert client.get("/api/v1/conversations/").json()["code"] == "server_error"

"""What does a request hear whose token is not ours, and how does the page of a login before get one of now?"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests import factories as make

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def ana(db: None) -> User:
    return make.agent("Ana Sousa").user


@pytest.fixture
def client(ana: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    return client


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {"X-Inbox-Pane": "dialog"}, {"Accept": "*/*"}])
def test_a_script_hears_a_problem_with_its_own_code(client: Client, headers: dict[str, str]) -> None:
    answer = client.post("/inbox/status", {"status": "away"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize(("door", "back"), [("/inbox/status", "/inbox/"), ("/admin/login/", "/")])
def test_a_form_is_answered_with_a_page_of_ours(client: Client, door: str, back: str) -> None:
    answer = client.post(door, headers={**PAGE, "Accept-Language": "es"})
    assert answer.status_code == 403
    assert "No se ha hecho nada" in answer.content.decode()
    assert f'<a href="{back}">' in answer.content.decode()


def test_the_page_of_a_login_before_goes_on_with_the_token_of_now(client: Client, ana: User) -> None:
    old = client.get("/inbox/token").json()
    client.force_login(ana)
    client.cookies.pop("throughline-csrf")
    away = {"status": "away"}
    assert client.post("/inbox/status", away, headers={"X-CSRFToken": old["csrf"]}).status_code == 403
    new = client.get("/inbox/token")
    assert (new.json()["me"], new.json()["name"]) == (old["me"], "Ana Sousa")
    assert "no-store" in new.headers["Cache-Control"]
    assert client.post("/inbox/status", away, headers={"X-CSRFToken": new.json()["csrf"]}).status_code == 302


def test_who_has_logged_in_since_is_not_taken_for_the_one_before(client: Client) -> None:
    old = client.get("/inbox/token").json()["me"]
    client.force_login(make.agent("Ben Okafor").user)
    assert client.get("/inbox/token").json()["me"] != old

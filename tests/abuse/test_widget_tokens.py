"""Can one kind of token pass for another, or leave a trace where it must not?"""

from __future__ import annotations

import logging

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from channels_app.models import Channel, Visit
from tests.channels_app import storefront
from tests.channels_app.storefront import Browser, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Channel:
    return storefront.open_shop()


@pytest.mark.scenario("T-19")
def test_a_customers_login_opens_nothing_of_the_staff(shop: Channel) -> None:
    token = Browser().visit(jwt=login())["token"]
    for found in (token, login(), login(sub="1", token_type="access", aud="throughline-staff", iss="throughline")):
        answer = Client().get("/api/v1/customers/", headers={"Authorization": f"Bearer {found}"})
        assert answer.status_code == 401


@pytest.mark.scenario("T-19")
def test_a_staff_token_opens_no_visit(shop: Channel) -> None:
    chief = get_user_model().objects.create_superuser("chief", password="a long enough password")
    for token in (AccessToken.for_user(chief), RefreshToken.for_user(chief)):
        answer = Browser().post("visit", {"jwt": str(token)})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_key")
        assert Browser(token=str(token)).say("hi").status_code == 401


@pytest.mark.scenario("T-17")
@pytest.mark.parametrize("jwt", ["", "null", "e30.e30.", "Bearer x", "x" * 20_000])
def test_an_empty_or_random_proof_leaves_an_anonymous_visitor(shop: Channel, jwt: str) -> None:
    browser = Browser()
    browser.visit()
    answer = browser.post("identify", {"jwt": jwt})
    assert answer.status_code == 401
    assert not browser.visit()["signed_in"] and Visit.objects.count() == 1


@pytest.mark.scenario("T-16")
def test_no_token_is_written_to_the_logs(shop: Channel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser, forged = Browser(), login(aud="web-other")
    browser.visit(jwt=login())
    browser.post("identify", {"jwt": forged})
    Browser(token=browser.token, origin="https://evil.example").say("hi")
    assert browser.token not in caplog.text and forged not in caplog.text


@pytest.mark.scenario("T-53", "T-54")
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://shop.example", "https://shop.example.evil.example"]
)
def test_another_origin_gets_no_answer_and_no_permission(shop: Channel, origin: str) -> None:
    answer = Browser(origin).post("visit")
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")
    assert "Access-Control-Allow-Origin" not in answer and not Visit.objects.exists()


@pytest.mark.scenario("T-53")
def test_a_get_changes_nothing(shop: Channel) -> None:
    for path in ("visit", "identify", "logout", "messages", "attributes"):
        assert Browser().get(path).status_code == 405
    assert not Visit.objects.exists()


@pytest.mark.scenario("T-53")
def test_logging_in_at_the_demo_shop_needs_its_own_form() -> None:
    answer = Client(enforce_csrf_checks=True).post("/demo/shop/login", {"user": "maya"})
    assert answer.status_code == 403


def test_the_demo_shop_is_not_there_outside_the_sandbox(settings: object) -> None:
    settings.SANDBOX = False  # type: ignore[attr-defined]  # the fixture's wrapper takes any setting
    assert {Client().get(f"/demo/shop/{page}").status_code for page in ("", "token")} == {404}
    assert Client().post("/demo/shop/login").status_code == 404


def test_the_demo_shop_signs_only_for_who_is_logged_in(shop: Channel) -> None:
    page = Client()
    assert page.get("/demo/shop/token").json() == {"jwt": ""}
    page.post("/demo/shop/login", {"user": "maya"})
    found = Browser().visit(jwt=page.get("/demo/shop/token").json()["jwt"])
    assert found["signed_in"]
    page.post("/demo/shop/login", {"user": ""})
    assert page.get("/demo/shop/token").json() == {"jwt": ""}

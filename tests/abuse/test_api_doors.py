"""Do the doors of staff open for the wrong key? Customers' tokens, dead accounts, forged headers, other sites."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from rest_framework.request import Request
from rest_framework.test import APIClient

from channels_app.models import Channel, WidgetKey
from config.throttling import Scoped, Shared, client
from config.tokens import TokenView
from tests import factories as make
from tests.abuse.desk import Desk, begin_anew

LIST = "/api/v1/conversations/"
WIDGET_SECRET = "a-widget-secret-of-more-than-32-characters"


@pytest.fixture
def floor(db: None) -> Desk:
    return Desk()


def bearer(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def login(name: str = "ana") -> dict[str, str]:
    answer = APIClient().post("/api/v1/token/", {"username": name, "password": make.PASSWORD})
    assert answer.status_code == 200
    return dict(answer.json())


def customers_token(**claims: Any) -> str:
    now = int(time.time())
    given = {"sub": "maya-4711", "aud": "web-shop", "iss": "https://shop.example", "iat": now, "exp": now + 300}
    return jwt.encode({**given, **claims}, WIDGET_SECRET, "HS256", headers={"kid": "shop-1"})


def test_an_agents_token_opens_the_api(floor: Desk) -> None:
    assert bearer(login()["access"]).get(LIST).status_code == 200


@pytest.mark.scenario("T-19")
def test_a_customers_token_does_not(floor: Desk) -> None:
    staff_like = {
        "aud": "throughline-staff",
        "iss": "throughline",
        "token_type": "access",
        "user_id": floor.ana.user_id,
    }
    for token in (customers_token(), customers_token(**staff_like, jti="1")):
        assert bearer(token).get(LIST).status_code == 401


@pytest.mark.scenario("T-19")
def test_a_token_signed_with_the_secret_of_sessions_does_not(floor: Desk) -> None:
    real = jwt.decode(login()["access"], options={"verify_signature": False})
    assert bearer(jwt.encode(real, settings.SECRET_KEY, "HS256")).get(LIST).status_code == 401


@pytest.mark.scenario("T-19")
def test_a_token_of_staff_is_no_customers_login(floor: Desk) -> None:
    shop = Channel.objects.create(key="web-shop", kind="web", title="Shop", config={"issuer": "https://shop.example"})
    WidgetKey.objects.create(channel=shop, kid="shop-1", secret=WIDGET_SECRET)
    given = {"jwt": login()["access"]}
    answer = Client().post("/widget/web-shop/visit", given, content_type="application/json")
    assert (answer.status_code, answer.json()["code"][:6]) == (401, "token_")


@pytest.mark.scenario("T-19")
def test_a_visits_token_opens_no_door_of_staff(floor: Desk) -> None:
    Channel.objects.create(key="web-shop", kind="web", title="Shop")
    visit = Client().post("/widget/web-shop/visit", {}, content_type="application/json").json()
    assert bearer(visit["token"]).get(LIST).status_code == 401


@pytest.mark.scenario("T-21")
def test_a_disabled_account_loses_every_credential_at_once(floor: Desk) -> None:
    pair, session = login(), floor.client("agent")
    assert (session.get(LIST).status_code, bearer(pair["access"]).get(LIST).status_code) == (200, 200)
    User.objects.filter(pk=floor.ana.user_id).update(is_active=False)
    refreshed = APIClient().post("/api/v1/token/refresh/", {"refresh": pair["refresh"]})
    again = APIClient().post("/api/v1/token/", {"username": "ana", "password": make.PASSWORD})
    answers = [session.get(LIST), bearer(pair["access"]).get(LIST), refreshed, again]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401]


@pytest.mark.scenario("T-21")
def test_an_agent_without_a_desk_sees_nothing_any_more(floor: Desk) -> None:
    token = login()["access"]
    type(floor.ana).objects.filter(pk=floor.ana.pk).update(is_active=False)
    assert bearer(token).get(LIST).status_code == 403


@pytest.mark.scenario("T-22")
def test_a_changed_password_ends_tokens_and_sessions(floor: Desk) -> None:
    pair, session = login(), floor.client("agent")
    user = User.objects.get(pk=floor.ana.user_id)
    user.set_password("another-password-2026")
    user.save(update_fields=["password"])
    refreshed = APIClient().post("/api/v1/token/refresh/", {"refresh": pair["refresh"]})
    # The refresh is answered, with a token of the old password: it opens nothing.
    answers = [session.get(LIST), bearer(pair["access"]).get(LIST), bearer(refreshed.json()["access"]).get(LIST)]
    assert [answer.status_code for answer in answers] == [401, 401, 401]


@pytest.mark.scenario("T-24")
def test_a_forged_forwarding_header_does_not_dodge_the_limit(floor: Desk) -> None:
    def guess(number: int) -> Any:
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
        return APIClient().post("/api/v1/token/", {"username": f"ana{number}", "password": "no"}, headers=headers)

    answers = [guess(number) for number in range(25)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 5
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].json()["code"] == "throttled"
    begin_anew()


@pytest.mark.scenario("T-25")
def test_a_burst_of_callers_at_once_gets_exactly_the_limit_through(floor: Desk, rf: Any) -> None:
    def ask(_: int) -> bool:
        throttle = Scoped()
        return throttle.allow_request(Request(rf.post("/api/v1/token/")), TokenView())

    with ThreadPoolExecutor(40) as callers:
        passed = sum(callers.map(ask, range(200)))
    begin_anew()
    assert passed == 20


@pytest.mark.scenario("T-P15")
def test_without_redis_each_process_counts_for_itself(floor: Desk, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    client.cache_clear()
    wrong = [{"username": f"ana{number}", "password": "no"} for number in range(22)]
    guesses = [APIClient().post("/api/v1/token/", guess) for guess in wrong]
    client.cache_clear()
    Shared.away_until = 0.0
    cache.clear()
    assert [answer.status_code for answer in guesses] == [401] * 20 + [429] * 2


@pytest.mark.scenario("T-26")
def test_a_wrong_password_and_an_unknown_name_read_the_same(floor: Desk) -> None:
    answers = [APIClient().post("/api/v1/token/", {"username": name, "password": "wrong"}) for name in ("ana", "x")]
    assert answers[0].json() == answers[1].json()


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("verb", ["claim", "release", "close", "messages", "notes"])
def test_another_sites_form_cannot_use_the_session(floor: Desk, verb: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(floor.ana.user)
    url = f"{LIST}{floor.waiting.public_id}/{verb}/"
    answer = client.post(url, {"text": "Hello"}, content_type="application/json", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.scenario("T-54")
def test_no_other_origin_may_read_an_answer(floor: Desk) -> None:
    answer = floor.client("agent").get(LIST, headers={"Origin": "https://evil.example"})
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []

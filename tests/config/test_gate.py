"""Can a password be guessed, at any door, from any address, all at once? And is the right one still let in?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate
from django.core.cache import cache
from django.db import connection
from django.test import Client

from config.gate import OF_ADDRESS, OF_NAME, TooManyFailures
from customers.models import AuditEntry, RecentFailures
from handover.models import Agent
from tests import factories as make
from tests.abuse.desk import begin_anew
from tests.handover.at_once import at_once, refusals

DOORS = ("/inbox/login", "/admin/login/", "/api/v1/token/")


@pytest.fixture
def ana(db: None) -> Agent:
    begin_anew()
    return make.agent("Ana Sousa")


def knock(door: str, name: str = "ana", password: str = "wrong", **given: Any) -> Any:
    kind = {"content_type": "application/json"} if door.startswith("/api/") else {}
    return Client().post(door, {"username": name, "password": password}, **kind, **given)


def fail(times: int, name: str | Callable[[int], str] = "ana", **given: Any) -> None:
    for number in range(times):
        answer = knock("/inbox/login", name(number) if callable(name) else name, **given)
        assert answer.status_code == 200, "the form again"


def is_in(answer: Any) -> bool:
    return answer.status_code == 302 or "access" in answer.json()


def let_time_pass(**by: float) -> None:
    """The failures so far become older."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_recentfailures SET ends_at = ends_at - %(by)s,"
            " times = ARRAY(SELECT s - %(by)s FROM unnest(times) AS s)",
            {"by": timedelta(**by)},
        )


@pytest.mark.scenario("T-23")
@pytest.mark.parametrize("door", DOORS)
def test_after_ten_failures_not_even_the_right_password_opens_any_door(ana: Agent, door: str) -> None:
    fail(OF_NAME)
    answer = knock(door, password=make.PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300


@pytest.mark.scenario("T-23")
@pytest.mark.parametrize("door", DOORS)
def test_every_door_counts(ana: Agent, door: str) -> None:
    for _ in range(OF_NAME):
        assert knock(door).status_code in (200, 401)
    assert knock("/inbox/login", password=make.PASSWORD).status_code == 429


def test_nine_failures_do_not_keep_anybody_out(ana: Agent) -> None:
    fail(OF_NAME - 1)
    for _ in range(3):
        assert is_in(knock("/inbox/login", password=make.PASSWORD)), "what succeeds does not count"
    fail(1)


def test_the_right_password_opens_when_the_time_is_over(ana: Agent) -> None:
    fail(OF_NAME)
    let_time_pass(minutes=4, seconds=50)
    assert knock("/inbox/login", password=make.PASSWORD).status_code == 429
    let_time_pass(seconds=11)
    assert is_in(knock("/inbox/login", password=make.PASSWORD))


def test_a_success_does_not_buy_more_guesses(ana: Agent) -> None:
    fail(OF_NAME - 1)
    assert is_in(knock("/inbox/login", password=make.PASSWORD))
    fail(1)
    assert knock("/inbox/login").status_code == 429


@pytest.mark.parametrize("spelling", ["ANA", " ana", "ａｎａ"])
def test_another_spelling_is_the_same_name(ana: Agent, spelling: str) -> None:
    fail(OF_NAME, spelling)
    assert knock("/inbox/login", password=make.PASSWORD).status_code == 429


def test_somebody_else_is_not_kept_out(ana: Agent) -> None:
    make.agent("Ben Okafor")
    fail(OF_NAME)
    assert is_in(knock("/inbox/login", "ben", make.PASSWORD))


def test_one_address_may_not_try_many_names(ana: Agent) -> None:
    fail(OF_ADDRESS, lambda number: f"name{number}")
    assert knock("/inbox/login", password=make.PASSWORD).status_code == 429
    assert is_in(knock("/inbox/login", password=make.PASSWORD, REMOTE_ADDR="192.0.2.7"))


def test_one_network_of_ipv6_is_one_address(ana: Agent) -> None:
    for number in range(OF_ADDRESS):
        knock("/inbox/login", f"name{number}", REMOTE_ADDR=f"2001:db8::{number + 1:x}")
    assert knock("/inbox/login", REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert knock("/inbox/login", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


@pytest.mark.scenario("T-24")
def test_a_forged_forwarding_header_is_no_other_address(ana: Agent) -> None:
    for number in range(OF_ADDRESS):
        knock("/inbox/login", f"name{number}", headers={"X-Forwarded-For": f"203.0.113.{number}"})
    assert knock("/inbox/login", headers={"X-Forwarded-For": "203.0.113.99"}).status_code == 429


def test_behind_a_proxy_of_ours_the_header_counts(ana: Agent, settings: Any) -> None:
    settings.NUM_PROXIES = 1
    for number in range(OF_ADDRESS):
        knock("/inbox/login", f"name{number}", headers={"X-Forwarded-For": "203.0.113.1"})
    assert knock("/inbox/login", headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 429
    assert knock("/inbox/login", headers={"X-Forwarded-For": "203.0.113.2"}).status_code == 200


@pytest.mark.scenario("T-26")
@pytest.mark.parametrize("door", DOORS)
def test_an_unknown_name_is_answered_like_a_known_one(ana: Agent, door: str) -> None:
    answers: dict[str, list[Any]] = {"ana": [], "nobody": []}
    for name, found in answers.items():
        fail(OF_NAME, name)
        let_time_pass(seconds=100)
        answer = knock(door, name)
        found += [answer.status_code, answer.headers["Retry-After"], answer.content]
        RecentFailures.objects.all().delete()
    assert answers["ana"] == answers["nobody"]


@pytest.mark.scenario("T-25")
@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_exactly_ten_are_tried(ana: Agent) -> None:
    guess = partial(authenticate, None, username="ana", password="wrong")
    results = at_once([guess] * 40)
    assert [type(error) for error in refusals(results)] == [TooManyFailures] * (40 - OF_NAME)
    assert AuditEntry.objects.filter(action="login_failed").count() == OF_NAME


def test_the_asynchronous_way_is_no_way_round(ana: Agent) -> None:
    fail(OF_NAME)
    with pytest.raises(TooManyFailures):
        async_to_sync(aauthenticate)(None, username="ana", password=make.PASSWORD)


@pytest.mark.scenario("T-P15")
def test_the_gate_needs_no_redis(ana: Agent, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    fail(OF_NAME)
    cache.clear()
    assert knock("/inbox/login").status_code == 429


def test_a_failure_is_audited_without_the_name(ana: Agent) -> None:
    fail(1, "maya@example.com")
    fail(1, "MAYA@example.com")
    first, second = AuditEntry.objects.filter(action="login_failed")
    assert first.object_id == second.object_id != ""
    assert "maya" not in str(vars(first)).lower()
    assert "127.0.0.1" not in str(vars(first))


def test_a_success_is_no_failure(ana: Agent) -> None:
    assert is_in(knock("/inbox/login", password=make.PASSWORD))
    assert not AuditEntry.objects.filter(action="login_failed").exists()


def test_what_has_ended_is_removed(ana: Agent) -> None:
    fail(3, lambda number: f"name{number}")
    let_time_pass(minutes=6)
    fail(1)
    assert RecentFailures.objects.count() == 2, "of the name and of the address"

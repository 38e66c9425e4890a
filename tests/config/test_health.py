"""Do the probes tell apart a process that lives from one that may be sent work?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from config import health


@pytest.fixture(autouse=True)
def fresh_state() -> Iterator[None]:
    before = dict(health._state)
    yield
    health._state.update(before)


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
def test_a_living_process_says_so_without_a_database(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200  # pytest-django would refuse a query here


def test_a_probe_needs_no_known_host_and_no_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/livez", headers={"host": "10.0.0.7"}).status_code == 200


@pytest.mark.django_db
def test_it_is_ready_with_database_and_migrations(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (200, "ok")


@pytest.mark.django_db
@pytest.mark.scenario("T-92")
def test_it_is_ready_without_redis_and_says_so(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (200, "no answer")


@pytest.mark.django_db
@pytest.mark.scenario("T-92")
def test_it_is_not_ready_while_draining_but_alive(client: Client) -> None:
    health.drain()
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200

"""What may a program know of the connected back ends?"""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from config import roles
from conversations.journeys import breaker
from conversations.models import Connection

pytestmark = pytest.mark.django_db
SECRET = "canary-secret-2342"


@pytest.fixture
def boss(client: Client) -> Client:
    roles.seed()
    user = get_user_model().objects.create_user("boss", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="Administrators"))
    client.force_login(user)
    return client


@pytest.fixture
def shop(db: None) -> Connection:
    headers = {"Authorization": f"Bearer {SECRET}"}
    return Connection.objects.create(key="shop", title="Shop", base_url="https://shop.example", headers=headers)


@pytest.mark.scenario("T-37")
def test_a_connection_is_read_without_its_secret(boss: Client, shop: Connection) -> None:
    answers = [boss.get("/api/v1/connections/"), boss.get("/api/v1/connections/shop/")]
    assert all(SECRET not in answer.content.decode() for answer in answers)
    found = answers[1].json()
    assert (found["key"], found["has_headers"], found["breaker"]) == ("shop", True, "closed")
    assert answers[0].json()["results"] == [found]


def test_an_open_breaker_shows(boss: Client, shop: Connection) -> None:
    for _ in range(breaker.FAILURES):
        breaker.note(shop.pk, is_failure=True, is_probe=False)
    assert boss.get("/api/v1/connections/shop/").json()["breaker"] == "open"


def test_nothing_is_written_there(boss: Client, shop: Connection) -> None:
    answers = [boss.post("/api/v1/connections/", {}), boss.delete("/api/v1/connections/shop/")]
    assert [answer.status_code for answer in answers] == [405, 405]

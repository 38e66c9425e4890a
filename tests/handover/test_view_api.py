"""Does the API know the lists of the desk: views with a name, and the same filter?"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from conversations import words
from handover.models import Agent, Queue, SavedView
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def program(ana: Agent) -> APIClient:
    cache.clear()
    client = APIClient()
    client.force_login(ana.user)
    return client


def post(program: APIClient, body: dict[str, Any], key: str = "one") -> Any:
    return program.post("/api/v1/views/", body, format="json", headers={"Idempotency-Key": key})


def test_a_view_is_made_once_read_with_its_number_and_deleted(program: APIClient, sales: Queue) -> None:
    make.waiting_in(sales)
    body = {"title": "Waiting", "filters": {"owner": "nobody", "waiting": "us"}}
    made = [post(program, body), post(program, body)]
    assert [answer.status_code for answer in made] == [201, 201] and SavedView.objects.count() == 1
    [view] = program.get("/api/v1/views/").json()["results"]
    assert view["filters"] == body["filters"] and view["own"] is True and view["count"] == 1
    inside = program.get(f"/api/v1/views/{view['id']}/conversations/").json()["results"]
    assert [row["owner_kind"] for row in inside] == ["queue"]
    assert program.delete(f"/api/v1/views/{view['id']}/").status_code == 204


@pytest.mark.parametrize("asked", [{"state": "gone"}, {"planet": "mars"}, {"queue": "support"}])
def test_a_filter_that_means_nothing_is_refused_with_its_reason(program: APIClient, asked: dict[str, str]) -> None:
    answer = post(program, {"title": "Odd", "filters": asked})
    assert answer.status_code == 400
    assert next(iter(asked)) in answer.json()["errors"][0]["detail"]


def test_a_view_for_the_team_takes_whoever_leads_it(program: APIClient, sales: Queue) -> None:
    answer = post(program, {"title": "Ours", "filters": {}, "queue": "sales"})
    assert answer.status_code == 403 and answer.json()["code"] == "not_your_view"


def test_a_view_is_renamed(program: APIClient, ana: Agent) -> None:
    made = post(program, {"title": "Old", "filters": {"owner": "me"}}).json()
    answer = program.patch(f"/api/v1/views/{made['id']}/", {"title": "New"}, format="json")
    assert answer.json()["title"] == "New" and answer.json()["filters"] == {"owner": "me"}


def test_conversations_are_narrowed_as_in_the_inbox(program: APIClient, ana: Agent, sales: Queue) -> None:
    mine, waiting = make.waiting_in(sales, name="One"), make.waiting_in(sales, name="Two", text="the blue chair")
    make.give(mine, ana)
    words.gather()

    def found(query: str) -> list[str]:
        return [row["id"] for row in program.get(f"/api/v1/conversations/?{query}").json()["results"]]

    assert found("owner=me") == [str(mine.public_id)]
    assert found("owner=nobody&queue=sales&kind=whatsapp") == found("q=chair") == [str(waiting.public_id)]
    assert found("kind=email") == []


def test_a_part_that_means_nothing_is_a_problem_and_no_error(program: APIClient) -> None:
    answer = program.get("/api/v1/conversations/?sla=soon")
    assert answer.status_code == 400 and answer.json()["code"] == "invalid_filter"


def test_a_view_is_for_a_queue_or_for_everybody_not_both(sales: Queue) -> None:
    boss = make.agent("Ada Root")
    type(boss.user).objects.filter(pk=boss.user_id).update(is_superuser=True)
    boss.user.refresh_from_db()
    client = APIClient()
    client.force_login(boss.user)
    answer = post(client, {"title": "Both", "filters": {}, "queue": "sales", "everybody": True})
    assert answer.status_code == 400 and "not both" in answer.json()["errors"][0]["detail"]
    assert not SavedView.objects.exists()

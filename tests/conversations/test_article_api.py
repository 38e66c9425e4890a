"""May a program read, write, publish and search articles by its rights, and by them only?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from conversations.answers import articles
from conversations.models import Article

pytestmark = pytest.mark.django_db

URL = "/api/v1/articles/"
GIVEN = {"key": "delivery", "language": "en", "title": "Delivery times", "body": "Three days."}


def client(*verbs: str) -> APIClient:
    user = User.objects.create_user("-".join(verbs) or "nobody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"{verb}_article" for verb in verbs]))
    found = APIClient()
    found.force_authenticate(user)
    return found


def written(api: APIClient, once: str = "", **more: Any) -> Any:
    return api.post(URL, {**GIVEN, **more}, headers={"Idempotency-Key": once or str(uuid4())})


def published(**more: Any) -> Article:
    row = articles.save(article=None, values={**GIVEN, **more})
    articles.publish([row])
    return row


def test_an_article_is_written_published_found_withdrawn_and_deleted() -> None:
    api = client("view", "add", "change", "delete", "publish")
    made = written(api, aliases=["how long"])
    assert (made.status_code, made.data["state"]) == (201, "draft")
    one = f"{URL}{made.data['id']}/"
    assert api.post(f"{one}publish/").data["state"] == "published"
    assert api.get(f"{URL}search/", {"q": "how long"}).data["decision"] == "sure"
    assert api.patch(one, {"title": "Parcels"}).data["title"] == "Parcels"
    assert api.get(f"{URL}search/", {"q": "parcles"}).data["asked"] == "parcels"
    assert api.post(f"{one}withdraw/").data["state"] == "draft"
    assert api.delete(one).status_code == 204


def test_an_article_posted_twice_under_one_key_is_one_article() -> None:
    api = client("view", "add")
    assert api.post(URL, GIVEN).data["code"] == "idempotency_key_missing"
    first, again = (written(api, "a-1") for _ in range(2))
    assert (again.status_code, again.json(), again["Idempotent-Replay"]) == (201, first.json(), "true")
    assert written(api, "a-1", title="Parcels").data["code"] == "idempotency_key_reused"
    assert Article.objects.get().title == "Delivery times"


def test_each_verb_takes_its_own_right() -> None:
    row = published()
    one, reader = f"{URL}{row.public_id}/", client("view")
    assert reader.get(URL).status_code == 200
    refused = [reader.post(URL, GIVEN), reader.patch(one, {}), reader.delete(one), reader.post(f"{one}publish/")]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert client().get(URL).status_code == 403
    assert APIClient().get(URL).status_code == 401


def test_who_may_not_publish_does_not_change_what_is_published() -> None:
    api = client("view", "add", "change", "delete")
    one = f"{URL}{published().public_id}/"
    assert [api.patch(one, {"title": "Mine"}).status_code, api.delete(one).status_code] == [403, 403]
    assert Article.objects.get().title == "Delivery times"


def test_a_bad_article_is_a_problem_that_names_its_fields() -> None:
    api = client("view", "add")
    answer = written(api, key="Not a key", language="klingon speech")
    assert answer.status_code in (400, 422)
    assert "key" in str(answer.data["errors"])
    published()
    again = written(api)
    assert (again.status_code, again.data["code"]) == (422, "article_refused")


def test_a_search_leaves_private_articles_out_unless_asked_and_notes_nothing() -> None:
    published(audience="private")
    api = client("view")
    assert api.get(f"{URL}search/", {"q": "delivery times"}).data["decision"] == "none"
    assert api.get(f"{URL}search/", {"q": "delivery times", "private": "1"}).data["hits"][0]["key"] == "delivery"


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x" * 501}, {"q": "a\0b"}])
def test_a_search_without_a_question_is_refused(query: dict[str, str]) -> None:
    assert client("view").get(f"{URL}search/", query).status_code == 400


def test_the_list_is_filtered_by_language_and_state() -> None:
    published()
    articles.save(article=None, values={**GIVEN, "language": "es"})
    api = client("view")
    assert [row["language"] for row in api.get(URL, {"state": "draft"}).data["results"]] == ["es"]
    assert api.get(URL, {"colour": "red"}).status_code == 400

"""Can a program write, check, publish and translate a journey, and is nobody's work overwritten?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from conversations.journeys import inflight
from conversations.models import Journey
from tests.conversations.test_inflight import FIRST, GENTLER
from tests.stories import cast

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/journeys/chairs/"


@pytest.fixture
def author(db: None) -> APIClient:
    """Staff who may look at, begin, write and publish journeys."""
    user = User.objects.create_user("ada", is_staff=True)
    names = [f"{verb}_journey" for verb in ("view", "add", "change", "publish")]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = APIClient()
    client.force_authenticate(user)
    return client


def put(by: APIClient, text: str, etag: str) -> Any:
    return by.put(f"{ROOT}draft/", {"text": text}, headers={"If-Match": etag})


def publish(by: APIClient, **more: Any) -> Any:
    given = {"revision": Journey.objects.get().draft_revision, **more}
    return by.post(f"{ROOT}publish/", given, headers={"Idempotency-Key": uuid4().hex})


def test_a_journey_is_begun_once_and_its_draft_replaced_by_who_has_read_it(author: APIClient) -> None:
    begun = author.put(f"{ROOT}draft/", {"text": FIRST}, headers={"If-None-Match": "*"})
    assert (begun.status_code, begun.headers["ETag"], begun.json()["title"]) == (201, '"1"', "Chairs")
    assert author.put(f"{ROOT}draft/", {"text": FIRST}, headers={"If-None-Match": "*"}).status_code == 422
    assert put(author, GENTLER, '"²"').status_code == 412
    assert put(author, GENTLER, '"1"').json()["revision"] == 2
    late = put(author, FIRST, '"1"')
    assert (late.status_code, late.json()["code"], late.json()["revision"]) == (412, "draft_changed", 2)
    assert author.put(f"{ROOT}draft/", {"text": FIRST}).status_code == 428
    assert author.get(f"{ROOT}draft/").json()["text"] == GENTLER


def test_a_text_is_linted_with_lines_and_not_kept(author: APIClient) -> None:
    cast.publish(FIRST)
    found = author.post(f"{ROOT}lint/", {"text": FIRST.replace("id: bye", "id: Bye")}).json()
    assert found[0]["line"] == 10
    assert Journey.objects.get().draft == FIRST


def test_publishing_is_rehearsed_and_then_done_once(author: APIClient) -> None:
    cast.publish(FIRST)
    maya = cast.maya()
    maya.on_whatsapp().says("chairs")
    put(author, GENTLER, f'"{Journey.objects.get().draft_revision}"')
    plan = publish(author, in_flight="migrate", dry_run=True)
    assert (plan.status_code, plan.json()["changed"], plan.json()["reasons"]) == (200, 1, [])
    assert publish(author, in_flight="migrate", notes="Gentler.").json() == {"version": 2, "in_flight": "migrate"}
    inflight.sweep()
    versions = author.get(f"{ROOT}versions/").json()
    assert [(one["number"], one["open_runs"], one["is_live"]) for one in versions] == [(2, 1, True), (1, 0, False)]
    assert author.get(f"{ROOT}versions/1/").json()["source"] == FIRST


def test_a_draft_with_errors_is_refused_with_its_lines(author: APIClient) -> None:
    cast.publish(FIRST)
    put(author, FIRST.replace("id: bye", "id: Bye"), f'"{Journey.objects.get().draft_revision}"')
    answer = publish(author)
    assert (answer.status_code, answer.json()["code"]) == (422, "journey_refused")
    assert answer.json()["findings"][0]["line"] == 10


def test_the_graph_has_steps_ways_and_counts(author: APIClient) -> None:
    cast.publish(FIRST)
    cast.maya().on_whatsapp().says("chairs")
    found = author.get(f"{ROOT}graph/?version=1").json()
    first = found["nodes"][0]
    assert (first["id"], first["line"], first["entered"], first["waiting"]) == ("colour", 8, 1, 1)
    assert {"source": "colour", "target": "legs", "labels": ["next"]} in found["ways"]
    assert author.get(f"{ROOT}graph/?version=9").status_code == 404
    assert author.get(f"{ROOT}graph/?version=²").status_code == 400


def test_translations_are_read_and_written(author: APIClient) -> None:
    cast.publish(FIRST)
    etag = author.get(f"{ROOT}translations/es/").headers["ETag"]
    given = {"translations": {"colour.text": "¿Qué color?", "gone.text": "x"}}
    taken = author.put(f"{ROOT}translations/es/", given, headers={"If-Match": etag})
    assert (taken.json()["written"], len(taken.json()["notes"])) == (1, 1)
    (spanish,) = author.get(f"{ROOT}translations/").json()
    assert (spanish["language"], spanish["missing"]) == ("es", spanish["total"] - 1)
    assert author.put(f"{ROOT}translations/es/", given, headers={"If-Match": etag}).status_code == 412


def test_who_may_only_look_writes_and_publishes_nothing(author: APIClient) -> None:
    cast.publish(FIRST)
    User.objects.get(username="ada").user_permissions.set(Permission.objects.filter(codename="view_journey"))
    author.force_authenticate(User.objects.get(username="ada"))
    assert author.get(f"{ROOT}draft/").status_code == 200
    assert [put(author, GENTLER, '"0"').status_code, publish(author).status_code] == [403, 403]

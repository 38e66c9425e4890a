"""What may a program do with ready words? As much as whoever it acts for: own, led, or everybody's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from handover.models import Agent, CannedReply, Macro, Queue
from tests import factories as make

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/canned-replies/"
HELLO = {"shortcut": "hello", "title": "Hello", "text": "Hello {{customer.first_name}}"}


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def chloe(sales: Queue) -> Agent:
    return make.agent("Chloe Martin", supervises=(sales,))


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("root")


def call(user: User, method: str, address: str, given: Any = None) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    send = getattr(client, method)
    return send(address, given, format="json", headers={"Idempotency-Key": str(uuid4())})


def test_everybody_writes_for_themselves(ana: Agent, chloe: Agent) -> None:
    made = call(ana.user, "post", ROOT, {**HELLO, "own": True})
    assert (made.status_code, made.json()["own"]) == (201, True)
    address = f"{ROOT}{made.json()['id']}/"
    assert call(ana.user, "patch", address, {"title": "Hi"}).json()["title"] == "Hi"
    assert [call(chloe.user, verb, address).status_code for verb in ("get", "patch", "delete")] == [404, 404, 404]
    assert call(ana.user, "delete", address).status_code == 204


def test_a_queues_words_are_its_supervisors(ana: Agent, chloe: Agent, sales: Queue) -> None:
    given = {**HELLO, "queue": "sales"}
    assert call(ana.user, "post", ROOT, given).json()["code"] == "not_your_words"
    made = call(chloe.user, "post", ROOT, given)
    address = f"{ROOT}{made.json()['id']}/"
    assert (call(ana.user, "get", address).status_code, call(ana.user, "patch", address, {}).status_code) == (200, 403)
    assert call(ana.user, "delete", address).status_code == 403
    assert call(chloe.user, "patch", address, {"title": "Welcome"}).status_code == 200


def test_a_supervisor_does_not_make_words_everybodys(chloe: Agent, sales: Queue, admin: User) -> None:
    row = CannedReply.objects.create(**HELLO, queue=sales)
    assert call(chloe.user, "patch", f"{ROOT}{row.public_id}/", {"queue": None}).status_code == 403
    assert call(admin, "patch", f"{ROOT}{row.public_id}/", {"queue": None}).json()["queue"] is None


def test_nobody_takes_what_is_shared_for_themselves(ana: Agent, sales: Queue) -> None:
    row = CannedReply.objects.create(**HELLO)
    assert call(ana.user, "patch", f"{ROOT}{row.public_id}/", {"own": True}).status_code == 403
    row.refresh_from_db()
    assert row.owner is None


def test_the_same_shortcut_twice_is_refused(ana: Agent) -> None:
    assert [call(ana.user, "post", ROOT, {**HELLO, "own": True}).status_code for _ in range(2)] == [201, 400]
    assert call(ana.user, "post", ROOT, {**HELLO, "own": True, "language": "es"}).status_code == 201


@pytest.mark.scenario("T-38")
def test_a_place_that_reads_more_is_not_kept(ana: Agent) -> None:
    for text in ("{{settings.SECRET_KEY}}", "{{ customer.first_name", "{{customer.__class__}}"):
        assert call(ana.user, "post", ROOT, {**HELLO, "own": True, "text": text}).status_code == 400


def test_a_macro_is_kept_if_it_could_be_done(admin: User) -> None:
    good, bad = [{"do": "close"}], [{"do": "transfer", "queue": "nowhere", "text": "x"}]
    codes = [call(admin, "post", "/api/v1/macros/", {"title": "M", "actions": one}).status_code for one in (good, bad)]
    assert codes == [201, 400]
    assert Macro.objects.get().actions == good


@pytest.mark.scenario("T-42")
def test_an_owner_is_not_assigned(ana: Agent, chloe: Agent) -> None:
    call(ana.user, "post", ROOT, {**HELLO, "own": True, "owner": chloe.pk, "owner_id": chloe.pk})
    assert CannedReply.objects.get().owner == ana

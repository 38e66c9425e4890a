"""What do the desk's verbs answer over REST, and to whom?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from common import clock
from conversations.models import Connection, Conversation
from handover.models import Affinity, Agent, Disposition, Note, Queue, Tag
from tests import factories

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/conversations/"


@pytest.fixture
def sales() -> Queue:
    return factories.queue("sales", is_default=True)


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def hers(sales: Queue, ana: Agent) -> Conversation:
    return factories.give(factories.waiting_in(sales), ana)


def ask(who: Agent | User, conversation: Conversation, verb: str, body: Any = None, key: str = "k") -> Any:
    client = APIClient()
    client.force_login(who.user if isinstance(who, Agent) else who)
    headers = {"Idempotency-Key": key}
    return client.post(f"{ROOT}{conversation.public_id}/{verb}/", body or {}, format="json", headers=headers)


def server(*codes: str) -> User:
    made = User.objects.create_user("server")
    made.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return made


def test_a_transfer_twice_under_one_key_is_one_transfer(hers: Conversation, ana: Agent) -> None:
    support = factories.queue("support")
    body = {"queue": "support", "note": "A technical question"}
    assert [ask(ana, hers, "transfer", body).status_code for _ in range(2)] == [200, 200]
    hers.refresh_from_db()
    assert (hers.owner_id, hers.owner_epoch, Note.objects.count()) == (support.pk, 3, 1)


def test_a_transfer_names_one_target_and_says_why(hers: Conversation, ana: Agent, sales: Queue) -> None:
    assert ask(ana, hers, "transfer", {"note": "x"}).status_code == 400
    assert ask(ana, hers, "transfer", {"queue": "sales", "agent": "ana", "note": "x"}).status_code == 400
    assert ask(ana, hers, "transfer", {"queue": "nowhere", "note": "x"}).status_code == 400
    assert ask(ana, hers, "escalate", {"reason": "whim", "note": "x"}).status_code == 400


def test_assigning_to_others_takes_a_supervisor(hers: Conversation, ana: Agent, sales: Queue) -> None:
    factories.agent("Ben Okafor", queues=(sales,))
    chloe = factories.agent("Chloe Martin", supervises=(sales,))
    assert ask(ana, hers, "assign", {"agent": "ben"}).status_code == 403
    assert ask(chloe, hers, "assign", {"agent": "ben"}).status_code == 200
    assert ask(chloe, hers, "take-over").json()["owner_kind"] == "agent"
    hers.refresh_from_db()
    assert hers.owner_id == chloe.pk


@pytest.mark.parametrize("verb", ["assign", "transfer"])
def test_an_unknown_colleague_is_pointed_at(hers: Conversation, ana: Agent, verb: str) -> None:
    answer = ask(ana, hers, verb, {"agent": "nobody", "note": "x"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["detail"]) == (400, "/agent", "There is no such agent.")


def test_parked_and_woken(hers: Conversation, ana: Agent) -> None:
    until = (clock.now() + timedelta(hours=2)).isoformat()
    assert ask(ana, hers, "park", {"until": until}).json()["state"] == "parked"
    assert ask(ana, hers, "unpark").json()["state"] == "open"
    assert ask(ana, hers, "unpark").json()["code"] == "not_parked"


def test_closed_described_and_opened_again(hers: Conversation, ana: Agent) -> None:
    Tag.objects.create(key="delivery", title="Delivery")
    Disposition.objects.create(key="solved", title="Solved")
    assert ask(ana, hers, "reopen").json()["code"] == "not_closed"
    ask(ana, hers, "close")
    assert ask(ana, hers, "wrap-up", {"tags": ["delivery"], "disposition": "solved"}).status_code == 200
    assert ask(ana, hers, "reopen").json()["state"] == "open"


def test_topics_are_read_and_set(hers: Conversation, ana: Agent) -> None:
    Tag.objects.create(key="delivery", title="Delivery")
    client = APIClient()
    client.force_login(ana.user)
    where = f"{ROOT}{hers.public_id}/tags/"
    assert client.put(where, {"tags": ["delivery"]}, format="json").json() == {"tags": ["delivery"]}
    assert client.put(where, {"tags": ["made-up"]}, format="json").json()["code"] == "no_such_topic"
    assert client.get(where).json() == {"tags": ["delivery"]}


@pytest.mark.scenario("HO-64")
def test_a_crm_says_who_helped_and_an_older_word_changes_nothing(hers: Conversation, ana: Agent) -> None:
    client = APIClient()
    client.force_login(server("assert_customer"))
    where, now = f"/api/v1/customers/{hers.customer.public_id}/affinity/", clock.now()
    told = {"agent": "ana", "queue": "sales", "handled_at": now.isoformat(), "source": "crm:salesforce"}
    assert client.put(where, told, format="json").json()["applied"] is True
    older = {**told, "handled_at": (now - timedelta(days=1)).isoformat(), "source": "crm"}
    assert client.put(where, older, format="json").json()["applied"] is False
    assert client.get(where).json()["source"] == "crm:salesforce"
    assert client.put(where, {**told, "agent": "nobody"}, format="json").status_code == 400


@pytest.mark.parametrize("verb", ["park", "close"])
def test_what_has_not_been_seen_is_refused_over_rest_too(hers: Conversation, ana: Agent, verb: str) -> None:
    stopped = ask(ana, hers, verb, {"seen_seq": 1})
    assert (stopped.status_code, stopped.json()["code"]) == (409, "unseen_messages")
    assert ask(ana, hers, verb, {"seen_seq": -1}).status_code == 400
    hers.refresh_from_db()
    assert hers.state == "open"
    assert ask(ana, hers, verb, {"seen_seq": hers.head_seq}).status_code == 200


def test_a_close_says_what_it_was_about_and_what_came_of_it(hers: Conversation, ana: Agent) -> None:
    Tag.objects.create(key="delivery", title="Delivery")
    Disposition.objects.create(key="solved", title="Solved")
    assert ask(ana, hers, "close", {"tags": ["made-up"]}).json()["code"] == "no_such_topic"
    assert ask(ana, hers, "close", {"tags": ["delivery"], "disposition": "solved"}).json()["state"] == "closed"
    assert hers.tags.get().tag.key == "delivery"
    assert hers.wrap_ups.get(done_at__isnull=False).disposition == Disposition.objects.get()


def test_who_knows_a_customer_is_no_secret_of_agents_to_tell(hers: Conversation, ana: Agent) -> None:
    client = APIClient()
    client.force_login(ana.user)
    where = f"/api/v1/customers/{hers.customer.public_id}/affinity/"
    assert client.put(where, {"agent": "ana", "handled_at": clock.now().isoformat()}, format="json").status_code == 403
    assert not Affinity.objects.exists()


@pytest.mark.scenario("HO-63")
def test_a_call_centre_owns_by_its_own_right(hers: Conversation, ana: Agent) -> None:
    Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
    told = {"engine": "calls", "event_id": "c-1", "occurred_at": clock.now().isoformat(), "to": "external"}
    assert ask(ana, hers, "ownership", told).status_code == 403
    engine = server("add_enginemark")
    assert ask(engine, hers, "ownership", told).json() == {"result": "stale", "owner_kind": "agent", "owner_epoch": 2}
    seen = {**told, "event_id": "c-2", "epoch": 2}
    assert ask(engine, hers, "ownership", {**seen, "to": "queue"}).status_code == 400
    late = ask(engine, hers, "ownership", {**seen, "occurred_at": (clock.now() + timedelta(seconds=2)).isoformat()})
    assert late.json() == {"result": "applied", "owner_kind": "external", "owner_epoch": 3}

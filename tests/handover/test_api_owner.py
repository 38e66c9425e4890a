"""Who has a conversation, and how did they come to it? What a program reads of owners, plans, facts and notes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conversations.models import Connection, Conversation
from handover import desk, holding
from handover.models import Agent, Queue
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("handover.urls")]


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
def waiting(sales: Queue) -> Conversation:
    return make.waiting_in(sales)


def api(agent: Agent) -> APIClient:
    client = APIClient()
    client.force_authenticate(agent.user)
    return client


def at(conversation: Conversation, what: str = "") -> str:
    return f"/api/v1/conversations/{conversation.public_id}/{what}"


def test_who_has_it_is_a_login_or_a_key(ana: Agent, waiting: Conversation, sales: Queue) -> None:
    Conversation.objects.filter(pk=waiting.pk).update(queue_id=sales.pk)
    asked = api(ana)
    before, after = asked.get(at(waiting)).json(), asked.post(at(waiting, "claim/")).json()
    assert [(one["owner_kind"], one["owner"], one["queue"]) for one in (before, after)] == [
        ("queue", "sales", "sales"),
        ("agent", ana.user.username, "sales"),
    ]


def test_the_answer_to_assign_says_on_whose_desk_it_lies(chloe: Agent, ana: Agent, waiting: Conversation) -> None:
    Conversation.objects.filter(pk=waiting.pk).update(queue_id=waiting.owner_id)
    answer = api(chloe).post(at(waiting, "assign/"), {"agent": ana.user.username}, format="json")
    assert (answer.status_code, answer.json()["owner"]) == (200, ana.user.username)


def test_the_answer_to_a_transfer_says_where_it_waits(ana: Agent, waiting: Conversation) -> None:
    support = make.queue("support")
    desk.claim(conversation_id=waiting.pk, agent=ana)
    body = {"queue": support.key, "note": "Please"}
    answer = api(ana).post(at(waiting, "transfer/"), body, format="json", headers={"Idempotency-Key": "1"})
    assert (answer.json()["owner_kind"], answer.json()["owner"]) == ("queue", "support")


@pytest.mark.parametrize(("kind", "owner"), [("bot", ""), ("external", "calls")])
def test_the_bot_has_no_name_and_another_system_its_key(
    ana: Agent, waiting: Conversation, kind: str, owner: str
) -> None:
    centre = Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
    Conversation.objects.filter(pk=waiting.pk).update(owner_kind=kind, owner_id=centre.pk if owner else None)
    assert api(ana).get(at(waiting)).json()["owner"] == owner


def test_a_page_costs_the_same_for_one_and_for_many(ana: Agent, sales: Queue, waiting: Conversation) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert api(ana).get("/api/v1/conversations/").status_code == 200
        return len(asked)

    one = cost()
    for _ in range(5):
        make.waiting_in(sales)
    assert cost() == one


def test_facts_say_who_did_what_by_name_and_show_no_key_of_the_database(ana: Agent, waiting: Conversation) -> None:
    support = make.queue("support")
    support.memberships.create(agent=ana)
    desk.claim(conversation_id=waiting.pk, agent=ana)
    desk.escalate(conversation_id=waiting.pk, agent=ana, reason="complaint", note="x", queue=support)
    facts = api(ana).get(at(waiting, "events/")).json()
    *_, taken, passed = (one for one in facts if one["kind"] == "owner_changed")
    assert taken["data"]["to"] == {"kind": "agent", "owner": ana.user.username}
    assert (taken["actor"], taken["data"]["from"]) == (ana.user.username, {"kind": "queue", "owner": "sales"})
    assert (passed["data"]["cause"], passed["data"]["to"]) == ("escalate", {"kind": "queue", "owner": "support"})
    assert [one["data"]["reason"] for one in facts if one["kind"] == "escalated"] == ["complaint"]


def test_notes_and_cards_are_read_the_newest_first(ana: Agent, waiting: Conversation) -> None:
    desk.claim(conversation_id=waiting.pk, agent=ana)
    holding.brief(waiting, reason="asked")
    desk.note(conversation_id=waiting.pk, agent=ana, text="Prefers mornings", client_id="1")
    note, card = api(ana).get(at(waiting, "notes/")).json()["results"][:2]
    assert (note["kind"], note["text"], note["agent"]) == ("note", "Prefers mornings", ana.user.username)
    assert (card["kind"], card["card"]["reason"], card["agent"]) == ("card", "asked", "")


def test_notes_of_others_are_not_there(waiting: Conversation) -> None:
    stranger = make.agent("Ben Okafor", queues=(make.queue("support"),))
    assert api(stranger).get(at(waiting, "notes/")).status_code == 404


def test_who_leads_reads_the_plan_and_who_does_not_is_refused(
    chloe: Agent, ana: Agent, waiting: Conversation, sales: Queue
) -> None:
    steps = [{"target": f"agent:{ana.pk}", "for": 45}, {"target": f"queue:{sales.pk}", "for": None}]
    plan = {"rule": 8, "steps": steps}
    Conversation.objects.filter(pk=waiting.pk).update(routing_plan=plan, plan_step=1, queue_id=sales.pk)
    said = api(chloe).get(at(waiting, "plan/")).json()
    assert said["rule"] == 8
    assert [(one["kind"], one["name"], one["seconds"], one["state"]) for one in said["steps"]] == [
        ("agent", ana.user.username, 45, "past"),
        ("queue", "sales", None, "present"),
    ]
    assert api(ana).get(at(waiting, "plan/")).status_code == 403

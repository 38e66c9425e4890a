"""Who has a conversation, and how did they come to it? What a program reads of owners, plans, facts and notes."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from common import clock
from conversations import threads
from conversations.models import Connection, Conversation
from handover import affinity, desk, engines, holding, routing
from handover.models import Agent, Queue
from tests import factories as make
from tests.stories import cast

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


def facts(agent: Agent, conversation: Conversation, kind: str) -> list[dict[str, Any]]:
    rows = api(agent).get(at(conversation, "events/")).json()
    return [row["data"] for row in rows if row["kind"] == kind]


def test_what_a_crm_says_is_told_whole_and_by_names(ana: Agent, sales: Queue, waiting: Conversation) -> None:
    now = clock.now()
    for agent, queue, scope in ((ana, sales, ""), (None, sales, "leather"), (ana, None, "wood")):
        affinity.tell(
            customer=waiting.customer, scope=scope, agent=agent, queue=queue, handled_at=now, source="crm:telco"
        )
    login = ana.user.username
    assert facts(ana, waiting, "affinity_changed") == [
        {"agent": login, "queue": "sales", "scope": "", "by": "crm:telco"},
        {"queue": "sales", "scope": "leather", "by": "crm:telco"},
        {"agent": login, "scope": "wood", "by": "crm:telco"},
    ]


def test_a_plan_that_goes_on_says_to_which_queue(ana: Agent, sales: Queue, waiting: Conversation) -> None:
    general = make.queue("general")
    general.memberships.create(agent=ana)
    plan = routing.Plan(13, (routing.Target(f"queue:{sales.pk}"), routing.Target(f"queue:{general.pk}")))
    Conversation.objects.filter(pk=waiting.pk).update(routing_plan=plan.to_json(), plan_step=0)
    with transaction.atomic():
        assert routing.advance(conversation=threads.lock(conversation_id=waiting.pk), because="time")
    assert facts(ana, waiting, "plan_advanced") == [{"because": "time", "step": 1, "queue": "general"}]


def test_who_asks_for_a_person_is_told_with_the_queue_that_was_meant() -> None:
    ana = cast.ana(cast.sales())
    cast.library()
    Agent.objects.update(manual_status="offline")
    maya = cast.maya()
    maya.on_whatsapp().says("agent")
    User.objects.update(is_superuser=True)
    asked, offline = (facts(ana, maya.conversation, kind) for kind in ("handover_requested", "handover_offline"))
    assert [one["queue"] for one in asked + offline] == ["sales"] * 2


def test_another_system_that_has_it_is_named_by_its_key(ana: Agent, waiting: Conversation) -> None:
    centre = Connection.objects.create(key="telco", title="Telco", base_url="https://calls.example")
    engines.tell(conversation_id=waiting.pk, engine=centre, event_id="1", occurred_at=clock.now(), to="external")
    [*_, taken] = facts(ana, waiting, "owner_changed")
    assert (taken["to"], taken["from"]) == (
        {"kind": "external", "owner": "telco"},
        {"kind": "queue", "owner": "sales"},
    )


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

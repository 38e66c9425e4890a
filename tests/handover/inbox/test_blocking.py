"""Can somebody who may keep a customer from people, say why, see it, and take it back; and can nobody else?"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from conversations.models import Conversation
from customers.models import AuditEntry
from handover import blocking, refusals, routing
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("T-61")]
SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def waiting(sales: Queue) -> Conversation:
    return make.waiting_in(sales)


@pytest.fixture
def lead(chloe: Agent) -> Client:
    chloe.user.user_permissions.add(Permission.objects.get(codename="change_customer"))
    return client_of(Agent.objects.get(pk=chloe.pk))


def post(client: Client, thread: Conversation, path: str, **given: Any) -> Any:
    return client.post(f"/inbox/c/{thread.public_id}/{path}", given, headers=SCRIPT)


def panel(client: Client, thread: Conversation) -> str:
    return client.get(f"/inbox/c/{thread.public_id}/", headers={"X-Inbox-Pane": "side"}).content.decode()


def test_who_is_blocked_leaves_the_queue_for_the_bot_and_the_reason_is_kept(
    lead: Client, waiting: Conversation, chloe: Agent
) -> None:
    assert post(lead, waiting, "block", reason="abuse", note="Swears at everybody").json()["ok"]
    waiting.refresh_from_db()
    assert (waiting.owner_kind, routing.is_blocked(waiting.customer_id)) == ("bot", True)
    entry = AuditEntry.objects.get(action=blocking.BLOCK)
    assert (entry.actor, entry.reason) == (f"user:{chloe.user_id}", "abuse")
    assert waiting.notes.get(kind="note").text == "Swears at everybody"
    page = lead.get(f"/inbox/c/{waiting.public_id}/").content.decode()
    assert "Chloe Martin blocked this customer: Insults or threatens" in page
    assert "⊘ Blocked" in panel(lead, waiting) and "Insults or threatens" in panel(lead, waiting)


def test_what_an_agent_has_stays_with_them(lead: Client, waiting: Conversation, ana: Agent) -> None:
    make.give(waiting, ana)
    post(lead, waiting, "block", reason="spam")
    waiting.refresh_from_db()
    assert (waiting.owner_kind, waiting.owner_id) == ("agent", ana.pk)


def test_it_is_taken_back_beside_the_conversation(lead: Client, waiting: Conversation) -> None:
    post(lead, waiting, "block", reason="other")
    assert post(lead, waiting, "person/unblock").json()["say"].startswith("Unblocked")
    assert not routing.is_blocked(waiting.customer_id)
    assert [*AuditEntry.objects.order_by("pk").values_list("action", flat=True)] == [blocking.BLOCK, blocking.UNBLOCK]
    assert "Block this customer…" in panel(lead, waiting)
    assert "Chloe Martin unblocked this customer" in lead.get(f"/inbox/c/{waiting.public_id}/").content.decode()


def test_said_twice_is_done_once(lead: Client, waiting: Conversation) -> None:
    for _ in range(2):
        assert post(lead, waiting, "block", reason="spam").status_code == 200
        lead.get(f"/inbox/c/{waiting.public_id}/")
    assert waiting.events.filter(kind="customer_blocked").count() == 1


def test_an_agent_is_offered_nothing_and_can_do_nothing(desk: Client, waiting: Conversation, ana: Agent) -> None:
    assert "Block this customer" not in panel(desk, waiting)
    assert desk.get(f"/inbox/c/{waiting.public_id}/ask/block").status_code == 404
    answers = [
        post(desk, waiting, "block", reason="spam"),
        post(desk, waiting, "person/unblock"),
        post(desk, waiting, "person/fact", key="blocked", value="yes"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "may_not_block")] * 3
    assert not routing.is_blocked(waiting.customer_id)
    with pytest.raises(refusals.MayNotBlock):
        blocking.unblock(conversation_id=waiting.pk, agent=ana)


def test_without_a_reason_nobody_is_blocked(lead: Client, waiting: Conversation) -> None:
    assert 'name="reason"' in lead.get(f"/inbox/c/{waiting.public_id}/ask/block").content.decode()
    for given in ({}, {"reason": "because"}):
        assert post(lead, waiting, "block", **given).status_code == 400
    assert not routing.is_blocked(waiting.customer_id)


def test_an_agent_sees_why_nobody_is_called_and_what_a_system_said(desk: Client, waiting: Conversation) -> None:
    make.attribute(waiting.customer, "blocked", "yes", source="crm")
    shown = panel(desk, waiting)
    assert "⊘ Blocked" in shown and "Unblock" not in shown


def test_what_another_system_said_can_be_taken_back(lead: Client, waiting: Conversation) -> None:
    make.attribute(waiting.customer, "blocked", True, source="crm")
    assert post(lead, waiting, "person/unblock").status_code == 200
    assert not routing.is_blocked(waiting.customer_id)

"""Which links stand beside a conversation, for whom, and what do they give away?"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from config import roles
from conversations.models import Conversation
from customers import definitions
from customers.models import AttributeDefinition, AuditEntry
from handover.models import Agent, ContextLink, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread(sales: Queue, ana: Agent) -> Conversation:
    """Maya, on WhatsApp, with Ana; her e-mail is known from a file."""
    thread = make.give(make.waiting_in(sales), ana)
    make.identity(thread.customer, "email", "maya@example.com", proof="imported")
    return thread


@pytest.fixture
def revealing(ana: Agent) -> Client:
    """Ana, once she may see addresses whole."""
    ana.user.user_permissions.add(Permission.objects.get(codename="reveal_identity"))
    return client_of(Agent.objects.get(pk=ana.pk))


def link(url: str, title: str = "Orders") -> ContextLink:
    return ContextLink.objects.create(title=title, url=url)


def hrefs(client: Client, thread: Conversation) -> list[str]:
    page = client.get(f"/inbox/c/{thread.public_id}/", headers={"X-Inbox-Pane": "side"}).content.decode()
    return re.findall(r'<a href="([^"]+)" target="_blank" rel="noopener noreferrer">', page)


def test_a_link_stands_there_filled_in_and_opens_in_a_tab_of_its_own(desk: Client, thread: Conversation) -> None:
    link("https://shop.example/o?c={public_id}&t={phone}")
    phone = thread.sessions.get().identity.raw.replace("+", "%2B")
    assert hrefs(desk, thread) == [f"https://shop.example/o?c={thread.customer.public_id}&amp;t={phone}"]


def test_an_attribute_fills_a_place_encoded(desk: Client, thread: Conversation) -> None:
    AttributeDefinition.objects.create(key="order", label="Order")
    definitions.forget()
    link("https://shop.example/o/{order}")
    assert hrefs(desk, thread) == []
    make.attribute(thread.customer, "order", 'A/1?x="><script>')
    assert hrefs(desk, thread) == ["https://shop.example/o/A%2F1%3Fx%3D%22%3E%3Cscript%3E"]
    definitions.forget()


def test_what_the_side_bar_masks_is_in_no_link(desk: Client, thread: Conversation) -> None:
    given = link("https://crm.example/?mail={email}")
    assert hrefs(desk, thread) == []
    assert desk.get(f"/inbox/c/{thread.public_id}/context/{given.public_id}").status_code in (302, 403)
    assert not AuditEntry.objects.filter(action="identity.reveal").exists()


def test_who_may_reveal_follows_it_and_that_is_written_down(revealing: Client, thread: Conversation) -> None:
    given = link("https://crm.example/?mail={email}")
    (href,) = hrefs(revealing, thread)
    assert href == f"/inbox/c/{thread.public_id}/context/{given.public_id}"
    answer = revealing.get(href)
    assert answer.headers["Location"] == "https://crm.example/?mail=maya%40example.com"
    assert AuditEntry.objects.filter(action="identity.reveal").count() == 1


def test_an_address_that_was_only_typed_leads_nowhere(revealing: Client, sales: Queue, ana: Agent) -> None:
    thread = make.give(make.waiting_in(sales), ana)
    make.identity(thread.customer, "email", "boss@example.com", proof="claimed")
    given = link("https://crm.example/?mail={email}")
    assert hrefs(revealing, thread) == []
    assert revealing.get(f"/inbox/c/{thread.public_id}/context/{given.public_id}").status_code == 404


def test_a_row_that_got_in_by_another_door_is_not_shown(desk: Client, thread: Conversation) -> None:
    link("https://{phone}/")
    assert hrefs(desk, thread) == []


@pytest.mark.parametrize("who", ["ana", "chloe"])
def test_agents_and_supervisors_cannot_write_links(who: str, request: pytest.FixtureRequest) -> None:
    agent: Any = request.getfixturevalue(who)
    answer = client_of(agent).post("/admin/handover/contextlink/add/", {"title": "x", "url": "/", "position": 0})
    assert answer.status_code in (302, 403) and not ContextLink.objects.exists()


def test_the_back_office_refuses_an_address_that_is_none(admin_client: Client) -> None:
    page = "/admin/handover/contextlink/add/"
    for url in ("javascript:alert(1)", "https://{email}/", "https://shop.example/{nobody}"):
        answer = admin_client.post(page, {"title": "x", "url": url, "position": 0})
        assert answer.status_code == 200 and not ContextLink.objects.exists()
    admin_client.post(page, {"title": "x", "url": "https://shop.example/{email}", "position": 0})
    assert ContextLink.objects.get().url == "https://shop.example/{email}"


def test_the_role_of_administrators_may_write_them_and_that_of_supervisors_may_not(db: None) -> None:
    assert "handover.add_contextlink" in roles.ADMINISTRATOR
    assert not [name for name in (*roles.SUPERVISOR, *roles.AGENT) if "contextlink" in name]

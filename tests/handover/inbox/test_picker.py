"""What does the reply picker offer, what does it show of other addresses, and where does its choice go?"""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from conversations.models import Conversation, Delivery
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.channels import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread(sales: Queue, ana: Agent) -> Conversation:
    """Maya, on WhatsApp, with Ana; SMS and e-mail work, too."""
    connect("whatsapp", "sms", "email")
    return make.give(make.waiting_in(sales), ana)


def picker(desk: Client, thread: Conversation) -> list[str]:
    """The choices as they are read, in their order."""
    page = desk.get(f"/inbox/c/{thread.public_id}/", headers={"X-Inbox-Pane": "head"}).content.decode()
    labels = re.findall(r'<label class="choice">(.*?)</label>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in labels]


def radio(desk: Client, thread: Conversation, kind: str) -> str:
    page = desk.get(f"/inbox/c/{thread.public_id}/", headers={"X-Inbox-Pane": "head"}).content.decode()
    found = re.search(rf'name="session" value="([^"]+)" data-kind="{kind}"([^>]*)>', page)
    assert found is not None
    return found[1]


def send(desk: Client, thread: Conversation, session: str) -> object:
    words = {"text": "Hello", "client_id": str(uuid4()), "seen_seq": thread.head_seq, "session": session}
    return desk.post(f"/inbox/c/{thread.public_id}/reply", words, headers={"Accept": "application/json"})


def test_every_channel_is_listed_and_a_shut_one_says_why(desk: Client, thread: Conversation) -> None:
    first, sms, mail = picker(desk, thread)
    assert first.startswith("WhatsApp +46 7") and sms.startswith("SMS +46••••")
    assert mail == "E-mail not linked"


def test_an_address_elsewhere_is_masked_until_it_is_written_to(desk: Client, thread: Conversation) -> None:
    make.identity(thread.customer, "email", "maya@example.com", proof="imported")
    assert "E-mail m••••@example.com" in picker(desk, thread)
    assert send(desk, thread, radio(desk, thread, "email")).status_code == 200  # type: ignore[attr-defined]  # a response
    assert "E-mail maya@example.com" in picker(desk, thread)


def test_the_choice_goes_there(desk: Client, thread: Conversation) -> None:
    assert send(desk, thread, radio(desk, thread, "sms")).status_code == 200  # type: ignore[attr-defined]  # a response
    assert Delivery.objects.get().channel == "sms-demo"


def test_nothing_is_chosen_for_the_agent_where_only_other_addresses_are_open(
    desk: Client, thread: Conversation
) -> None:
    thread.sessions.update(window_expires_at=thread.opened_at)
    page = desk.get(f"/inbox/c/{thread.public_id}/", headers={"X-Inbox-Pane": "head"}).content.decode()
    assert "Choose where to reply" in page and "data-default" not in page
    assert send(desk, thread, "").status_code == 409  # type: ignore[attr-defined]  # a response
    assert not Delivery.objects.exists()


def test_a_channel_of_which_two_work_is_named(desk: Client, thread: Conversation) -> None:
    from channels_app.models import Channel

    row = Channel.objects.get(kind="sms")
    Channel.objects.create(
        key="sms-two", kind="sms", title="Second number", account="46700000002", config=row.config,
        credentials=row.credentials,
    )  # fmt: skip
    assert any("Nordic Chairs by SMS" in one for one in picker(desk, thread))


def test_the_picker_costs_the_same_however_many_addresses_there_are(
    desk: Client, thread: Conversation, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    address = f"/inbox/c/{thread.public_id}/"
    with CaptureQueriesContext(connection) as few:
        desk.get(address, headers={"X-Inbox-Pane": "head"})
    for number in range(5):
        make.identity(thread.customer, "email", f"maya{number}@example.com", proof="imported")
    with django_assert_max_num_queries(len(few)):  # type: ignore[operator]  # pytest-django's fixture is untyped
        desk.get(address, headers={"X-Inbox-Pane": "head"})

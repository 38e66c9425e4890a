"""Can somebody pass on, park or describe a conversation that they may not see, or with a forged form?"""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from handover.inbox import desk_urls
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of
from tests.handover.inbox.conftest import ana, ben, desk, fresh_loops, sales, support

__all__ = ["ana", "ben", "desk", "fresh_loops", "sales", "support"]

pytestmark = pytest.mark.django_db
DOORS = [str(door.name) for door in desk_urls.doors if door.name != "dialog"]
DIALOGS = ("assign", "escalate", "park", "topics")


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("verb", DOORS)
def test_foreign_and_absent_conversations_answer_alike(ben: Agent, sales: Queue, verb: str) -> None:
    foreign, client = make.waiting_in(sales), client_of(ben)
    answers = [client.post(f"/inbox/c/{one}/{verb}") for one in (foreign.public_id, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({answer.content for answer in answers}) == 1
    foreign.refresh_from_db()
    assert (foreign.owner_kind, foreign.head_seq) == ("queue", 3)


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("name", DIALOGS)
def test_no_dialog_opens_about_a_foreign_conversation(ben: Agent, sales: Queue, name: str) -> None:
    foreign, client = make.waiting_in(sales).public_id, client_of(ben)
    assert [client.get(f"/inbox/c/{one}/ask/{name}").status_code for one in (foreign, uuid4())] == [404, 404]


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("verb", DOORS)
def test_a_verb_needs_the_token_of_our_page_and_a_post(ana: Agent, sales: Queue, verb: str) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.user)
    address = f"/inbox/c/{conversation.public_id}/{verb}"
    form = {"to": "queue:sales", "note": "x", "until": "reply", "reason": "other"}
    assert (client.post(address, form).status_code, client.get(address).status_code) == (403, 405)
    conversation.refresh_from_db()
    assert (conversation.owner_id, conversation.state) == (ana.pk, "open")


@pytest.mark.scenario("T-1")
def test_why_it_is_parked_is_text(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    text = "<img src=x onerror=document.marker=1>"
    desk.post(f"/inbox/c/{conversation.public_id}/park", {"until": "reply", "reason": text})
    page = desk.get(f"/inbox/c/{conversation.public_id}/").content.decode()
    assert text not in page and "&lt;img src=x" in page

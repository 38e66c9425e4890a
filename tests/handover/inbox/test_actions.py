"""What do the agent's forms do, and what do they refuse?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from common import clock
from conversations.models import Conversation, Message, Session
from handover.models import Agent, Note, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of

pytestmark = pytest.mark.django_db


def act(client: Client, conversation: Conversation, verb: str, **fields: Any) -> Any:
    """What our scripts do: a form, answered in JSON."""
    accept = {"Accept": "application/json"}
    return client.post(f"/inbox/c/{conversation.public_id}/{verb}", fields, headers=accept)


def words(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"text": text, "client_id": str(uuid4()), **fields}


def test_a_reply_claims_and_is_queued_once(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation, form = make.waiting_in(sales), words("Good morning")
    assert act(desk, conversation, "reply", **form).status_code == 200
    assert act(desk, conversation, "reply", **form).status_code == 200
    conversation.refresh_from_db()
    assert (conversation.owner_kind, conversation.owner_id) == ("agent", ana.pk)
    assert Message.objects.filter(author="agent").count() == 1


def test_a_reply_that_missed_a_message_is_stopped_unless_forced(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    stopped = act(desk, conversation, "reply", **words(seen_seq=1))
    assert (stopped.status_code, stopped.json()["code"]) == (409, "unseen_messages")
    assert act(desk, conversation, "reply", **words(seen_seq=1, force="1")).status_code == 200


def test_a_reply_that_the_line_kept_back_for_long_is_stopped_unless_it_was_said(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    old, fresh = ([words(written=round(ms(ago))) for ago in minutes] for minutes in ((11, 600), (0, 9)))
    for form in old:
        stopped = act(desk, conversation, "reply", **form)
        assert (stopped.status_code, stopped.json()["code"]) == (409, "waited_too_long")
    assert [act(desk, conversation, "reply", **form).status_code for form in fresh] == [200, 200]
    again = act(desk, conversation, "reply", **{**fresh[0], "written": round(ms(600))})
    assert again.status_code == 200 and Message.objects.filter(author="agent").count() == 2


def ms(minutes: int) -> float:
    """The moment so long ago, as a browser says it."""
    return (clock.now() - timedelta(minutes=minutes)).timestamp() * 1000


def test_a_moment_that_is_none_is_refused(desk: Client, sales: Queue) -> None:
    for written in ("soon", "-1", str(10**20)):
        assert act(desk, make.waiting_in(sales), "reply", **words(written=written)).status_code == 400


@pytest.mark.scenario("T-8")
def test_a_session_of_another_conversation_is_refused(desk: Client, sales: Queue) -> None:
    mine, other = make.waiting_in(sales), make.waiting_in(sales)
    foreign = Session.objects.get(conversation=other)
    answer = act(desk, mine, "reply", **words(session=str(foreign.public_id)))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Message.objects.filter(author="agent").exists()


def test_words_need_an_id_and_a_length(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    assert act(desk, conversation, "reply", text="hello", client_id="not-an-id").status_code == 400
    assert act(desk, conversation, "reply", **words("x" * 4001)).status_code == 400
    assert act(desk, conversation, "reply", **words("   ")).status_code == 400


def test_a_note_stays_inside(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    assert act(desk, conversation, "note", **words("Watch out")).status_code == 200
    assert Note.objects.get().text == "Watch out"
    assert not Message.objects.filter(author="agent").exists()
    conversation.refresh_from_db()
    assert conversation.owner_kind == "queue"


def test_a_second_agent_comes_too_late(desk: Client, ben: Agent, sales: Queue) -> None:
    ben.memberships.create(queue=sales)
    conversation = make.waiting_in(sales)
    assert act(client_of(ben), conversation, "claim").status_code == 200
    late = act(desk, conversation, "claim")
    assert (late.status_code, late.json()["owner"]) == (409, "Ben Okafor")


def test_closing_gives_the_conversation_to_the_bot(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    assert act(desk, conversation, "close").status_code == 200
    conversation.refresh_from_db()
    assert (conversation.state, conversation.owner_kind) == ("closed", "bot")


def test_an_unseen_message_is_not_closed_away(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    stopped = act(desk, conversation, "close", seen_seq=1)
    assert (stopped.status_code, stopped.json()["code"]) == (409, "unseen_messages")
    conversation.refresh_from_db()
    assert conversation.state == "open"
    assert act(desk, conversation, "close", seen_seq=conversation.head_seq).status_code == 200


def test_an_unseen_message_is_not_parked_away(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    stopped = act(desk, conversation, "park", until="reply", seen_seq=1)
    assert (stopped.status_code, stopped.json()["code"]) == (409, "unseen_messages")
    conversation.refresh_from_db()
    assert conversation.state == "open"
    assert act(desk, conversation, "park", until="reply", seen_seq=conversation.head_seq).status_code == 200


def test_what_is_not_visible_cannot_be_acted_on(ben: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    client = client_of(ben)
    for verb in ("reply", "note", "claim", "release", "close"):
        assert act(client, conversation, verb, **words()).status_code == 404
    conversation.refresh_from_db()
    assert (conversation.owner_kind, conversation.head_seq) == ("queue", 3)


@pytest.mark.parametrize("verb", ["reply", "note", "claim", "release", "close"])
def test_a_get_changes_nothing(desk: Client, sales: Queue, verb: str) -> None:
    conversation = make.waiting_in(sales)
    assert desk.get(f"/inbox/c/{conversation.public_id}/{verb}").status_code == 405


def test_without_scripts_a_form_leads_back_to_the_thread(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    answer = desk.post(f"/inbox/c/{conversation.public_id}/reply", words())
    assert answer.headers["Location"] == f"/inbox/c/{conversation.public_id}/"


def test_the_status_is_what_the_agent_says(desk: Client, ana: Agent) -> None:
    assert desk.post("/inbox/status", {"status": "busy"}, headers={"Accept": "application/json"}).status_code == 200
    ana.refresh_from_db()
    assert ana.manual_status == "busy"
    assert desk.post("/inbox/status", {"status": "asleep"}).status_code == 400


def test_the_session_key_changes_at_the_door(ana: Agent) -> None:
    client = Client()
    client.get("/inbox/login")
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["throughline-session"] = session.session_key or ""
    client.post("/inbox/login", {"username": "ana", "password": make.PASSWORD})
    assert client.session.session_key != session.session_key
    assert "_auth_user_id" in client.session


def test_an_account_without_a_desk_stays_outside(ana: Agent) -> None:
    ana.is_active = False
    ana.save(update_fields=["is_active"])
    answer = Client().post("/inbox/login", {"username": "ana", "password": make.PASSWORD})
    assert "has no desk" in answer.content.decode()


def test_a_login_leads_to_no_foreign_address(ana: Agent) -> None:
    form = {"username": "ana", "password": make.PASSWORD, "next": "https://evil.example/"}
    assert Client().post("/inbox/login", form).headers["Location"] == "/inbox/"


def test_logging_out_needs_a_post(desk: Client) -> None:
    assert desk.get("/inbox/logout").status_code == 405
    assert desk.post("/inbox/logout").status_code == 302
    assert desk.get("/inbox/mine/").status_code == 302

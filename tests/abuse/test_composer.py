"""Can an agent reach another's drafts, words or macros, or can a note, a place or some markup get outside?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from channels_app import delivery
from conversations import events
from conversations.models import Conversation, Message, Session
from handover import desk as verbs
from handover import drafts, sight
from handover.inbox import composing_urls
from handover.models import Agent, CannedReply, Draft, Macro, Queue
from tests import factories as make
from tests.abuse.test_inbox_pages import POLYGLOTS
from tests.handover.inbox.cast import client_of
from tests.handover.inbox.conftest import ana, ben, chloe, desk, fresh_loops, sales, support

__all__ = ["ana", "ben", "chloe", "desk", "fresh_loops", "sales", "support"]

pytestmark = pytest.mark.django_db
OF_A_CONVERSATION = {"draft": "GET", "ready": "GET", "colleagues": "GET", "mentions": "POST", "macros": "GET"}
PAGES = ("ready-words/", "ready-words/replies/new", "ready-words/macros/new", "marks", "next")


@pytest.mark.scenario("T-7")
def test_every_address_of_the_composer_is_asked_here() -> None:
    own = {"macro", "ready-edit", "ready-remove", "mentions-seen", "marks", "next", "ready-words", "ready-new"}
    asked = {"draft", "ready", "colleagues", "macros", "context"}
    assert {str(door.name) for door in composing_urls.doors} == own | asked


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("page", [*OF_A_CONVERSATION, "macro"])
def test_a_foreign_conversation_is_not_there(ben: Agent, sales: Queue, page: str) -> None:
    foreign, client = make.waiting_in(sales).public_id, client_of(ben)
    tail = f"macros/{Macro.objects.create(title='x', actions=[]).public_id}" if page == "macro" else page
    send = client.post if OF_A_CONVERSATION.get(page) == "POST" else client.get
    answers = [send(f"/inbox/c/{one}/{tail}") for one in (foreign, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_learns_nothing(db: None, page: str) -> None:
    assert Client().get(f"/inbox/{page}").status_code == 302


@pytest.mark.scenario("T-7")
def test_nobody_reads_a_colleagues_draft(desk: Client, ana: Agent, chloe: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    drafts.keep(conversation=conversation, agent=ana, kind="reply", text="CANARY")
    address = f"/inbox/c/{conversation.public_id}/"
    seen = client_of(chloe)
    assert seen.get(f"{address}draft").json() == {}
    assert "CANARY" not in seen.get(address).content.decode()
    assert "CANARY" in desk.get(address).content.decode()


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("verb", ["", "/remove"])
def test_anothers_words_are_not_there(desk: Client, chloe: Agent, sales: Queue, verb: str) -> None:
    own = CannedReply.objects.create(shortcut="x", title="x", text="CANARY", owner=chloe)
    led = CannedReply.objects.create(shortcut="y", title="y", text="hello", queue=sales)
    codes = [
        desk.post(f"/inbox/ready-words/replies/{one}{verb}").status_code
        for one in (own.public_id, led.public_id, uuid4())
    ]
    assert codes == [404, 404, 404]
    assert CannedReply.objects.count() == 2
    assert "CANARY" not in desk.get("/inbox/ready-words/").content.decode()


@pytest.mark.scenario("T-7")
def test_an_agent_writes_for_nobody_else(desk: Client, ana: Agent, sales: Queue) -> None:
    form = {"title": "Hi", "shortcut": "hi", "language": "", "text": "Hi"}
    for whose in ("all", "queue:sales", "owner:2"):
        assert desk.post("/inbox/ready-words/replies/new", {**form, "whose": whose}).status_code == 400
    assert desk.post("/inbox/ready-words/replies/new", {**form, "whose": "me"}).status_code == 302
    assert CannedReply.objects.get().owner == ana


@pytest.mark.scenario("T-7")
def test_a_macro_of_another_queue_is_not_run(desk: Client, support: Queue, sales: Queue) -> None:
    macro = Macro.objects.create(title="x", actions=[{"do": "close"}], queue=support)
    conversation = make.waiting_in(sales)
    form = {"client_id": str(uuid4())}
    assert desk.post(f"/inbox/c/{conversation.public_id}/macros/{macro.public_id}", form).status_code == 404
    conversation.refresh_from_db()
    assert conversation.state == "open"


@pytest.mark.scenario("T-11")
def test_a_note_of_a_macro_and_a_draft_never_leave(ana: Agent, sales: Queue, desk: Client) -> None:
    conversation = make.waiting_in(sales)
    macro = Macro.objects.create(title="x", actions=[{"do": "note", "text": "CANARY @ben"}], queue=sales)
    drafts.keep(conversation=conversation, agent=ana, kind="note", text="CANARY draft")
    form = {"client_id": str(uuid4())}
    assert desk.post(f"/inbox/c/{conversation.public_id}/macros/{macro.public_id}", form).status_code == 200
    session = Session.objects.get(conversation=conversation)
    seen = events.of_endpoint(session.identity_id, session.channel, after=0)
    assert [event.kind for event in seen] == ["message"]
    assert (delivery.send_due(), Message.objects.exclude(author="customer").count()) == (0, 0)


@pytest.mark.scenario("T-1")
@pytest.mark.parametrize("text", POLYGLOTS)
def test_markup_in_the_composers_lists_is_text(desk: Client, ana: Agent, sales: Queue, text: str) -> None:
    conversation = make.waiting_in(sales, name=text)
    verbs.note(conversation_id=conversation.pk, agent=ana, text=f"{text} @chloe")
    drafts.keep(conversation=conversation, agent=ana, kind="reply", text=text)
    row = CannedReply.objects.create(shortcut="x", title=text[:80], text=f"{text}{{{{customer.name}}}}", queue=sales)
    macro = Macro.objects.create(title=text[:80], actions=[{"do": "reply", "text": "{{customer.name}}"}], owner=ana)
    here = f"/inbox/c/{conversation.public_id}/"
    for address in (here, f"{here}ready", f"{here}macros/{macro.public_id}", "/inbox/ready-words/"):
        page = desk.get(address).content.decode()
        assert text not in page or not set(text) & set("<>")
    assert str(row.public_id) not in desk.get("/inbox/ready-words/").content.decode()


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("page", ["draft", "mentions", "ready-words/replies/new"])
def test_a_form_of_another_site_changes_nothing(ana: Agent, sales: Queue, page: str) -> None:
    conversation: Conversation = make.waiting_in(sales)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.user)
    address = f"/inbox/{page}" if page.startswith("ready") else f"/inbox/c/{conversation.public_id}/{page}"
    assert client.post(address, {"kind": "reply", "text": "x", "whose": "me"}).status_code == 403
    assert not Draft.objects.exists() and not CannedReply.objects.exists()


def test_what_is_out_of_sight_is_in_no_mark(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    drafts.keep(conversation=conversation, agent=ana, kind="reply", text="x")
    answers: list[Any] = [desk.get("/inbox/marks").json()]
    ana.memberships.all().delete()
    answers.append(desk.get("/inbox/marks").json())
    assert [answer["drafts"] for answer in answers] == [[str(conversation.public_id)], []]
    assert not sight.may_see(ana, conversation)

"""Can a customer's words, a foreign form or a guessed address do harm in the inbox?"""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from conversations import events
from conversations.models import Conversation, Message, Session
from handover import desk as verbs
from handover.models import Agent, Queue
from tests import factories as make
from tests.conversations import files
from tests.handover.inbox.cast import client_of
from tests.handover.inbox.conftest import ana, ben, desk, fresh_loops, sales, support

__all__ = ["ana", "ben", "desk", "fresh_loops", "sales", "support"]

pytestmark = pytest.mark.django_db
ABSENT = "01890000-0000-7000-8000-000000000001"

POLYGLOTS = [
    "<script>document.marker=1</script>",
    '"><img src=x onerror=document.marker=1>',
    "'\"--></style></script><svg onload=document.marker=1>",
    "</textarea><iframe srcdoc='<script>parent.document.marker=1</script>'>",
    "{{ 7|add:7 }}{% now 'Y' %}",
    "javascript:document.marker=1",
    "<a href='jav&#x09;ascript:document.marker=1'>x</a>",
    "</template><script>document.marker=1</script>",
]
VERBS = ("reply", "note", "claim", "release", "close", "files")
PERSON = {
    "person-look": "look",
    "person-reveal": "reveal",
    "person-fact": "fact",
    "person-consent": "consent",
    "person-propose": "propose",
    "person-settle": f"conflicts/{ABSENT}",
    "person-undo": f"links/{ABSENT}/undo",
    "person-accept": f"matches/{ABSENT}/accept",
    "person-reject": f"matches/{ABSENT}/reject",
    "person-snooze": f"matches/{ABSENT}/snooze",
}
CONVERSATION_PAGES = ("", "older", "events", "templates", "ways", *VERBS)
FILE_PAGES = {"file": "", "thumb": "/small", "file-again": "/again"}


def everywhere(text: str, sales: Queue) -> Conversation:
    """A customer who puts the same text in every field that a customer can write."""
    conversation = make.waiting_in(sales, text=text, name=text)
    make.attribute(conversation.customer, "city", text)
    make.card(conversation, referrer=text, answers=[{"label": text, "value": text}], greeting=text)
    return conversation


@pytest.mark.scenario("T-1")
@pytest.mark.parametrize("text", POLYGLOTS)
def test_markup_is_text_on_every_page(desk: Client, sales: Queue, text: str) -> None:
    conversation = everywhere(text, sales)
    pages = ("/inbox/queue-sales/", f"/inbox/c/{conversation.public_id}/")
    for address in pages:
        page = desk.get(address).content.decode()
        assert text not in page or not set(text) & set("<>\"'")
    assert text not in str(desk.get(f"/inbox/c/{conversation.public_id}/events?after=0").json()) or "<" not in text


@pytest.mark.scenario("T-1")
def test_no_page_needs_inline_code(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    for address in ("/inbox/login", "/inbox/queue-sales/", f"/inbox/c/{conversation.public_id}/"):
        answer = desk.get(address)
        page = answer.content.decode()
        assert "style=" not in page and " onclick=" not in page and "<script>" not in page
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("page", CONVERSATION_PAGES)
def test_foreign_and_absent_conversations_answer_alike(ben: Agent, sales: Queue, page: str) -> None:
    client, foreign = client_of(ben), make.waiting_in(sales).public_id
    ask = client.post if page in VERBS else client.get
    answers = [ask(f"/inbox/c/{public_id}/{page}") for public_id in (foreign, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("page", PERSON)
def test_nothing_is_done_about_the_customer_of_a_foreign_conversation(ben: Agent, sales: Queue, page: str) -> None:
    foreign, client = make.waiting_in(sales).public_id, client_of(ben)
    answers = [client.post(f"/inbox/c/{one}/person/{PERSON[page]}") for one in (foreign, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("page", ["templates", "ways"])
def test_nothing_is_posted_to_a_foreign_conversation(ben: Agent, sales: Queue, page: str) -> None:
    foreign = make.waiting_in(sales).public_id
    answers = [client_of(ben).post(f"/inbox/c/{public_id}/{page}") for public_id in (foreign, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("verb", ["send", "retry", "cancel"])
def test_nothing_is_done_about_a_job_of_a_foreign_conversation(ben: Agent, sales: Queue, verb: str) -> None:
    foreign, client = make.waiting_in(sales).public_id, client_of(ben)
    answers = [client.post(f"/inbox/c/{one}/jobs/{ABSENT}/{verb}") for one in (foreign, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("page", FILE_PAGES)
def test_foreign_and_absent_files_answer_alike(ben: Agent, sales: Queue, page: str) -> None:
    message = Message.objects.get(session__conversation=make.waiting_in(sales))
    foreign = files.referenced(message, name="film.mp4", state="failed", reason="gone").public_id
    client = client_of(ben)
    ask = client.post if page == "file-again" else client.get
    answers = [ask(f"/inbox/files/{public_id}{FILE_PAGES[page]}") for public_id in (foreign, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.scenario("T-7")
def test_a_foreign_message_is_not_sent_again(ben: Agent, sales: Queue) -> None:
    message = Message.objects.get(session__conversation=make.waiting_in(sales))
    answers = [client_of(ben).post(f"/inbox/messages/{one}/retry/") for one in (message.public_id, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("address", ["status", "keys", "heartbeat", "logout", "login", "offers/back"])
def test_a_form_of_another_site_is_refused(ana: Agent, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.user)
    form = {"status": "offline", "on": "0", "username": "ana", "password": make.PASSWORD}
    assert client.post(f"/inbox/{address}", form, headers={"Origin": "https://evil.example"}).status_code == 403
    ana.refresh_from_db()
    assert (ana.manual_status, ana.uses_single_keys) == ("online", True)


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("verb", [*VERBS, "templates", "ways"])
def test_a_verb_needs_the_token_of_our_page(ana: Agent, sales: Queue, verb: str) -> None:
    conversation = make.waiting_in(sales)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.user)
    form = {"text": "x", "client_id": str(uuid4())}
    assert client.post(f"/inbox/c/{conversation.public_id}/{verb}", form).status_code == 403
    conversation.refresh_from_db()
    assert conversation.owner_kind == "queue"


@pytest.mark.scenario("T-53")
@pytest.mark.parametrize("address", [f"files/{ABSENT}/again", f"messages/{ABSENT}/retry/"])
def test_a_file_or_a_message_needs_the_token_too(ana: Agent, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana.user)
    assert client.post(f"/inbox/{address}").status_code == 403


@pytest.mark.parametrize("address", ["mine/", "counts", f"c/{ABSENT}/", f"c/{ABSENT}/events"])
def test_a_visitor_without_login_learns_nothing(db: None, address: str) -> None:
    page = Client().get(f"/inbox/{address}")
    assert (page.status_code, page.headers["Location"].split("?")[0]) == (302, "/inbox/login")
    script = Client().get(f"/inbox/{address}", headers={"Accept": "application/json"})
    assert (script.status_code, script.json()["code"]) == (401, "not_logged_in")


@pytest.mark.scenario("T-11")
def test_a_note_never_reaches_the_customers_stream(ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    verbs.note(conversation_id=conversation.pk, agent=ana, text="CANARY", client_id=str(uuid4()))
    session = Session.objects.get(conversation=conversation)
    seen = events.of_endpoint(session.identity_id, session.channel, after=0)
    assert [event.kind for event in seen] == ["message"]

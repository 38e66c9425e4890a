"""What do lists, the search and the doing of many show on the page, and to whom?"""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from conversations import outbox, threads, words
from conversations.content import Text
from conversations.models import Conversation, Message, Session
from customers.models import AuditEntry
from handover import desk as verbs
from handover import saved_views
from handover.filters import Filter
from handover.inbox import rows
from handover.models import Agent, Queue, SavedView, SeenMark
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later

pytestmark = pytest.mark.django_db


def tell(session: Session, text: str) -> None:
    """A notice of the system, whoever owns the conversation."""
    with transaction.atomic():
        conversation = threads.lock(conversation_id=session.conversation_id)
        outbox.say(conversation=conversation, session=session, content=Text(text), author=Message.Author.SYSTEM)


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_filter_narrows_a_view_and_can_be_taken_away(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    page = text_of(desk, "/inbox/queue-sales/?channel=email")
    assert "Maya Lindqvist" not in page
    assert "Channel: E-mail" in page and 'href="/inbox/queue-sales/"' in page
    assert "Maya Lindqvist" in text_of(desk, "/inbox/queue-sales/?channel=whatsapp")


@pytest.mark.parametrize("query", ["owner=%27%20OR%201=1", "sla=soon", "queue=support", "tag=no", "q=a%00b", "state=x"])
def test_a_filter_that_means_nothing_is_said_and_shows_no_rows(desk: Client, sales: Queue, query: str) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    page = text_of(desk, f"/inbox/queue-sales/?{query}")
    assert 'role="alert"' in page
    assert "row-name" not in page


def test_a_view_is_made_from_the_filter_and_deleted(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    made = desk.post("/inbox/views/new", {"title": "On WhatsApp", "filter": "channel=whatsapp&owner=nobody"})
    assert "Maya Lindqvist" in text_of(desk, made.headers["Location"])
    view = SavedView.objects.get()
    desk.post(f"/inbox/views/{view.public_id}", {"title": "Phones", "move": "up"})
    assert "Phones" in text_of(desk, "/inbox/mine/")
    desk.post(f"/inbox/views/{view.public_id}/delete")
    assert not SavedView.objects.exists()


def test_somebody_elses_view_is_not_there(desk: Client, ben: Agent, ana: Agent) -> None:
    view = saved_views.create(agent=ben, title="Ben's own", asked=Filter(owner="me"))
    assert "Ben&#x27;s own" not in text_of(desk, "/inbox/mine/")
    assert desk.get(f"/inbox/view-{view.public_id.hex}/").status_code == 404
    assert desk.post(f"/inbox/views/{view.public_id}/delete").status_code == 404


def test_words_are_found_marked_and_noted_without_being_told(desk: Client, ana: Agent, sales: Queue) -> None:
    make.waiting_in(sales, text="My blue <b>chair</b> squeaks", name="Maya Lindqvist")
    words.gather()
    page = text_of(desk, "/inbox/all/?q=blue%20cha")
    assert "<mark>blue</mark> &lt;b&gt;<mark>chair</mark>" in page
    entry = AuditEntry.objects.get(action="inbox.search")
    assert (entry.actor, entry.rows) == (f"user:{ana.user_id}", 1)
    assert "blue" not in f"{entry.reason} {entry.object_id}"


def test_a_note_is_found_by_the_team_and_by_nobody_else(desk: Client, ana: Agent, ben: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    verbs.note(conversation_id=conversation.pk, agent=ana, text="Second complaint about delivery")
    words.gather()
    assert "<mark>complaint</mark>" in text_of(desk, "/inbox/all/?q=complaint")
    assert "complaint</mark>" not in text_of(client_of(ben), "/inbox/all/?q=complaint")


def test_a_search_is_narrowed_by_a_filter(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales, text="a chair")
    words.gather()
    assert "row-name" in text_of(desk, "/inbox/all/?q=chair&owner=nobody")
    assert "row-name" not in text_of(desk, "/inbox/all/?q=chair&owner=me")


@pytest.mark.scenario("T-98")
def test_a_search_that_is_being_rebuilt_says_so(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales, text="a chair")
    assert "being rebuilt" in text_of(desk, "/inbox/all/?q=chair")
    words.gather()
    assert "being rebuilt" not in text_of(desk, "/inbox/all/?q=chair")


def test_rows_say_what_is_unread_to_this_agent(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    assert "is-unread" in text_of(desk, "/inbox/queue-sales/")
    SeenMark.objects.create(agent=ana, conversation=conversation, seq=100)
    assert "is-unread" not in text_of(desk, "/inbox/queue-sales/")


def test_who_waits_is_shown_with_their_own_words_and_since_when(sales: Queue) -> None:
    conversation = make.waiting_in(sales, text="The left arm rest is broken")
    session = conversation.sessions.get()
    tell(session, "Thank you for waiting. You are number 1 in the queue.")
    [row] = rows.of(list(rows.with_last_message(Conversation.objects.filter(pk=conversation.pk))))
    assert (row.preview, row.author, row.since) == ("The left arm rest is broken", "customer", conversation.queued_at)


def test_what_somebody_has_shows_the_last_words_but_never_what_the_system_says(ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    make.agent_says(conversation.sessions.get(), "I will look at it", ana)
    tell(conversation.sessions.get(), "Are you still there?")
    [row] = rows.of(list(rows.with_last_message(Conversation.objects.filter(pk=conversation.pk))))
    assert (row.preview, row.author, row.since) == ("I will look at it", "agent", None)


def test_what_the_bot_has_is_not_said_to_wait(desk: Client, ana: Agent, sales: Queue) -> None:
    make.give(make.waiting_in(sales), None)
    [row] = rows.of(list(rows.with_last_message(Conversation.objects.all())))
    assert not row.is_waiting


def test_many_are_taken_refusals_are_named_and_it_is_taken_back(desk: Client, ben: Agent, sales: Queue) -> None:
    chosen = [make.waiting_in(sales, name=f"Person {number}") for number in range(3)]
    make.give(chosen[0], ben)
    answer = desk.post(
        "/inbox/bulk", {"verb": "assign", "to": "me", "ids": [str(row.public_id) for row in chosen]}
    ).json()
    assert (answer["done"], answer["refused"][0]["name"]) == (2, "Person 0")
    assert answer["refused"][0]["why"] == "a colleague has it"
    assert client_of(ben).post(f"/inbox/bulk/{answer['id']}/undo").status_code == 404
    assert desk.post(f"/inbox/bulk/{answer['id']}/undo").json()["undone"] == 2
    assert Conversation.objects.filter(owner_kind="queue").count() == 2


def test_thousands_are_named_in_one_field(desk: Client, sales: Queue) -> None:
    row = make.waiting_in(sales)
    ids = ",".join([str(row.public_id), *(str(uuid4()) for _ in range(900))])
    answer = desk.post("/inbox/bulk", {"verb": "read", "ids": ids, "seen": ",".join(["1"] * 901)}).json()
    assert (answer["status"], answer["wanted"]) == ("pending", 901)
    assert desk.post("/inbox/bulk", {"verb": "read", "ids": "1,,2"}).json()["code"] == "invalid_bulk"


@pytest.mark.parametrize(
    "given", [{"verb": "explode"}, {"verb": "assign", "to": "agent:nobody"}, {"verb": "close", "ids": "x"}, {}]
)
def test_what_cannot_be_done_to_many_is_refused(desk: Client, given: dict[str, str]) -> None:
    answer = desk.post("/inbox/bulk", {"ids": str(uuid4()), **given})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_bulk")


def test_the_palette_is_noted_as_a_search_also_when_it_finds_nobody(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales)
    for text in ("maya lindqvist", "nobody@example.com"):
        desk.get("/inbox/palette", {"q": text})
    kept = AuditEntry.objects.filter(action="inbox.search").order_by("pk")
    assert [entry.rows for entry in kept] == [1, 0]
    assert "nobody" not in str([vars(entry) for entry in kept])


def test_the_palette_finds_people_that_the_agent_may_see(desk: Client, ben: Agent, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    assert desk.get("/inbox/palette?q=maya lindqvist").json()["found"][0]["title"] == "Maya Lindqvist"
    assert client_of(ben).get("/inbox/palette?q=maya lindqvist").json() == {"found": []}
    assert desk.get("/inbox/palette?q=ma").json() == {"found": []}


@pytest.mark.django_db(transaction=True)
def test_what_is_before_somebodys_eyes_is_read_on_all_their_screens(ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    client = client_of(ana)

    async def look() -> None:
        one, other = await Screen(client).open(), await Screen(client).open()
        await one.subscribe(conversation)
        await one.hear("subscribed")
        await one.ask(type="seen", conversation=str(conversation.public_id), seq=2)
        assert (await other.hear("seen"))["data"] == {"id": str(conversation.public_id), "seq": 2}
        await asyncio.sleep(1.5)
        assert await later(SeenMark.objects.filter(agent=ana, seq=2).exists)
        await one.leave()
        await other.leave()

    asyncio.run(look())


@pytest.mark.django_db(transaction=True)
def test_nobody_marks_what_they_do_not_watch(ben: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    client = client_of(ben)

    async def look() -> None:
        screen = await Screen(client).open()
        await screen.ask(type="seen", conversation=str(conversation.public_id), seq=2)
        await asyncio.sleep(1.5)
        await screen.leave()

    asyncio.run(look())
    assert not SeenMark.objects.exists()

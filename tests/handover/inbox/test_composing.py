"""What does the composer get from the server, and what does the server forget once it is sent?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from conversations.models import Conversation
from handover import drafts
from handover.models import Agent, CannedReply, Draft, Macro, Mention, Queue, Tag
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later

pytestmark = pytest.mark.django_db


def at(conversation: Conversation, tail: str = "") -> str:
    return f"/inbox/c/{conversation.public_id}/{tail}"


def begin(client: Client, conversation: Conversation, text: str, **more: Any) -> int:
    answer = client.post(at(conversation, "draft"), {"kind": "reply", "text": text, **more})
    return int(answer.json()["revision"])


def say(client: Client, conversation: Conversation, verb: str = "reply", **more: Any) -> int:
    form = {"text": "Hello", "client_id": str(uuid4()), **more}
    headers = {"Accept": "application/json"}
    return int(client.post(at(conversation, verb), form, headers=headers).status_code)


def test_a_draft_is_on_every_screen_of_its_agent(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    session = str(conversation.sessions.get().public_id)
    begin(desk, conversation, "Hello Ma", session=session)
    other = client_of(ana)
    assert other.get(at(conversation, "draft")).json() == {
        "reply": {"text": "Hello Ma", "session": session, "revision": 1}
    }
    assert "Hello Ma</textarea>" in other.get(at(conversation)).content.decode()


def test_a_reply_takes_its_draft_along(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    known = begin(desk, conversation, "Hello")
    begin(desk, conversation, "A note", kind="note")
    assert say(desk, conversation, draft=known) == 200
    assert list(Draft.objects.values_list("kind", flat=True)) == ["note"]


def test_a_refused_reply_keeps_its_draft(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    known = begin(desk, conversation, "Hello")
    assert say(desk, conversation, draft=known, seen_seq=1) == 409
    assert Draft.objects.get().text == "Hello"


def test_words_that_another_window_wrote_since_stay(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    known = begin(desk, conversation, "Hello")
    begin(desk, conversation, "Hello, and more")
    assert say(desk, conversation, draft=known) == 200
    assert Draft.objects.get().text == "Hello, and more"


def test_without_scripts_the_form_takes_the_draft_along(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    drafts.keep(conversation=conversation, agent=ana, kind="note", text="Hello")
    say(desk, conversation, "note")
    assert not Draft.objects.exists()


def test_a_draft_of_a_strange_session_keeps_its_words(desk: Client, sales: Queue) -> None:
    mine, other = make.waiting_in(sales), make.waiting_in(sales)
    begin(desk, mine, "Hello", session=str(other.sessions.get().public_id))
    assert Draft.objects.get().session is None


@pytest.mark.django_db(transaction=True)
async def test_another_window_learns_of_it_without_the_words() -> None:
    conversation, ana = await later(_begun)
    client = await later(client_of, ana)
    screen = await Screen(client).open()
    await later(begin, client, conversation, "SECRET", screen="one")
    told = await screen.hear("draft")
    assert told["data"] == {
        "conversation": str(conversation.public_id),
        "kind": "reply",
        "revision": 1,
        "screen": "one",
    }
    await screen.leave()


@pytest.mark.django_db(transaction=True)
async def test_a_row_says_which_colleague_is_there() -> None:
    conversation, ana = await later(_begun)
    ben = await later(make.agent, "Ben Okafor", queues=(await later(Queue.objects.get),))
    mine, other = [await Screen(await later(client_of, one)).open() for one in (ana, ben)]
    await mine.ask(type="shown", ids=[str(conversation.public_id)])
    await other.subscribe(conversation)
    await other.ask(type="typing", conversation=str(conversation.public_id))
    told = (await mine.hear("visited"))["data"]
    assert [(one["name"], one["typing"]) for one in told["agents"]] == [("Ben Okafor", True)]
    await other.leave()
    assert (await mine.hear("visited"))["data"]["agents"] == []
    await mine.leave()


def _begun() -> tuple[Conversation, Agent]:
    sales = make.queue("sales")
    return make.waiting_in(sales), make.agent("Ana Sousa", queues=(sales,))


def test_ready_words_are_filled_in_and_found(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales, name="Maya Lindqvist")
    CannedReply.objects.create(shortcut="hello", title="Hello", text="Hello {{customer.first_name}}", queue=sales)
    Macro.objects.create(title="Say hello", actions=[{"do": "close"}], queue=sales)
    page = desk.get(at(conversation, "ready?q=hel")).content.decode()
    assert 'data-text="Hello Maya"' in page and "Say hello" in page
    assert "No ready words" in desk.get(at(conversation, "ready?q=zebra")).content.decode()


def test_the_palette_is_told_of_the_macros_that_the_agent_has(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    mine = Macro.objects.create(title="Say hello", actions=[{"do": "close"}], queue=sales)
    Macro.objects.create(title="Others say hello", actions=[{"do": "close"}], queue=make.queue("support"))
    href = at(conversation, f"macros/{mine.public_id}")
    told = desk.get(at(conversation, "macros")).json()
    assert told == {"macros": [{"title": "Say hello", "about": "Sales", "href": href}]}


def test_a_macro_shows_itself_before_and_after(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales, name="Maya Lindqvist")
    macro = Macro.objects.create(title="Bye", actions=[{"do": "reply", "text": "Bye {{customer.first_name}}"}])
    address = at(conversation, f"macros/{macro.public_id}")
    assert "Bye Maya" in desk.get(address).content.decode()
    conversation.refresh_from_db()
    assert conversation.owner_kind == "queue"
    done = desk.post(address, {"client_id": str(uuid4())}).content.decode()
    assert "Everything is done." in done
    assert desk.post(address, {}).status_code == 400


TAKEN_OUT = [
    {"do": "reply", "text": "A colleague will see to it"},
    {"do": "tag", "tag": "refund"},
    {"do": "transfer", "queue": "support", "text": "Yours"},
    {"do": "tag", "tag": "refund"},
]


@pytest.mark.parametrize("number", [3, 4])
def test_a_macro_that_took_it_out_of_sight_is_answered_again_as_before(
    desk: Client, chloe: Agent, sales: Queue, support: Queue, number: int
) -> None:
    Tag.objects.create(key="refund", title="Refund")
    macro = Macro.objects.create(title="Pass on", actions=TAKEN_OUT[:number])
    waits = make.waiting_in(sales, name="Maya Lindqvist")
    address, form = at(waits, f"macros/{macro.public_id}"), {"client_id": str(uuid4()), "seen_seq": waits.head_seq}
    first = desk.post(address, form)
    head = Conversation.objects.get(pk=waits.pk).head_seq
    again = desk.post(address, form)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert ("Everything is done." in first.content.decode()) == (number == 3)
    assert Conversation.objects.get(pk=waits.pk).head_seq == head
    others = [client_of(chloe).post(address, form), desk.post(address, {"client_id": str(uuid4())}), desk.get(address)]
    assert [other.status_code for other in others] == [404] * 3


def test_colleagues_are_those_who_see_it(desk: Client, ben: Agent, chloe: Agent, sales: Queue) -> None:
    page = desk.get(at(make.waiting_in(sales), "colleagues?q=")).content.decode()
    assert ("Chloe Martin" in page, "Ben Okafor" in page, "Ana Sousa" in page) == (True, False, False)


def test_who_opens_the_thread_has_seen_the_note(desk: Client, ana: Agent, chloe: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    say(client_of(chloe), conversation, "note", text="@Ana Sousa look")
    assert desk.get("/inbox/marks").json()["mentions"] == 1
    page = desk.get(at(conversation)).content.decode()
    assert '<strong class="mention">@Ana Sousa</strong>' in page and '"is_named": true' in page
    desk.post(at(conversation, "mentions"))
    assert Mention.objects.get().seen_at is not None
    assert desk.get("/inbox/marks").json()["mentions"] == 0


def test_the_next_one_is_mine_first_then_who_waits_longest(desk: Client, ana: Agent, sales: Queue) -> None:
    first, second = make.waiting_in(sales), make.waiting_in(sales)
    mine = make.give(make.waiting_in(sales), ana)
    asked = [desk.get("/inbox/next").json(), desk.get(f"/inbox/next?but={mine.public_id}").json()]
    assert [answer["url"] for answer in asked] == [at(mine), at(first)]
    assert desk.get(f"/inbox/next?but={first.public_id}").json()["url"] == at(mine)
    for conversation in (first, second, mine):
        Conversation.objects.filter(pk=conversation.pk).update(waiting_on="customer")
    assert desk.get("/inbox/next").json() == {"url": ""}


def test_words_are_kept_on_their_page(desk: Client, ana: Agent) -> None:
    form = {"title": "Hi", "shortcut": "hi", "language": "", "text": "Hi {{customer.first_name}}", "whose": "me"}
    bad = desk.post("/inbox/ready-words/replies/new", {**form, "text": "{{settings.KEY}}"})
    assert bad.status_code == 400 and "is not a name" in bad.content.decode()
    assert desk.post("/inbox/ready-words/replies/new", form).status_code == 302
    assert "There are such words already" in desk.post("/inbox/ready-words/replies/new", form).content.decode()
    row = CannedReply.objects.get()
    assert desk.post(f"/inbox/ready-words/replies/{row.public_id}", {**form, "title": "Hello"}).status_code == 302
    assert "Hello" in desk.get("/inbox/ready-words/").content.decode()
    assert desk.post(f"/inbox/ready-words/replies/{row.public_id}/remove").status_code == 302
    assert not CannedReply.objects.exists()


def test_of_very_many_words_the_page_shows_the_first_and_finds_the_others(desk: Client, ana: Agent) -> None:
    rows = [CannedReply(shortcut=f"s{n:03}", title=f"Title {n:03}", text="Hello", owner=ana) for n in range(230)]
    CannedReply.objects.bulk_create(rows)
    page = desk.get("/inbox/ready-words/").content.decode()
    assert page.count('class="ready-row"') == 200 and "The first 200 of them" in page
    found = desk.get("/inbox/ready-words/?q=title 229").content.decode()
    assert found.count('class="ready-row"') == 1 and "/s229" in found


def test_a_macro_is_written_step_by_step(desk: Client, ana: Agent) -> None:
    form = {"title": "Bye", "whose": "me", "step-TOTAL_FORMS": "3", "step-INITIAL_FORMS": "0"}
    steps = {"step-0-do": "reply", "step-0-text": "Bye", "step-0-hours": "4", "step-1-do": "close"}
    assert desk.post("/inbox/ready-words/macros/new", form).status_code == 400
    assert desk.post("/inbox/ready-words/macros/new", {**form, **steps}).status_code == 302
    macro = Macro.objects.get()
    assert macro.actions == [{"do": "reply", "text": "Bye"}, {"do": "close"}]
    assert "Bye" in desk.get(f"/inbox/ready-words/macros/{macro.public_id}").content.decode()

"""Does what was found, or names an agent, open where it stands and not at the end?"""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from conversations import words
from conversations.models import Conversation, Message
from handover import noting
from handover.models import Agent, Note, Queue
from tests import factories as make

pytestmark = pytest.mark.django_db
NAMED = 'data-name="Maya Lindqvist" data-at='


@pytest.fixture
def long(sales: Queue, ana: Agent) -> Conversation:
    """A word early on, and a hundred after it."""
    conversation = make.give(make.waiting_in(sales, text="The zebra arrived broken"), ana)
    for number in range(100):
        make.agent_says(conversation.sessions.get(), f"Line {number}", ana)
    return conversation


def thread(desk: Client, address: str, **asked: str) -> str:
    return desk.get(address, asked, headers={"X-Inbox-Pane": "thread"}).content.decode()


def links(page: str) -> list[str]:
    return re.findall(r'<a href="(/inbox/c/[^"]+\?at=[^"]+)"', page)


def test_a_hit_opens_where_it_stands_with_what_is_around_it(desk: Client, long: Conversation) -> None:
    words.gather()
    [link] = links(desk.get("/inbox/all/", {"q": "zebra "}).content.decode())
    said = Message.objects.get(session__conversation=long, author="customer")
    assert link.endswith(f"?at={said.public_id}")
    page = thread(desk, link.partition("?")[0], at=str(said.public_id))
    seq = long.events.get(message=said).seq
    assert f'data-name="Maya Lindqvist" data-at="{seq}"' in page and "The zebra arrived broken" in page
    assert "Line 3" in page and "Line 99" not in page and "data-newest" in page


def test_what_stands_near_the_end_opens_with_the_end(desk: Client, long: Conversation) -> None:
    said = Message.objects.filter(session__conversation=long).latest("pk")
    page = thread(desk, f"/inbox/c/{long.public_id}/", at=str(said.public_id))
    assert "Line 99" in page and "data-newest" not in page and NAMED in page


@pytest.mark.parametrize("at", ["nothing", "01a1ffd0-86e1-7473-8899-d984734297f2", "'; --"])
def test_what_is_not_there_opens_the_end(desk: Client, long: Conversation, at: str) -> None:
    page = thread(desk, f"/inbox/c/{long.public_id}/", at=at)
    assert "Line 99" in page and NAMED not in page


def test_somebody_elses_message_is_no_place(desk: Client, long: Conversation, sales: Queue) -> None:
    other = Message.objects.filter(session__conversation=make.waiting_in(sales, name="Tom")).first()
    assert other is not None
    assert NAMED not in thread(desk, f"/inbox/c/{long.public_id}/", at=str(other.public_id))


def test_mentions_show_the_note_that_names_the_agent_and_open_there(
    desk: Client, long: Conversation, ana: Agent, sales: Queue
) -> None:
    ben = make.agent("Ben Okafor", queues=(sales,))
    noting.write(conversation=long, agent=ben, text="@Ana Sousa is this <b>yours</b>?", client_id=str(uuid4()))
    make.agent_says(long.sessions.get(), "Anything else?", ana)
    page = desk.get("/inbox/mentions/").content.decode()
    assert "is this &lt;b&gt;yours&lt;/b&gt;?" in page and "Anything else?" not in page
    assert links(page) == [f"/inbox/c/{long.public_id}/?at={Note.objects.get().public_id}"]

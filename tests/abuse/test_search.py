"""Does a search tell anybody of a person, or of words, that they may not see?"""

from __future__ import annotations

import pytest
from django.test import Client

from conversations import words
from conversations.words import names
from handover import listing
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of
from tests.handover.inbox.conftest import ana, ben, desk, fresh_loops, sales, support

__all__ = ["ana", "ben", "desk", "fresh_loops", "sales", "support"]

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("T-7")]
ASKED = ("maya", "lindq", "maya l", "Maya Lindqvist", '"maya lindqvist"', '"broken modem"')


def rows(client: Client, text: str) -> str:
    """What stands in the list, and whether it is said to be empty."""
    response = client.get("/inbox/all/", {"q": text})
    assert response.status_code == 200
    return response.content.decode().split('<ul class="rows"')[1].partition(">")[2].partition("</p>")[0]


@pytest.mark.parametrize("text", ASKED)
def test_who_may_not_see_a_person_gets_the_page_of_nobody(ben: Agent, sales: Queue, text: str) -> None:
    before = rows(client_of(ben), text)
    make.waiting_in(sales, name="Maya Lindqvist", text="a broken modem")
    words.gather()
    assert rows(client_of(ben), text) == before
    make.waiting_in(make.queue("support"), name="Maya Lindqvist", text="a broken modem")
    words.gather()
    assert "row-name" in rows(client_of(ben), text)


@pytest.mark.parametrize("text", ASKED)
def test_neither_the_palette_nor_a_program_tells_of_them(ben: Agent, sales: Queue, text: str) -> None:
    make.waiting_in(sales, name="Maya Lindqvist", text="a broken modem")
    words.gather()
    theirs = client_of(ben)
    assert theirs.get("/inbox/palette", {"q": text}).json() == {"found": []}
    assert theirs.get("/api/v1/conversations/", {"q": text}).json()["results"] == []


def test_whoever_links_people_finds_none_that_they_may_not_know(ben: Agent, sales: Queue, support: Queue) -> None:
    own = make.waiting_in(support, name="Noor Haddad")
    make.waiting_in(sales, name="Maya Lindqvist")
    words.gather()
    look = f"/inbox/c/{own.public_id}/person/look"
    assert "Maya" not in client_of(ben).post(look, {"text": "lindq"}).content.decode()
    make.waiting_in(support, name="Mayara Lindqvist")
    words.gather()
    assert "Mayara" in client_of(ben).post(look, {"text": "lindq"}).content.decode()


def test_a_common_name_of_others_hides_nobody_of_ones_own(
    ben: Agent, sales: Queue, support: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MOST", 1)
    monkeypatch.setattr(listing, "PEOPLE", 1)
    make.waiting_in(support, name="Maya Berg")
    for number in range(3):
        make.waiting_in(sales, name=f"Maya Lindqvist {number}")
    words.gather()
    found = client_of(ben).get("/inbox/palette", {"q": "maya"}).json()["found"]
    assert [one["title"] for one in found] == ["Maya Berg"]


@pytest.mark.scenario("T-40")
@pytest.mark.parametrize("text", ["'@maya':* | '", "@maya", "~b0", "'", '"', "maya:*", "\\", "%", "(((" * 60])
def test_what_is_typed_is_never_a_question_to_the_database(desk: Client, sales: Queue, text: str) -> None:
    make.waiting_in(sales, name="Maya Lindqvist", text="hello")
    words.gather()
    assert desk.get("/inbox/all/", {"q": text}).status_code == 200
    assert desk.get("/inbox/palette", {"q": text.ljust(3)}).status_code == 200

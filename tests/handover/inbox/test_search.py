"""Does an agent find the person they have in mind by a part of the name, and a phrase by its quotation marks?"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from conversations import words
from customers import attributes
from handover.models import Agent, Queue
from tests import factories as make

pytestmark = pytest.mark.django_db


def people(desk: Client, text: str) -> list[str]:
    """Whom the palette offers."""
    words.gather()
    return [one["title"] for one in desk.get("/inbox/palette", {"q": text}).json()["found"]]


def page(desk: Client, text: str) -> str:
    words.gather()
    response = desk.get("/inbox/all/", {"q": text})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("text", ["maya", "lindq", "maya l", "Lindqvist, Maya"])
def test_the_list_and_the_palette_find_people_by_parts_of_their_names(desk: Client, sales: Queue, text: str) -> None:
    make.waiting_in(sales, name="Maya Lindqvist")
    make.waiting_in(sales, name="Noor Haddad")
    found = page(desk, text)
    assert "Maya Lindqvist" in found and "Noor Haddad" not in found
    assert people(desk, text) == ["Maya Lindqvist"]


def test_a_renamed_person_is_found_by_the_new_name_only(desk: Client, sales: Queue) -> None:
    person = make.waiting_in(sales, name="Maya Lindqvist").customer
    make.attribute(person, "name", "Maya Berg", source="agent")
    assert attributes.values(person)["name"] == "Maya Berg"
    assert people(desk, "berg") == ["Maya Berg"]
    assert people(desk, "lindq") == []


def test_whoever_links_two_people_finds_the_other_by_a_part_of_the_name(desk: Client, sales: Queue) -> None:
    here = make.waiting_in(sales, name="M. L.")
    make.waiting_in(sales, name="Maya Lindqvist")
    words.gather()
    found = desk.post(f"/inbox/c/{here.public_id}/person/look", {"text": "lindq"}).content.decode()
    assert "Maya Lindqvist" in found


def test_a_supervisor_finds_somebody_who_never_wrote_to_link_them(desk: Client, ana: Agent, sales: Queue) -> None:
    here = make.waiting_in(sales, name="M. L.")
    make.customer("Maya Lindqvist")
    words.gather()
    look = f"/inbox/c/{here.public_id}/person/look"
    assert "Lindqvist" not in desk.post(look, {"text": "lindq"}).content.decode()
    ana.user.user_permissions.add(Permission.objects.get(codename="view_customer"))
    assert "Lindqvist" in desk.post(look, {"text": "lindq"}).content.decode()


def test_a_phrase_in_quotation_marks_is_found_side_by_side_only(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist", text="I have a broken modem here")
    make.waiting_in(sales, name="Noor Haddad", text="The modem is broken")
    found = page(desk, '"broken modem"')
    assert "Maya Lindqvist" in found and "Noor Haddad" not in found
    assert "<mark>broken</mark> <mark>modem</mark>" in found
    both = page(desk, "broken modem")
    assert "Maya Lindqvist" in both and "Noor Haddad" in both


def test_the_box_says_what_can_be_typed(desk: Client) -> None:
    found = page(desk, "nobody")
    assert "Names, addresses, words or" in found
    assert "the beginning of a name" in found


def test_nothing_found_says_what_may_be_incomplete_and_what_may_not(desk: Client, sales: Queue) -> None:
    make.waiting_in(sales, name="Maya Lindqvist", text="The gas spring is broken")
    assert "Maya Lindqvist" in page(desk, "gas spri") and "Maya Lindqvist" in page(desk, '"gas spring"')
    found = page(desk, '"gas spri"')
    assert "Maya Lindqvist" not in found
    assert "Words in quotation marks must be whole" in found and "only the last word may be incomplete" not in found
    loose = page(desk, "gas pump")
    assert "only the last word may be incomplete" in loose and "in quotation marks must" not in loose

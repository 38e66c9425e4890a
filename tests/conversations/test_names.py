"""Is a person found by words of their name and how these begin, as they are called now, and by nothing else?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from common import clock
from conversations import words
from conversations.models import Conversation, SearchWords
from conversations.words import names
from customers import attributes, merging, privacy_erasing
from customers.models import Customer
from tests import factories as make

pytestmark = pytest.mark.django_db


def called(text: str) -> set[int]:
    """Whom the text names, after the words were gathered."""
    words.gather()
    return set(names.roots(text))


def join(one: Customer, other: Customer) -> merging.Merged:
    given = {"kind": "manual", "rule": "by_hand", "actor": "user:1"}
    return merging.merge(a=one, b=other, request_id=str(uuid4()), **given)


@pytest.mark.parametrize(
    "text", ["maya", "Lindq", "maya l", "lind may", "LINDQVIST, Maya", "mäya", '"maya"', '"maya lindqvist"', "de ma"]
)
def test_a_person_is_found_by_the_words_of_their_name_and_how_they_begin(text: str) -> None:
    person = make.customer("Maya de Lindqvist" if "de" in text else "Maya Lindqvist")
    make.customer("Noor Haddad")
    assert called(text) == {person.pk}


@pytest.mark.parametrize(
    "text", ["aya", "qvist", "maya x", "m", "l m", '"may"', "", "...", "maya a b c d e f g h", "lindq'); drop--"]
)
def test_the_middle_of_a_word_or_another_word_finds_nobody(text: str) -> None:
    make.customer("Maya Lindqvist")
    assert called(text) == set()


def test_first_and_last_name_may_be_two_facts() -> None:
    person, other = make.customer(), make.customer()
    make.attribute(person, "first_name", "Maya", source="site")
    make.attribute(person, "last_name", "Lindqvist", source="site")
    make.attribute(other, "first_name", "Maya", source="site")
    assert called("maya lind") == {person.pk}
    assert called("maya") == {person.pk, other.pk}


def test_a_former_name_finds_nobody() -> None:
    person = make.customer("Maya Lindqvist")
    assert called("lindqvist") == {person.pk}
    make.attribute(person, "name", "Maya Berg", source="agent")
    assert called("berg") == {person.pk}
    assert called("lindqvist") == set()


def test_a_merge_and_a_split_count_at_once() -> None:
    one, other = make.customer(), make.customer("Maya Lindqvist")
    words.gather()
    done = join(one, other)
    root = Customer.objects.get(pk=one.pk).root_id
    assert names.roots("lindq") == [root]
    assert done.link is not None
    merging.split(links=[done.link], actor="user:1", request_id="part")
    assert names.roots("lindq") == [other.pk]


def test_of_a_word_that_too_many_have_the_newest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MOST", 1)
    people = [make.customer(f"Maya Number{number}").pk for number in range(5)]
    words.gather()
    among = Customer.objects.filter(pk=people[3]).values_list("pk", flat=True)
    assert people[3] in names.roots("maya", among)
    assert set(names.roots("maya")) == set(people)
    assert names.roots("maya number4", among) == [people[4]]


def test_names_and_what_was_written_are_two_things() -> None:
    person = make.customer("Maya Lindqvist")
    make.receive(make.whatsapp(make.phone(person)), "Does Noor still work there?")
    assert called("noor") == set()
    asked = words.wanted("lindq")
    assert words.find(asked=asked, among=Conversation.objects.all(), limit=5).hits == []


@pytest.mark.parametrize("text", ["+46 70 174 06 35", "maya@example.com"])
def test_an_address_that_stands_for_a_name_lies_nowhere_in_the_clear(text: str) -> None:
    make.customer(text)
    words.gather()
    assert list(SearchWords.objects.values_list("words", flat=True)) == [""]


def test_a_name_that_an_erased_person_gave_another_goes_too() -> None:
    person, other = make.customer("Maya Lindqvist"), make.customer()
    said: dict[str, Any] = {
        "key": "name",
        "value": "Noor Haddad",
        "source": "bot",
        "source_event_id": "1",
        "occurred_at": clock.now(),
    }
    with transaction.atomic():
        attributes.observe(customer=other, identity=make.phone(person), **said)
    assert called("noor") == {other.pk}
    made = privacy_erasing.erase(customer=person, actor="user:1", reason="asked", request_id="1")
    words.gather()
    while not privacy_erasing.go_on(made.pk):
        pass
    words.gather()
    assert not SearchWords.objects.exists()

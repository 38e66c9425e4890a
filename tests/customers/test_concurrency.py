"""Do all promises hold when eight do at once whatever people and providers do? Threads on the real database."""

from __future__ import annotations

import time
from random import Random
from threading import Event

import pytest
from django.db import OperationalError, transaction
from django.db.models import F

from bench import acts, histories
from common import clock
from conversations.models import Conversation, Message
from customers import attributes, distinct, identity, merging
from customers.handles import Handle
from customers.models import Attribute, Customer, Identity, Link, MergeEvent
from tests.customers.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS, THREADS = 3.0, 8


class Crowd:
    """Some people, and one random act after the other upon them."""

    def __init__(self, seed: int, people: list[Customer]) -> None:
        self.dice, self.people, self.heard, self.refused = Random(seed), people, 0, 0

    def act(self) -> None:
        kind = self.dice.choice((self.join, self.join, self.part, self.attest, self.name, self.hear))
        try:
            kind(*self.dice.sample(self.people, 2))
        except (merging.DistinctPair, merging.CapReached):
            self.refused += 1

    def join(self, a: Customer, b: Customer) -> None:
        acts.join(a, b)

    def part(self, a: Customer, b: Customer) -> None:
        links = list(Link.objects.live().order_by("?")[:1])
        if links:
            merging.split(links=links, actor="t", request_id=f"s{id(links)}{time.time_ns()}", stay_apart=False)

    def attest(self, a: Customer, b: Customer) -> None:
        number = f"{self.dice.randrange(6)}"
        handles = [Handle("email", "", f"shared{number}@x.example", "provider")]
        identity.attest(home=a, handles=handles, occurred_at=clock.now())

    def name(self, a: Customer, b: Customer) -> None:
        histories.name(a, f"Name {self.dice.randrange(10**6)}")

    def hear(self, a: Customer, b: Customer) -> None:
        acts.hear(a)
        self.heard += 1


@pytest.fixture
def crowds() -> list[Crowd]:
    people = acts.persons(12)
    found = [Crowd(number, people) for number in range(THREADS)]
    end = time.monotonic() + SECONDS

    def work(number: int) -> None:
        while time.monotonic() < end:
            found[number].act()

    at_once(THREADS, work)
    return found


@pytest.mark.scenario("ID-25", "ID-I1", "ID-I2", "ID-I3", "ID-I5", "ID-I6", "T-32")
def test_after_a_storm_of_everything_every_promise_holds(crowds: list[Crowd]) -> None:
    people = crowds[0].people
    assert merging.check() == []
    assert not Customer.objects.exclude(root__root_id=F("root_id")).exists()
    assert histories.groups(people) == histories.components(people, list(Link.objects.live()))
    assert Message.objects.count() == 1 + sum(crowd.heard for crowd in crowds)
    live = Identity.objects.live().filter(namespace="email").values_list("key", flat=True)
    assert len(live) == len(set(live))


def test_after_a_storm_every_cluster_shows_what_was_said_of_it(crowds: list[Crowd]) -> None:
    people = crowds[0].people
    assert histories.shown(people) == histories.told(people)
    assert not Attribute.objects.exclude(root__root_id=F("root_id")).exists()


def test_after_a_storm_the_ledger_tells_of_as_many_joins_as_there_were(crowds: list[Crowd]) -> None:
    """Each merge made one cluster fewer; each split as many more as it left pieces."""
    events = MergeEvent.objects.values_list("kind", "root_after")
    fewer = sum(1 if kind == "merge" else 1 - len(after) for kind, after in events)
    assert len(histories.groups(crowds[0].people)) == len(crowds[0].people) - fewer


def test_after_a_storm_a_person_has_at_most_one_conversation_of_the_bot(crowds: list[Crowd]) -> None:
    for one in crowds[0].people:
        acts.hear(one)
    held = Conversation.objects.unclosed().filter(owner_kind="bot").values_list("customer__root_id", flat=True)
    assert len(held) == len(set(held))


def test_telling_two_apart_while_they_are_joined_never_leaves_both(crowds: list[Crowd]) -> None:
    del crowds
    for _ in range(6):
        a, b = acts.persons(2)

        def work(number: int, a: Customer = a, b: Customer = b) -> None:
            try:
                distinct.say(one=a, other=b, by="t") if number else acts.join(a, b)
            except (merging.DistinctPair, OperationalError):
                pass

        at_once(2, work)
        is_one = Customer.objects.get(pk=b.pk).root_id == Customer.objects.get(pk=a.pk).root_id
        assert is_one != distinct.between(a.pk, b.pk).exists()


def test_a_name_that_is_said_while_two_become_one_is_shown(crowds: list[Crowd]) -> None:
    del crowds
    for _ in range(8):
        a, b = acts.persons(2)
        at_once(2, lambda n, a=a, b=b: acts.join(a, b) if n else histories.name(b, "Just said"))
        assert attributes.values(histories.root_of(b.pk))["name"] == "Just said"


def test_what_is_first_said_while_two_become_one_is_shown_of_the_one() -> None:
    """Said of somebody who is a root no more when it is committed."""
    a, b = acts.persons(2)
    is_said = Event()

    def say(number: int) -> None:
        with transaction.atomic():
            observe(b, "language", "sv")
            is_said.set()
            while histories.root_of(b.pk) == b.pk:
                time.sleep(0.01)

    at_once(2, lambda n: (is_said.wait(40), acts.join(a, b)) if n else say(n))
    assert attributes.values(a.pk)["language"] == "sv"
    assert not Attribute.objects.filter(root_id=b.pk).exists()


def observe(who: Customer, key: str, value: str) -> None:
    now = clock.now()
    attributes.observe(customer=who, key=key, value=value, source="bot", occurred_at=now, source_event_id=f"said:{key}")

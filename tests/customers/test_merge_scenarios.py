"""Do people who become one keep what they said, allowed and were promised, whatever happens meanwhile?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Event

import pytest
from django.db import connection, transaction

from bench import acts
from bench.merges import word
from bench.stories import Story
from conversations import timeline
from conversations.models import Message
from customers import clusters, consent, merging, policy, previews, suggestions
from customers.handles import Handle
from customers.models import Attribute, Conflict, Consent, Customer, Link, MatchSuggestion
from tests.customers.cast import ANN, NOON, resolve, visitor, whatsapp
from tests.customers.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MARKETING = Consent.Purpose.MARKETING


@contextmanager
def held_open(a: Customer, b: Customer) -> Iterator[Event]:
    """A merge in another thread that has done everything but commit, until the event is set."""
    is_done, may_commit = Event(), Event()

    def work() -> None:
        try:
            with transaction.atomic():
                acts.join(a, b)
                is_done.set()
                may_commit.wait(timeout=40)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        assert is_done.wait(timeout=40)
        try:
            yield may_commit
        finally:
            may_commit.set()
            running.result()


@pytest.mark.scenario("ID-35")
def test_a_message_of_the_lesser_one_is_stored_while_a_merge_is_open_and_is_on_the_merged_timeline() -> None:
    big, small = acts.persons(1)[0], acts.persons(1)[0]
    with held_open(big, small) as may_commit:
        word(small)
        assert not may_commit.is_set() and Customer.objects.get(pk=small.pk).is_root  # it has not committed
    assert Message.objects.filter(customer=small).count() == 2
    assert {row.customer_id for row in timeline.page(big).messages} == {big.pk, small.pk}


@pytest.mark.scenario("ID-35")
def test_a_turn_that_waited_for_a_merge_goes_on_with_the_merged_person() -> None:
    big, small = acts.persons(1)[0], acts.persons(1)[0]
    with ThreadPoolExecutor(1) as pool:
        with held_open(big, small):
            running = pool.submit(lambda: (acts.hear(small), connection.close()))
            time.sleep(0.1)
            assert not running.done()
        running.result(timeout=40)
    assert {row.customer_id for row in timeline.page(big).messages} == {big.pk, small.pk}


def test_a_turn_that_waited_for_a_split_goes_on_with_its_own_person() -> None:
    big, small = acts.persons(1)[0], acts.persons(1)[0]
    for _ in range(3):
        link = acts.link(big, small)
        at_once(2, lambda n, link=link: acts.part(link) if n else acts.hear(small))
    assert Message.objects.filter(customer=small).count() == 4
    assert {row.customer_id for row in timeline.page(small).messages} == {small.pk}


@pytest.mark.scenario("ID-27")
def test_who_opted_out_on_a_phone_is_not_written_to_there_after_a_merge() -> None:
    phone, mail = resolve(whatsapp(ANN)), resolve([Handle("email", "", "ann@x.example", "provider")])
    consent.record(identity=phone.identity, purpose=MARKETING, state="out", occurred_at=NOON)
    consent.record(identity=mail.identity, purpose=MARKETING, state="in", occurred_at=NOON)
    acts.join(phone.origin, mail.origin)
    assert consent.allowed(identity=phone.identity, purpose=MARKETING) == (False, "opted_out")
    assert consent.allowed(identity=mail.identity, purpose=MARKETING) == (True, "")


@pytest.mark.scenario("ID-98")
def test_with_a_suppressed_member_the_whole_person_is_left_alone_until_they_part() -> None:
    ann, lee = acts.persons(2)
    Customer.objects.filter(pk=lee.pk).update(status="suppressed")
    seen = previews.preview(ann, Customer.objects.get(pk=lee.pk))
    assert seen.is_suppressed and seen.blocked == []
    address = ann.identities.select_related("customer").get()
    consent.record(identity=address, purpose=MARKETING, state="in", occurred_at=NOON)
    assert consent.allowed(identity=address, purpose=MARKETING) == (True, "")
    link = acts.link(ann, lee)
    assert clusters.is_suppressed(ann.pk)
    assert consent.allowed(identity=address, purpose=MARKETING) == (False, "suppressed")
    assert consent.allowed(identity=address, purpose=Consent.Purpose.SERVICE)[0]
    acts.part(link)
    assert consent.allowed(identity=address, purpose=MARKETING) == (True, "")


@pytest.mark.scenario("ID-33", "ID-31")
def test_somebody_leaves_by_the_address_that_made_them() -> None:
    a, b, c = acts.persons(3)
    acts.link(a, b), acts.link(b, c), acts.link(a, c)
    origin = resolve([Handle("phone", "bench", b.identities.get().raw, "provider")]).origin
    links = previews.leaving([origin])
    assert len(links) == 2
    acts.part(*links)
    assert Customer.objects.get(pk=b.pk).is_root and Customer.objects.get(pk=c.pk).root_id == a.pk


@pytest.mark.scenario("ID-34", "ID-I11")
def test_at_a_full_cluster_a_message_resolves_nothing_is_linked_and_people_are_told() -> None:
    owner = resolve([*whatsapp(ANN), Handle("email", "", "ann@x.example", "provider")]).origin
    for other in acts.persons(2):
        acts.link(owner, other)
    shell = resolve(whatsapp(bsuid="BR.1")).origin
    policy.change(values={"links_max": 2}, actor="test")
    found = resolve(whatsapp(ANN, "BR.1"))
    assert found.origin == owner and Link.objects.live().count() == 2
    assert Customer.objects.get(pk=shell.pk).is_root
    assert [one.kind for one in found.conflicts] == [Conflict.Kind.IDENTIFIER_COLLISION]


@pytest.mark.scenario("ID-80")
def test_what_was_suggested_of_somebody_is_about_the_person_they_became() -> None:
    a, b, c = acts.persons(3)
    suggestions.note(a, b, rule="browser")
    suggestions.note(b, c, rule="browser")
    suggestions.accept(suggestion=MatchSuggestion.objects.get(a=a), actor="user:1", request_id="yes")
    (left,) = MatchSuggestion.objects.shown()
    assert (left.a, left.b) == (a, c)
    acts.join(a, c)
    suggestions.refresh_all()
    assert list(MatchSuggestion.objects.shown()) == []


@pytest.mark.scenario("ID-81")
def test_five_hundred_namesakes_are_looked_at_and_none_is_suggested() -> None:
    tell, people = Story(1, Random(1)), Customer.objects.bulk_create(Customer() for _ in range(498))
    for browser in ("b1", "b2"):
        tell.called(resolve(visitor(browser)).origin, "Maria Silva", "Lisboa")
    for shown in list(Attribute.objects.filter(root=Customer.objects.latest("pk"))):
        alike = {"key": shown.key, "observation_id": shown.observation_id, "match_key": shown.match_key}
        Attribute.objects.bulk_create(Attribute(root=one, **alike) for one in people)
    assert suggestions.refresh_all() == 0


def test_merges_that_follow_fast_ring_a_bell(caplog: pytest.LogCaptureFixture) -> None:
    policy.change(values={"alert_members": 3, "alert_links_an_hour": 9}, actor="test")
    people = acts.persons(4)
    for other in people[1:3]:
        acts.link(people[0], other)
    assert "members" not in caplog.text
    acts.link(people[0], people[3])
    assert "has 4 members" in caplog.text


def test_a_merge_that_is_refused_leaves_no_trace() -> None:
    a, b = acts.persons(2)
    Customer.objects.filter(pk=b.pk).update(status="erased", erased_at=NOON)
    with pytest.raises(merging.Gone):
        acts.join(a, b)
    assert Link.objects.count() == 0

"""Does an address that may have changed hands open nothing, until somebody proves it or a person decides?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from common import clock
from customers import consent, identity, proving, recycling, settling
from customers.handles import Handle
from customers.models import Conflict, Customer, Identity, MergeEvent
from tests import factories

pytestmark = pytest.mark.django_db
NOW = clock.now() - timedelta(days=5)
PHONE = "46701740635"


def writes(name: str = "Maya", device: str = "d1", at: timedelta = timedelta()) -> identity.Resolution:
    handle = Handle("phone", "portfolio", PHONE, "provider", name, device)
    found = identity.resolve(handles=[handle], occurred_at=NOW + at)
    assert found is not None
    return found


def silent(days: int) -> None:
    Customer.objects.update(last_seen_at=NOW - timedelta(days=days))


def suspected() -> Conflict | None:
    return Conflict.objects.open().filter(kind="suspected_recycle").first()


@pytest.mark.scenario("ID-52")
def test_another_device_ends_the_proof_and_keeps_the_customer() -> None:
    first = writes()
    second = writes(device="d2", at=timedelta(days=1))
    assert second.origin == first.origin and second.proven == ()
    assert suspected() is not None
    assert list(identity.visible_to(proven=[second.identity])) == []


@pytest.mark.scenario("ID-52")
def test_the_suspicion_lasts_over_the_next_messages_and_is_noted_once() -> None:
    writes()
    for day in (1, 2, 3):
        assert writes(device="d2", at=timedelta(days=day)).proven == ()
    conflict = suspected()
    assert conflict is not None and conflict.count == 1


def test_the_same_device_and_a_provider_that_tells_none_say_nothing() -> None:
    writes()
    assert writes().proven and writes(device="").proven
    assert suspected() is None


@pytest.mark.parametrize(("days", "is_suspected"), [(44, False), (46, True)])
def test_another_name_counts_only_after_a_long_silence(days: int, is_suspected: bool) -> None:
    writes()
    silent(days)
    writes(name="Bo")
    assert (suspected() is not None) == is_suspected


def test_the_same_name_in_other_letters_is_no_other_name() -> None:
    writes()
    silent(60)
    assert writes(name=" MAYA ").proven
    assert suspected() is None


def test_a_telegram_user_may_take_any_name_for_their_number_is_never_given_anew() -> None:
    person = factories.customer()
    factories.identity(person, "telegram_user", "5812004417")
    silent(60)
    identity.resolve(handles=[Handle("telegram_user", "", "5812004417", "provider", "Bo")], occurred_at=NOW)
    assert suspected() is None


def test_what_bounces_opens_nothing_until_it_is_proven_anew() -> None:
    row = writes().identity
    assert recycling.bounced(row, at=NOW) is not None
    row.refresh_from_db()
    assert not row.is_fresh(NOW)


def test_a_bounce_of_what_nobody_has_proven_says_nothing() -> None:
    row = factories.identity(factories.customer(), "email", "ann@x.example", proof="imported")
    assert recycling.bounced(row, at=NOW) is None


def test_a_person_of_ours_may_vouch_for_the_owner() -> None:
    row = writes().identity
    conflict = recycling.suspect(row, at=NOW)
    settling.settle(conflict=conflict, choice="same_person", own="", by="user:1")
    row.refresh_from_db()
    assert row.is_fresh(clock.now()) and suspected() is None


@pytest.mark.scenario("ID-72", "ID-93")
def test_a_new_person_gets_a_customer_of_their_own_and_no_consent_of_the_old_one() -> None:
    old = writes()
    consent.record(identity=old.identity, purpose="marketing", state="in", occurred_at=NOW, evidence={})
    conflict = recycling.suspect(old.identity, at=NOW)
    settling.settle(conflict=conflict, choice="new_person", own="", by="user:1")
    new = writes(name="Bo", device="d2", at=timedelta(days=5, hours=2))
    assert new.origin != old.origin
    assert consent.state(identity=new.identity, purpose="marketing") == "unset"
    assert consent.state(identity=old.identity, purpose="marketing") == "in"
    assert MergeEvent.objects.filter(kind="transfer", reason="new_person").count() == 1


@pytest.mark.scenario("ID-93")
@pytest.mark.parametrize("state", ["in", "out"])
def test_a_number_that_somebody_else_proves_brings_no_consent(state: str) -> None:
    old = writes().identity
    consent.record(identity=old, purpose="marketing", state=state, occurred_at=NOW, evidence={})
    silent(60)
    one = proving.named(namespace="phone", raw="+" + PHONE)
    assert one is not None
    done = proving.by_code(home=factories.customer(), one=one, at=clock.now(), actor="customer")
    assert (done.outcome, done.identity is not None) == ("transferred", True)
    assert consent.state(identity=done.identity, purpose="marketing") == "unset"


def test_a_person_who_is_heard_of_elsewhere_only_does_not_keep_a_silent_number() -> None:
    row = writes().identity
    Identity.objects.filter(pk=row.pk).update(proven_at=NOW - timedelta(days=60))
    row.refresh_from_db()
    assert not recycling.is_current(row, NOW)
    place = replace(factories.whatsapp(row))
    factories.receive(place, "hi")
    assert recycling.is_current(row, NOW)

"""Does a person keep their conversation when their address changes, and nobody else's?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from customers import reachability, transfers
from customers.handles import Handle
from customers.models import Conflict, Customer, Identity
from tests.customers.cast import ANN, BOB, NOON, resolve, whatsapp

pytestmark = pytest.mark.django_db
NEW = "4670174063"
LATER = NOON + timedelta(days=1)


def move(before: list[Handle], now: list[Handle], event: str = "wamid.1") -> str:
    return transfers.transfer(before=before, now=now, occurred_at=LATER, event=event)


@pytest.mark.scenario("ID-72")
def test_a_new_number_is_the_same_person_and_late_events_find_the_old_one() -> None:
    first = resolve(whatsapp(ANN))
    assert move(whatsapp(ANN), whatsapp(NEW)) == "moved"
    after = resolve(whatsapp(NEW), LATER + timedelta(hours=1))
    assert (after.origin, after.identity) == (first.origin, first.identity)
    assert resolve(whatsapp(ANN), NOON + timedelta(hours=1)).origin == first.origin


@pytest.mark.scenario("ID-72")
def test_the_old_number_belongs_to_nobody_afterwards() -> None:
    first = resolve(whatsapp(ANN))
    move(whatsapp(ANN), whatsapp(NEW))
    assert resolve(whatsapp(ANN), LATER + timedelta(days=90)).origin != first.origin


@pytest.mark.scenario("ID-50")
def test_the_same_news_twice_is_applied_once() -> None:
    resolve(whatsapp(ANN))
    assert [move(whatsapp(ANN), whatsapp(NEW)) for _ in range(2)] == ["moved", "known"]
    assert Identity.objects.live().count() == 1


@pytest.mark.scenario("ID-50")
def test_news_that_come_after_the_first_message_join_the_two() -> None:
    first = resolve(whatsapp(ANN, "BR.1"))
    second = resolve(whatsapp(NEW, "SE.2"), LATER + timedelta(minutes=1))
    assert move(whatsapp(ANN, "BR.1"), whatsapp(NEW, "SE.2")) == "moved"
    roots = {one.origin.pk: Customer.objects.get(pk=one.origin.pk).root_id for one in (first, second)}
    assert set(roots.values()) == {first.origin.pk}


@pytest.mark.scenario("ID-49")
def test_a_number_that_is_somebody_elses_is_not_claimed() -> None:
    ann, bob = resolve(whatsapp(ANN)), resolve([*whatsapp(BOB), Handle("email", "", "bob@example.com", "provider")])
    assert move(whatsapp(ANN), whatsapp(BOB)) == "conflict"
    assert resolve(whatsapp(BOB), LATER).origin == bob.origin
    assert Customer.objects.get(pk=bob.origin.pk).root_id != ann.origin.pk
    assert Conflict.objects.get().kind == Conflict.Kind.IDENTIFIER_COLLISION


def test_news_about_a_stranger_change_nothing() -> None:
    assert move(whatsapp(ANN), whatsapp(NEW)) == "unknown"
    assert Identity.objects.count() == 0


@pytest.mark.scenario("ID-52")
def test_a_changed_device_proves_nothing_until_proven_anew() -> None:
    phone = resolve(whatsapp(ANN)).identity
    transfers.suspect(handles=whatsapp(ANN), occurred_at=LATER)
    phone.refresh_from_db()
    assert not phone.is_fresh(LATER + timedelta(minutes=1))
    assert Conflict.objects.get().kind == Conflict.Kind.SUSPECTED_RECYCLE


def test_a_blocked_address_is_marked_until_it_writes_again() -> None:
    phone = resolve(whatsapp(ANN)).identity
    assert reachability.mark(identity=phone, is_reachable=False, occurred_at=LATER, reason="blocked")
    assert not reachability.mark(identity=phone, is_reachable=False, occurred_at=LATER, reason="blocked")
    assert reachability.mark(identity=phone, is_reachable=True, occurred_at=LATER + timedelta(hours=1))
    assert reachability.of_handles(handles=whatsapp(ANN), occurred_at=LATER) == phone

"""Does nothing bring back somebody who was erased: no late event, no backup; and is a new word a new person?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from channels_app import ingest, visits
from channels_app.models import InboundEvent
from common import clock
from conversations.models import Message, Session
from customers import consent, privacy_erasing, retention
from customers.models import (
    Customer,
    Erasure,
    Identity,
    MergeEvent,
    Tombstone,
)
from tests import factories as make
from tests.channels_app import doors, storefront, whatsapp
from tests.stories import canaries
from tests.stories.canaries import PHONE, WORDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def channel() -> Iterator[Any]:
    with canaries.log():
        yield whatsapp.channel()


@pytest.mark.scenario("ID-44")
@pytest.mark.scenario("T-P17")
def test_a_late_or_repeated_webhook_is_dropped_without_its_words_and_counted() -> None:
    canaries.hear(wamid="wamid.first")
    canaries.erase(Session.objects.get().customer)
    assert canaries.hear(at=clock.now().timestamp() - 60)[-1] == "erased"
    assert Customer.objects.kept().count() == 0
    assert canaries.found() == []
    assert Tombstone.objects.get(namespace="phone").hits == 1


@pytest.mark.scenario("ID-44")
def test_an_event_that_waited_while_she_was_erased_is_dropped() -> None:
    canaries.hear()
    person = Session.objects.get().customer
    said = whatsapp.value(whatsapp.message(WORDS, sender=PHONE, at=clock.now().timestamp() - 1))
    doors.run(lambda: doors.post(whatsapp.body(said)))
    made = privacy_erasing.erase(customer=person, actor="user:1", reason="x", request_id="r")
    ingest.drain()
    privacy_erasing.go_on(made.pk)
    assert InboundEvent.objects.order_by("pk").last().outcome == "erased"
    assert Customer.objects.kept().count() == 0 and canaries.found() == []


@pytest.mark.scenario("ID-45")
@pytest.mark.scenario("T-83")
def test_writing_anew_makes_a_fresh_customer_who_is_asked_nothing_of_before(later: Any) -> None:
    canaries.hear()
    phone = Identity.objects.get()
    consent.record(identity=phone, purpose="marketing", state="in", occurred_at=clock.now())
    canaries.erase(phone.customer)
    later(seconds=5)
    assert canaries.hear("hello again", at=clock.now().timestamp())[-1] == "message"
    fresh = Identity.objects.get()
    assert fresh.customer_id != phone.customer_id and Message.objects.filter(author="customer").count() == 1
    assert consent.state(identity=fresh, purpose="marketing") == "unset"
    assert consent.state(identity=fresh, purpose="proactive") == "unset"


@pytest.mark.scenario("ID-45")
@pytest.mark.scenario("T-83")
def test_a_no_outlives_the_erasure_and_no_message_is_lost(later: Any) -> None:
    canaries.hear()
    phone = Identity.objects.get()
    consent.record(identity=phone, purpose="all", state="out", occurred_at=clock.now())
    canaries.erase(phone.customer)
    later(seconds=5)
    assert canaries.hear("hello again", at=clock.now().timestamp())[-1] == "message"
    fresh = Identity.objects.get()
    assert consent.allowed(identity=fresh, purpose="proactive") == (False, "opted_out")
    assert consent.allowed(identity=fresh, purpose="service") == (True, "")


# --- a restored backup ------------------------------------------------------------------------------------------------


@pytest.mark.scenario("ID-46")
@pytest.mark.scenario("T-79")
def test_a_restored_backup_is_told_who_was_erased_before_it_serves_anybody(tmp_path: Any) -> None:
    person = canaries.canaria()
    done = canaries.erase(person)
    restore(done)
    canaries.canaria(person.public_id)
    with pytest.raises(CommandError, match="1 erasures are not known"):
        call_command("replay_tombstones", check=True)
    call_command("replay_tombstones", verbosity=0)
    assert canaries.found() == []
    assert Customer.objects.get(public_id=person.public_id).status == "erased"
    call_command("replay_tombstones", check=True, verbosity=0)


@pytest.mark.scenario("T-79")
def test_somebody_joined_with_her_in_the_backup_only_is_parted_and_stays() -> None:
    person = canaries.canaria()
    done = canaries.erase(person)
    restore(done)
    back, (maya, _) = canaries.canaria(person.public_id), make.maya()
    canaries.joined(back, maya)
    call_command("replay_tombstones", verbosity=0)
    maya.refresh_from_db()
    assert maya.status == "active" and maya.is_root and canaries.found() == []


def restore(done: Erasure) -> None:
    """Yesterday's database: it has never heard of the erasure; its blank row is another one."""
    Customer.objects.filter(pk__in=done.members).update(public_id=uuid4())
    MergeEvent.objects.filter(kind="erase").delete()
    Erasure.objects.all().delete()
    Tombstone.objects.all().delete()


# --- silent browsers --------------------------------------------------------------------------------------------------


@pytest.mark.scenario("T-88")
def test_browsers_that_said_nothing_go_after_the_policys_days_and_others_stay(later: Any) -> None:
    shop = storefront.open_shop()
    silent, spoke, other = (visits.open(channel=shop).visit.visitor for _ in range(3))
    make.receive(make.web(spoke), "hello")
    named = make.identity(other.customer, "email", "a@b.example", proof="claimed").customer
    later(days=61)
    recent = visits.open(channel=shop).visit.visitor.customer
    assert retention.sweep() == 1
    privacy_erasing.sweep()
    gone = set(Customer.objects.filter(status="erased").values_list("pk", flat=True))
    assert gone == {silent.customer_id}
    assert {spoke.customer_id, named.pk, recent.pk} <= set(Customer.objects.kept().values_list("pk", flat=True))

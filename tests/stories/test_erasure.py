"""Somebody asks to be forgotten: is anything of her left, anywhere, and does nothing bring her back?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from channels_app import ingest, visits
from channels_app.models import InboundEvent
from common import clock
from common.files import File
from conversations import attachments
from conversations.models import Attachment, Conversation, Message, Session
from customers import audit, consent, merging, privacy, privacy_erasing, retention
from customers.models import (
    AuditEntry,
    Challenge,
    Conflict,
    Customer,
    Erasure,
    IdempotentAnswer,
    Identity,
    Link,
    MergeEvent,
    Observation,
    Tombstone,
)
from handover.models import Agent
from tests import factories as make
from tests.admin import office
from tests.channels_app import doors, storefront, whatsapp
from tests.conversations import files
from tests.customers.test_races import at_once
from tests.stories import canaries
from tests.stories.canaries import MAIL, NAME, PHONE, WORDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def channel() -> Iterator[Any]:
    with canaries.log():
        yield whatsapp.channel()


def hear(text: str = WORDS, *, at: float | None = None, wamid: str = "") -> list[str]:
    """A signed webhook of hers, stored and drained; the outcomes of all events so far."""
    said = whatsapp.value(whatsapp.message(text, sender=PHONE, at=at, wamid=wamid))
    said["contacts"][0]["profile"]["name"] = NAME
    assert doors.run(lambda: doors.post(whatsapp.body(said)))[0] == 200
    ingest.drain()
    return list(InboundEvent.objects.order_by("pk").values_list("outcome", flat=True))


def canaria(public_id: UUID | None = None) -> Customer:
    """She has written, was answered, and left a trace in every table that can hold one."""
    hear()
    session = Session.objects.get()
    Customer.objects.filter(pk=session.customer_id).update(public_id=public_id or session.customer.public_id)
    person = Customer.objects.get(pk=session.customer_id)
    phone = session.identity
    agent = Agent.objects.filter(name="Ana Sousa").first() or make.agent("Ana Sousa", queues=(make.queue(),))
    make.agent_says(session, f"Dear {NAME}", agent)
    make.card(session.conversation, answers=WORDS)
    make.identity(person, "email", MAIL)
    make.attribute(person, "city", "Canaria City", source="agent")
    consent.record(identity=phone, purpose="all", state="out", occurred_at=clock.now(), evidence={"note": WORDS})
    audit.record(actor="user:1", action="identity.reveal", object_id=str(person.public_id), reason=f"{NAME} called")
    IdempotentAnswer.objects.create(
        actor="user:1", key=str(person.pk), body_digest="d", answer={"customer": str(person.public_id), "text": WORDS}
    )
    Conflict.objects.create(customer=person, kind="tie", subject="name")
    expires = clock.now() + timedelta(minutes=5)
    Challenge.objects.create(
        kind="link", digest=NAME, purpose="switch", session_ref="s", opener=phone, expires_at=expires
    )
    return person


def joined(person: Customer, other: Customer) -> None:
    merging.merge(
        a=person, b=other, kind="manual", rule="test", actor="user:1", request_id=str(uuid4()), reason=f"{NAME} said so"
    )


@pytest.mark.scenario("ID-43")
@pytest.mark.scenario("ID-I9")
@pytest.mark.scenario("T-77")
def test_after_an_erasure_no_table_and_no_file_holds_anything_of_her() -> None:
    person = canaria()
    assert {f"customers_auditentry: {NAME[:7]}", "channels_app_inboundevent: Canaria"} <= set(canaries.found())
    done = canaries.erase(person)
    assert canaries.found() == []
    assert done.state == Erasure.State.DONE
    assert done.stores["messages"] >= 2 and done.stores["identities"] == 2
    assert done.held_elsewhere == ["whatsapp"]


@pytest.mark.scenario("ID-43")
def test_erased_by_any_member_all_origins_go_and_the_ledger_keeps_ids_only() -> None:
    person = canaria()
    account = make.site_user(make.customer(NAME), "canaria@example.com")
    joined(person, account.customer)
    joined(account.customer, make.customer("Canaria C"))
    canaries.erase(account.customer, whole_cluster=True)
    assert canaries.found() == []
    assert set(Customer.objects.values_list("status", "kind")) == {("erased", "lead")}
    assert all(customer.is_root for customer in Customer.objects.all())
    assert merging.check() == []


@pytest.mark.scenario("ID-43")
def test_files_go_with_the_rows_that_name_them() -> None:
    before = canaries.files()
    hear()
    message = Message.objects.filter(author="customer").get()
    waiting = Attachment.objects.create(message=message, customer=message.customer, name=NAME, recorded_at=clock.now())
    assert attachments.store(waiting, File(files.picture(), "image/png", f"{NAME}.png"))
    assert len(canaries.files()) > len(before)
    canaries.erase(message.customer)
    assert canaries.files() == before


def test_the_audit_keeps_who_did_what_and_still_holds_together() -> None:
    person = canaria()
    done = canaries.erase(person)
    kept = list(AuditEntry.objects.order_by("pk").values_list("action", "reason"))
    assert kept == [
        ("identity.reveal", "(erased)"), ("customer.erase", "asked by letter"), ("customer.erased", ""),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="customer.erase").get().object_id == str(done.public_id)
    assert list(audit.broken()) == []


def test_somebody_else_loses_nothing() -> None:
    person, (_, phone) = canaria(), make.maya()
    make.receive(make.whatsapp(phone), "I stay")
    before = (Message.objects.filter(customer=phone.customer).count(), Identity.objects.filter(pk=phone.pk).count())
    canaries.erase(person)
    assert (
        Message.objects.filter(customer=phone.customer).count(),
        Identity.objects.filter(pk=phone.pk).count(),
    ) == before
    assert canaries.found(["I stay", "Maya Lindqvist"]) != []


# --- nobody is reborn -------------------------------------------------------------------------------------------------


@pytest.mark.scenario("ID-44")
@pytest.mark.scenario("T-P17")
def test_a_late_or_repeated_webhook_is_dropped_without_its_words_and_counted() -> None:
    hear(wamid="wamid.first")
    canaries.erase(Session.objects.get().customer)
    assert hear(at=clock.now().timestamp() - 60)[-1] == "erased"
    assert Customer.objects.kept().count() == 0
    assert canaries.found() == []
    assert Tombstone.objects.get(namespace="phone").hits == 1


@pytest.mark.scenario("ID-44")
def test_an_event_that_waited_while_she_was_erased_is_dropped() -> None:
    hear()
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
    hear()
    phone = Identity.objects.get()
    consent.record(identity=phone, purpose="marketing", state="in", occurred_at=clock.now())
    canaries.erase(phone.customer)
    later(seconds=5)
    assert hear("hello again", at=clock.now().timestamp())[-1] == "message"
    fresh = Identity.objects.get()
    assert fresh.customer_id != phone.customer_id and Message.objects.filter(author="customer").count() == 1
    assert consent.state(identity=fresh, purpose="marketing") == "unset"
    assert consent.state(identity=fresh, purpose="proactive") == "unset"


@pytest.mark.scenario("ID-45")
@pytest.mark.scenario("T-83")
def test_a_no_outlives_the_erasure_and_no_message_is_lost(later: Any) -> None:
    hear()
    phone = Identity.objects.get()
    consent.record(identity=phone, purpose="all", state="out", occurred_at=clock.now())
    canaries.erase(phone.customer)
    later(seconds=5)
    assert hear("hello again", at=clock.now().timestamp())[-1] == "message"
    fresh = Identity.objects.get()
    assert consent.allowed(identity=fresh, purpose="proactive") == (False, "opted_out")
    assert consent.allowed(identity=fresh, purpose="service") == (True, "")


# --- two people -------------------------------------------------------------------------------------------------------


@pytest.mark.scenario("ID-47")
def test_of_two_who_were_joined_parting_is_offered_first_and_the_other_keeps_all() -> None:
    person, (maya, phone) = canaria(), make.maya()
    make.receive(make.whatsapp(phone), "mine alone")
    joined(person, maya)
    with pytest.raises(privacy.Linked) as offered:
        canaries.erase(person)
    assert [link["rule"] for link in offered.value.extra["links"]] == ["test"]
    merging.split(links=list(Link.objects.live()), actor="user:1", request_id="part")
    canaries.erase(person)
    assert canaries.found() == []
    assert Message.objects.filter(customer=maya).get().content["text"] == "mine alone"
    assert Customer.objects.get(pk=maya.pk).status == "active"


@pytest.mark.scenario("ID-47")
def test_words_said_in_the_others_conversation_while_they_were_one_go_and_leave_no_gap() -> None:
    (maya, phone), person = make.maya(), canaria()
    make.receive(make.whatsapp(phone), "hi from Maya")
    joined(person, maya)
    hear("canary words in a shared conversation")
    merging.split(links=list(Link.objects.live()), actor="user:1", request_id="part")
    canaries.erase(person)
    assert canaries.found() == []
    left = Conversation.objects.filter(customer=maya).get()
    numbers = list(left.events.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, left.head_seq + 1))
    assert Message.objects.filter(customer=maya).exists()


# --- races ------------------------------------------------------------------------------------------------------------


@pytest.mark.scenario("ID-46")
def test_a_merge_that_waits_for_an_erasure_finds_nobody() -> None:
    person, other = canaria(), make.customer("Other")
    privacy_erasing.erase(customer=person, actor="user:1", reason="x", request_id="r")
    with pytest.raises(merging.Gone):
        joined(other, person)
    assert MergeEvent.objects.filter(kind="erase").count() == 1


@pytest.mark.scenario("ID-46")
def test_an_erasure_and_a_merge_at_once_end_in_one_order() -> None:
    people = [(make.customer(f"Canaria {number}"), make.customer(f"Other {number}")) for number in range(6)]

    def work(number: int) -> Any:
        one, other = people[number // 2]
        try:
            return joined(other, one) if number % 2 else canaries.erase(one, whole_cluster=True)
        except merging.Gone as problem:
            return problem

    at_once(12, work)
    for one, other in people:
        one.refresh_from_db()
        other.refresh_from_db()
        assert one.status == "erased" and one.is_root and other.is_root
    assert merging.check() == [] and canaries.found(["Canaria"]) == []


@pytest.mark.scenario("T-78")
@pytest.mark.parametrize("died_after", range(0, 24, 3))
def test_a_worker_killed_anywhere_costs_nothing(died_after: int) -> None:
    person = canaria()
    made = privacy_erasing.erase(customer=person, actor="user:1", reason="x", request_id="r")
    for _ in range(died_after):
        privacy_erasing.go_on(made.pk, seconds=0.000001)
    with pytest.raises(RuntimeError), transaction.atomic():
        work = Erasure.objects.get(pk=made.pk)
        privacy_erasing._step(work, privacy.Person.of(work.members))
        raise RuntimeError("killed")
    privacy_erasing.sweep()
    made.refresh_from_db()
    assert made.state == "done" and canaries.found() == []


@pytest.mark.scenario("T-78")
def test_what_lands_while_she_is_erased_goes_too() -> None:
    person = canaria()
    made = privacy_erasing.erase(customer=person, actor="user:1", reason="x", request_id="r")
    privacy_erasing.go_on(made.pk)
    Observation.objects.create(
        customer=person, key="name", value=NAME, source="bot", source_rank=1, occurred_at=clock.now(),
        effective_at=clock.now(), source_event_id="late",
    )  # fmt: skip
    privacy_erasing.sweep()
    made.refresh_from_db()
    assert canaries.found() == [] and made.stores["observations"] > 1


# --- a restored backup ------------------------------------------------------------------------------------------------


@pytest.mark.scenario("ID-46")
@pytest.mark.scenario("T-79")
def test_a_restored_backup_is_told_who_was_erased_before_it_serves_anybody(tmp_path: Any) -> None:
    person = canaria()
    done = canaries.erase(person)
    restore(done)
    canaria(person.public_id)
    with pytest.raises(CommandError, match="1 erasures are not known"):
        call_command("replay_tombstones", check=True)
    call_command("replay_tombstones", verbosity=0)
    assert canaries.found() == []
    assert Customer.objects.get(public_id=person.public_id).status == "erased"
    call_command("replay_tombstones", check=True, verbosity=0)


@pytest.mark.scenario("T-79")
def test_somebody_joined_with_her_in_the_backup_only_is_parted_and_stays() -> None:
    person = canaria()
    done = canaries.erase(person)
    restore(done)
    back, (maya, _) = canaria(person.public_id), make.maya()
    joined(back, maya)
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


# --- every kind of row ------------------------------------------------------------------------------------------------

# Of these the office fills rows that are nobody's: secrets of channels, an answer and an event about nobody.
NOT_OF_PEOPLE = {
    "channels_app_channel",
    "channels_app_widgetkey",
    "channels_app_inboundevent",
    "customers_idempotentanswer",
}


@pytest.mark.scenario("ID-I9")
def test_of_every_kind_of_row_in_the_office_nothing_of_the_people_is_left() -> None:
    office.fill_one(1)
    assert {line.partition(":")[0] for line in canaries.found([office.CANARY])} > NOT_OF_PEOPLE
    for number, person in enumerate(Customer.objects.roots()):
        canaries.erase(person, request_id=f"office:{number}", whole_cluster=True)
    left = {line.partition(":")[0] for line in canaries.found([office.CANARY, office.PHONE])}
    assert left <= NOT_OF_PEOPLE

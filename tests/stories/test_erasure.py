"""Somebody asks to be forgotten: is anything of her left anywhere, and do races and dead workers change that?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from common import clock
from common.files import File
from conversations import attachments
from conversations.models import Attachment, Conversation, Message
from customers import audit, merging, privacy, privacy_erasing
from customers.models import (
    AuditEntry,
    Customer,
    Erasure,
    Identity,
    Link,
    MergeEvent,
    Observation,
)
from tests import factories as make
from tests.admin import office
from tests.channels_app import whatsapp
from tests.conversations import files
from tests.customers.test_races import at_once
from tests.stories import canaries
from tests.stories.canaries import NAME

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def channel() -> Iterator[Any]:
    with canaries.log():
        yield whatsapp.channel()


@pytest.mark.scenario("ID-43")
@pytest.mark.scenario("ID-I9")
@pytest.mark.scenario("T-77")
def test_after_an_erasure_no_table_and_no_file_holds_anything_of_her() -> None:
    person = canaries.canaria()
    clear = {"conversations_searchwords: canarison"}
    clear |= {f"customers_auditentry: {NAME[:7]}", "channels_app_inboundevent: Canaria"}
    assert clear <= set(canaries.found())
    done = canaries.erase(person)
    assert canaries.found() == []
    assert done.state == Erasure.State.DONE
    assert done.stores["messages"] >= 2 and done.stores["identities"] == 2
    assert done.held_elsewhere == ["whatsapp"]


@pytest.mark.scenario("ID-43")
def test_erased_by_any_member_all_origins_go_and_the_ledger_keeps_ids_only() -> None:
    person = canaries.canaria()
    account = make.site_user(make.customer(NAME), "canaria@example.com")
    canaries.joined(person, account.customer)
    canaries.joined(account.customer, make.customer("Canaria C"))
    canaries.erase(account.customer, whole_cluster=True)
    assert canaries.found() == []
    assert set(Customer.objects.values_list("status", "kind")) == {("erased", "lead")}
    assert all(customer.is_root for customer in Customer.objects.all())
    assert merging.check() == []


@pytest.mark.scenario("ID-43")
def test_files_go_with_the_rows_that_name_them() -> None:
    before = canaries.files()
    canaries.hear()
    message = Message.objects.filter(author="customer").get()
    waiting = Attachment.objects.create(message=message, customer=message.customer, name=NAME, recorded_at=clock.now())
    assert attachments.store(waiting, File(files.picture(), "image/png", f"{NAME}.png"))
    assert len(canaries.files()) > len(before)
    canaries.erase(message.customer)
    assert canaries.files() == before


def test_the_audit_keeps_who_did_what_and_still_holds_together() -> None:
    person = canaries.canaria()
    done = canaries.erase(person)
    kept = list(AuditEntry.objects.order_by("pk").values_list("action", "reason"))
    assert kept == [
        ("identity.reveal", "(erased)"), ("customer.erase", "(erased)"), ("customer.erased", ""),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action="customer.erase").get().object_id == str(done.public_id)
    assert list(audit.broken()) == []


def test_somebody_else_loses_nothing() -> None:
    person, (_, phone) = canaries.canaria(), make.maya()
    make.receive(make.whatsapp(phone), "I stay")
    before = (Message.objects.filter(customer=phone.customer).count(), Identity.objects.filter(pk=phone.pk).count())
    canaries.erase(person)
    assert (
        Message.objects.filter(customer=phone.customer).count(),
        Identity.objects.filter(pk=phone.pk).count(),
    ) == before
    assert canaries.found(["I stay", "Maya Lindqvist"]) != []


# --- two people -------------------------------------------------------------------------------------------------------


@pytest.mark.scenario("ID-47")
def test_of_two_who_were_joined_parting_is_offered_first_and_the_other_keeps_all() -> None:
    person, (maya, phone) = canaries.canaria(), make.maya()
    make.receive(make.whatsapp(phone), "mine alone")
    canaries.joined(person, maya)
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
    (maya, phone), person = make.maya(), canaries.canaria()
    make.receive(make.whatsapp(phone), "hi from Maya")
    canaries.joined(person, maya)
    canaries.hear("canary words in a shared conversation")
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
    person, other = canaries.canaria(), make.customer("Other")
    privacy_erasing.erase(customer=person, actor="user:1", reason="x", request_id="r")
    with pytest.raises(merging.Gone):
        canaries.joined(other, person)
    assert MergeEvent.objects.filter(kind="erase").count() == 1


@pytest.mark.scenario("ID-46")
def test_an_erasure_and_a_merge_at_once_end_in_one_order() -> None:
    people = [(make.customer(f"Canaria {number}"), make.customer(f"Other {number}")) for number in range(6)]

    def work(number: int) -> Any:
        one, other = people[number // 2]
        try:
            return canaries.joined(other, one) if number % 2 else canaries.erase(one, whole_cluster=True)
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
    person = canaries.canaria()
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
    person = canaries.canaria()
    made = privacy_erasing.erase(customer=person, actor="user:1", reason="x", request_id="r")
    privacy_erasing.go_on(made.pk)
    Observation.objects.create(
        customer=person, key="name", value=NAME, source="bot", source_rank=1, occurred_at=clock.now(),
        effective_at=clock.now(), source_event_id="late",
    )  # fmt: skip
    privacy_erasing.sweep()
    made.refresh_from_db()
    assert canaries.found() == [] and made.stores["observations"] > 1


# --- every kind of row ------------------------------------------------------------------------------------------------

# Of these the office fills rows that are nobody's: secrets of channels, an answer and an event about nobody.
NOT_OF_PEOPLE = {
    "channels_app_channel",
    "channels_app_widgetkey",
    "channels_app_inboundevent",
    "conversations_connection",
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


def test_what_staff_wrote_about_a_split_goes_too() -> None:
    person, (maya, _) = canaries.canaria(), make.maya()
    canaries.joined(person, maya)
    link = Link.objects.live().get()
    merging.split(links=[link], actor="user:1", request_id="part", reason=f"{NAME} is somebody else")
    canaries.erase(person)
    assert canaries.found() == []
    assert set(MergeEvent.objects.filter(kind__in=("merge", "split")).values_list("reason", flat=True)) == {""}

"""Who may erase and export over the API, and what do they get?"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from customers import attributes, audit, merging, privacy_erasing
from customers.idempotency import KeyReused
from customers.models import AuditEntry, Customer, Erasure, Link
from tests import factories as make
from tests.customers.cast import ANN, BOB, NOON, resolve, whatsapp
from tests.customers.test_api import client
from tests.stories import canaries

pytestmark = [pytest.mark.django_db, pytest.mark.urls("customers.urls")]


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    with canaries.log():
        yield


@pytest.fixture
def eraser() -> APIClient:
    return client("view_customer", "erase_customer")


def ask(api: APIClient, customer: Customer, key: str = "", **given: Any) -> Any:
    said = {"reason": "asked by letter", **given}
    return api.post(
        f"/api/v1/customers/{customer.public_id}/erase/",
        said,
        format="json",
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def get(api: APIClient, customer: Customer, what: str = "") -> Any:
    return api.get(f"/api/v1/customers/{customer.public_id}/{what}")


def two() -> tuple[Customer, Customer]:
    """Ann and Bob, taken for one person."""
    ann, bob = resolve(whatsapp(ANN)).origin, resolve(whatsapp(BOB)).origin
    merging.merge(a=ann, b=bob, kind="manual", rule="by_hand", actor="user:1", request_id="m")
    return ann, bob


@pytest.mark.scenario("ID-96")
@pytest.mark.scenario("ID-I10")
def test_every_id_of_an_erased_person_answers_410_for_ever(eraser: APIClient) -> None:
    ann, bob = two()
    assert ask(eraser, bob, whole_cluster=True).status_code == 202
    for one in (ann, bob):
        answer = get(eraser, one)
        assert (answer.status_code, answer.json()["code"]) == (410, "erased")
    privacy_erasing.sweep()
    assert get(eraser, ann).status_code == get(eraser, bob).status_code == 410


def test_long_keys_that_begin_alike_erase_two_people(eraser: APIClient) -> None:
    ann, bob = resolve(whatsapp(ANN)).origin, resolve(whatsapp(BOB)).origin
    for number, one in enumerate((ann, bob)):
        assert ask(eraser, one, key=f"{'k' * 120}{number}").json()["customers"] == [str(one.public_id)]
    assert Customer.objects.kept().count() == 0


@pytest.mark.scenario("ID-I9")
def test_what_was_typed_as_the_reason_goes_when_all_is_done(eraser: APIClient) -> None:
    ann = resolve(whatsapp(ANN)).origin
    assert ask(eraser, ann, reason=f"{ANN} called").status_code == 202
    assert Erasure.objects.get().reason and privacy_erasing.go_on(Erasure.objects.get().pk)
    assert (Erasure.objects.get().reason, list(audit.broken())) == ("", [])
    assert AuditEntry.objects.get(action="customer.erase").reason == audit.SCRUBBED


def test_a_request_that_erased_somebody_else_is_refused_and_not_taken_for_done() -> None:
    ann, bob = resolve(whatsapp(ANN)).origin, resolve(whatsapp(BOB)).origin
    privacy_erasing.erase(customer=ann, actor="user:1", reason="", request_id="r")
    with pytest.raises(KeyReused):
        privacy_erasing.erase(customer=bob, actor="user:1", reason="", request_id="r")
    assert Customer.objects.kept().get() == bob


def test_the_receipt_counts_by_store_and_names_nobody(eraser: APIClient) -> None:
    ann = resolve(whatsapp(ANN, name="Ann Canary")).origin
    first = ask(eraser, ann).json()
    assert (first["state"], first["rows"]) == ("running", 0)
    privacy_erasing.sweep()
    receipt = get(eraser, ann, "erasure/").json()
    assert receipt["state"] == "done" and {"store": "identities", "rows": 1} in receipt["stores"]
    assert receipt["customers"] == [str(ann.public_id)] and receipt["last_backup_ends_at"] > receipt["finished_at"]
    assert ANN not in json.dumps(receipt) and "Canary" not in json.dumps(receipt)


@pytest.mark.scenario("ID-47")
def test_of_joined_customers_409_names_the_links_unless_all_are_meant(eraser: APIClient) -> None:
    ann, bob = two()
    refused = ask(eraser, ann)
    assert (refused.status_code, refused.json()["code"]) == (409, "linked_people")
    assert refused.json()["links"] == [
        {
            "id": str(Link.objects.get().public_id),
            "left": str(ann.public_id),
            "right": str(bob.public_id),
            "rule": "by_hand",
        }
    ]
    assert Customer.objects.kept().count() == 2
    assert ask(eraser, ann, whole_cluster=True).status_code == 202


def test_a_repeated_request_is_one_erasure(eraser: APIClient) -> None:
    ann = resolve(whatsapp(ANN)).origin
    assert ask(eraser, ann, "k").json()["id"] == ask(eraser, ann, "k").json()["id"] == ask(eraser, ann).json()["id"]
    assert Erasure.objects.count() == 1


@pytest.mark.parametrize("rights", [(), ("view_customer", "change_customer"), ("view_customer", "export_customer")])
def test_without_the_permission_nobody_erases_or_learns(rights: tuple[str, ...]) -> None:
    ann, stranger = resolve(whatsapp(ANN)).origin, client(*rights)
    assert ask(stranger, ann).status_code == 403
    assert ask(stranger, Customer(public_id=uuid4())).status_code == 403
    assert get(stranger, ann, "erasure/").status_code == 403
    assert Customer.objects.kept().count() == 1


def test_a_reason_and_a_key_are_needed_and_a_stranger_is_404(eraser: APIClient) -> None:
    ann = resolve(whatsapp(ANN)).origin
    assert ask(eraser, ann, reason="").status_code == 400
    bare = eraser.post(f"/api/v1/customers/{ann.public_id}/erase/", {"reason": "x"}, format="json")
    assert bare.json()["code"] == "idempotency_key_missing"
    assert ask(eraser, Customer(public_id=uuid4())).status_code == 404
    assert get(eraser, ann, "erasure/").status_code == 404


# --- export -----------------------------------------------------------------------------------------------------------


def pack(customer: Customer, *rights: str, **given: Any) -> zipfile.ZipFile:
    api = client("export_customer", *rights)
    answer = api.post(f"/api/v1/customers/{customer.public_id}/export/", given, format="json")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def lines(found: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in found.read(name).splitlines()]


def test_an_export_has_everything_of_all_origins_and_nothing_of_anybody_else() -> None:
    ann, bob = two()
    other = resolve(whatsapp("491700000001", name="Somebody Else")).identity
    make.receive(make.whatsapp(other), "not yours")
    make.receive(make.whatsapp(bob.identities.get()), "hello from Bob")
    found = pack(ann)
    whole = b"".join(found.read(name) for name in found.namelist()).decode()
    assert {row["value"] for row in lines(found, "identities.jsonl")} == {ANN, BOB}
    assert lines(found, "messages.jsonl")[0]["content"]["text"] == "hello from Bob"
    assert "not yours" not in whole and "Somebody Else" not in whole
    assert json.loads(found.read("manifest.json"))["customers"] == [str(ann.public_id), str(bob.public_id)]
    assert AuditEntry.objects.get(action="customer.export").rows > 2


@pytest.mark.scenario("T-75")
@pytest.mark.scenario("T-11")
def test_notes_come_only_after_somebody_has_read_them_and_staff_are_not_named() -> None:
    ann = resolve(whatsapp(ANN)).identity
    session = make.receive(make.whatsapp(ann), "hi").session
    make.card(session.conversation, answers="difficult customer")
    make.agent_says(session, "hello", make.agent("Ana Sousa"))
    assert "notes.jsonl" not in pack(ann.customer).namelist()
    with_notes = pack(ann.customer, with_notes=True)
    assert lines(with_notes, "notes.jsonl")[0]["card"]["answers"] == "difficult customer"
    assert b"Ana Sousa" not in b"".join(with_notes.read(name) for name in with_notes.namelist())


@pytest.mark.scenario("T-44")
def test_no_cell_of_a_table_is_a_formula() -> None:
    ann = resolve(whatsapp(ANN)).origin
    attributes.observe(
        customer=ann, key="name", value="=cmd|' /C calc'!A0", source="bot", occurred_at=NOON, source_event_id="1"
    )
    rows = list(csv.DictReader(io.StringIO(pack(ann).read("tables/observations.csv").decode())))
    assert [row["value"] for row in rows] == ["'=cmd|' /C calc'!A0"]


def test_an_erased_person_has_nothing_to_export_and_strangers_may_not() -> None:
    ann = resolve(whatsapp(ANN)).origin
    api = client("view_customer", "erase_customer")
    assert api.post(f"/api/v1/customers/{ann.public_id}/export/").status_code == 403
    assert ask(api, ann).status_code == 202
    allowed = client("export_customer").post(f"/api/v1/customers/{ann.public_id}/export/")
    assert (allowed.status_code, allowed.json()["code"]) == (410, "erased")

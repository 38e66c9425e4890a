"""Can an administrator erase and export a person in the back office, is it asked twice, and is there a receipt?"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from customers import merging, privacy_erasing
from customers.models import AuditEntry, Customer, Erasure
from tests.customers.test_pages_people import person, staff, text, url
from tests.stories import canaries

pytestmark = pytest.mark.django_db
SAID = {"reason": "asked by letter", "confirm": "erase"}


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    with canaries.log():
        yield


@pytest.fixture
def office() -> Client:
    return staff("view_customer", "erase_customer", "export_customer", "undo_link")


def two() -> tuple[Customer, Customer]:
    ann, bob = person(1, "Ann"), person(2, "Bob")
    merging.merge(a=ann, b=bob, kind="manual", rule="by_hand", actor="user:1", request_id="m")
    return ann, bob


def test_the_page_names_what_goes_and_a_confirmed_post_erases(office: Client) -> None:
    ann = person(1, "Ann")
    asked = text(office, url("person-erase", ann))
    assert "observations: 1" in asked and "identities: 1" in asked
    done = office.post(url("person-erase", ann), SAID, follow=True)
    assert "is being erased" in done.content.decode()
    assert Erasure.objects.get().reason == "asked by letter"
    assert AuditEntry.objects.filter(action="customer.erase", reason="asked by letter").count() == 1
    text(office, url("person", ann), status=410)


@pytest.mark.parametrize("given", [{}, {"reason": "x"}, {"confirm": "erase"}, {"reason": " ", "confirm": "erase"}])
def test_without_reason_and_confirmation_nothing_happens(office: Client, given: dict[str, str]) -> None:
    ann = person(1)
    assert office.post(url("person-erase", ann), given).status_code == 400
    assert Erasure.objects.count() == 0


@pytest.mark.scenario("ID-47")
def test_of_joined_people_the_page_offers_the_split_first(office: Client) -> None:
    ann, bob = two()
    asked = text(office, url("person-erase", ann))
    assert "Part them first" in asked and url("person-split", ann) in asked
    assert office.post(url("person-erase", ann), SAID).status_code == 409
    assert Customer.objects.kept().count() == 2
    assert office.post(url("person-erase", bob), {**SAID, "whole_cluster": "on"}).status_code == 302
    assert Customer.objects.kept().count() == 0


def test_the_receipt_shows_counts_and_can_be_downloaded(office: Client) -> None:
    ann = person(1, "Ann")
    office.post(url("person-erase", ann), SAID)
    privacy_erasing.sweep()
    again = office.get(url("person-erase", ann), follow=True)
    assert "Erased:" in again.content.decode() and "observations" in again.content.decode()
    found = office.get(again.request["PATH_INFO"] + "?download")
    assert found.headers["Content-Disposition"].startswith("attachment") and found.json()["state"] == "done"


def test_the_persons_page_leads_there_for_who_may_only(office: Client) -> None:
    ann = person(1)
    assert url("person-erase", ann) in text(office, url("person", ann))
    clerk = staff("view_customer")
    assert url("person-erase", ann) not in text(clerk, url("person", ann))
    for name in ("person-erase", "person-export"):
        assert clerk.post(url(name, ann), SAID).status_code == 403
    assert Customer.objects.kept().count() == 1


def test_everything_held_is_handed_out_as_a_zip(office: Client) -> None:
    ann = person(1, "Ann")
    assert "observations: 1" in text(office, url("person-export", ann)) and not AuditEntry.objects.exists()
    answer = office.post(url("person-export", ann))
    found = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert b"Ann" in found.read("observations.jsonl")
    assert AuditEntry.objects.filter(action="customer.export").count() == 1


def test_the_commands_do_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ann, _ = two()
    with pytest.raises(CommandError, match="part them"):
        call_command("erase_customer", str(ann.public_id), reason="asked")
    call_command("export_customer", str(ann.public_id), str(tmp_path / "ann.zip"))
    assert zipfile.ZipFile(tmp_path / "ann.zip").testzip() is None
    call_command("erase_customer", str(ann.public_id), reason="asked", whole_cluster=True)
    assert '"state": "done"' in capsys.readouterr().out
    with pytest.raises(CommandError, match="erased"):
        call_command("export_customer", str(ann.public_id), str(tmp_path / "again.zip"))

"""Can a person import a file through the back office, step by step; and who may not?"""

from __future__ import annotations

from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from customers import mapping, tasks
from customers.models import Customer, MappingImport

pytestmark = pytest.mark.django_db
CONTENT = b"tel,name\n+46701740635,Ann\nxx,=cmd\n"


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def handed_in(client: Client, content: bytes = CONTENT) -> MappingImport:
    file = SimpleUploadedFile("people.csv", content)
    client.post(reverse("admin:import-upload"), {"file": file})
    return MappingImport.objects.get()


def kept() -> set[str]:
    return set(default_storage.listdir("imports")[1]) if default_storage.exists("imports") else set()


def test_from_the_file_to_the_customers(boss: Client) -> None:
    work = handed_in(boss)
    page = reverse("admin:import-steps", args=[work.pk])
    chosen = {"target-0": "phone", "trust-0": "mapping", "target-1": "name", "trust-1": "attribute"}
    boss.post(page, {"act": "check", **chosen})
    tasks.work_on_import(work.pk)
    assert "tel: letters in a phone number" in boss.get(page).content.decode()
    assert not Customer.objects.exists()
    boss.post(page, {"act": "confirm"})
    tasks.work_on_import(work.pk)
    work.refresh_from_db()
    assert (work.state, work.counts["run"], Customer.objects.count()) == ("done", {"create": 1, "refused": 1}, 1)


def test_the_reasons_are_a_file(boss: Client) -> None:
    work = handed_in(boss)
    page = reverse("admin:import-steps", args=[work.pk])
    boss.post(page, {"act": "check", "target-0": "phone", "trust-0": "mapping"})
    tasks.work_on_import(work.pk)
    answer = boss.get(reverse("admin:import-reasons", args=[work.pk]))
    assert b"".join(answer.streaming_content).decode() == (  # type: ignore[attr-defined]  # a streaming answer
        '"row","outcome","reasons","tel","name"\r\n"2","refused","tel: letters","xx","\'=cmd"\r\n'
    )


def test_a_file_that_is_none_is_refused_on_the_page(boss: Client) -> None:
    file = SimpleUploadedFile("people.xlsx", b"PK\x03\x04")
    answer = boss.post(reverse("admin:import-upload"), {"file": file})
    assert "save it as CSV" in answer.content.decode()
    assert not MappingImport.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbfphone\xff\xfe", b"\xff\xfep\x00h", b"\xff\xfe\x00\xd8\x00\x00", b"\xfe\xff\x00p\x00"],
    ids=["utf-8", "half", "surrogate", "odd"],
)
def test_a_first_line_that_is_no_text_is_refused_in_words_and_leaves_no_file(boss: Client, content: bytes) -> None:
    before = kept()
    answer = boss.post(reverse("admin:import-upload"), {"file": SimpleUploadedFile("people.csv", content)})
    assert answer.status_code < 500 and not MappingImport.objects.exists()
    assert "Line 1: this is not utf-" in answer.content.decode() and kept() == before


def test_an_upload_that_fails_for_any_reason_leaves_no_file() -> None:
    before = kept()
    with pytest.raises(DatabaseError), transaction.atomic():
        mapping.upload(file=BytesIO(CONTENT), name="people.csv", actor="u" * 300)
    assert kept() == before and not MappingImport.objects.exists()


def test_a_mapping_that_makes_no_sense_is_said_and_changes_nothing(boss: Client) -> None:
    work = handed_in(boss)
    answer = boss.post(reverse("admin:import-steps", args=[work.pk]), {"act": "check"}, follow=True)
    assert "At least one column must be an address" in answer.content.decode()


def test_staff_without_the_permission_may_not(client: Client) -> None:
    client.force_login(User.objects.create_user("ana", is_staff=True))
    assert client.get(reverse("admin:import-upload")).status_code == 403
    assert client.post(reverse("admin:import-upload"), {}).status_code == 403

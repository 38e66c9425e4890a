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

from customers import mapping, mapping_cells, tasks
from customers.mapping_lanes import Lanes
from customers.models import Customer, MappingImport
from tests.customers.test_mapping import PHONE_NAME, TWO_PHONES, number, uploaded
from tests.customers.test_pages_people import person

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


def steps(client: Client, work: MappingImport) -> str:
    return client.get(reverse("admin:import-steps", args=[work.pk])).content.decode()


def test_the_button_counts_the_rows_that_would_be_written(boss: Client) -> None:
    rows = [(1, 2), (3, 4), (2, 3)]
    work = uploaded("first,second\n" + "".join(f"{number(a)},{number(b)}\n" for a, b in rows) + "xx,\n", TWO_PHONES)
    found = mapping.check(work)
    assert (found["create"], found["link"], found["refused"]) == (2, 1, 1)
    assert ">Import 2 rows<" in steps(boss, work)


def test_a_cancelled_import_says_what_came_of_the_rows_until_then(boss: Client) -> None:
    work = uploaded("phone,name\n" + "".join(f"{number(one)},Ann\n" for one in range(9)), PHONE_NAME)
    mapping.check(work)
    assert ">Cancel<" in steps(boss, work)
    mapping.confirm(work=work, actor="user:1")
    assert mapping._step(work.pk, Lanes(4)) and ">Cancel<" in steps(boss, work)
    boss.post(reverse("admin:import-steps", args=[work.pk]), {"act": "cancel"})
    page = steps(boss, work)
    assert "Cancelled after 4 of 9 rows" in page and "<b>4</b>new customers" in page
    assert "What came of the rows" in page and "<b>9</b>" not in page


def test_an_import_that_is_cancelled_before_its_run_claims_nothing(boss: Client) -> None:
    work = uploaded(f"phone,name\n{number(1)},Ann\n", PHONE_NAME)
    mapping.check(work)
    mapping.cancel(work=work, actor="user:1")
    page = steps(boss, MappingImport.objects.get(pk=work.pk))
    assert "Cancelled; nothing was changed." in page and "What came of the rows" not in page


@pytest.mark.parametrize(
    ("header", "target"),
    [
        *[("Stadt", "city"), ("Ort", "city"), ("Vorname", "first_name"), ("Nachname", "last_name"), ("Handy", "phone")],
        *[("Téléphone mobile", ""), ("Téléphone", "phone"), ("Prénom", "first_name"), ("ville", "city")],
        *[("correo electrónico", "email"), ("Teléfono", "phone"), ("ciudad", "city"), ("Apellidos", "last_name")],
        *[("Förnamn", "first_name"), ("namn", "name"), ("Kundnummer", "customer_number@crm"), ("Summe", "")],
    ],
)
def test_headers_of_several_languages_are_recognised(header: str, target: str) -> None:
    assert [one.target for one in mapping_cells.guess([header])] == [target]


def test_the_form_says_whose_a_customer_number_is(boss: Client) -> None:
    assert "<code>customer_number@shop</code> is the customer number in the system" in steps(boss, handed_in(boss))


def test_a_row_that_would_join_names_whom_and_the_rows_that_take_part(boss: Client) -> None:
    ann = person(91, "Ann Lee")
    work = uploaded(f"first,second\n+46701740091,{number(92)}\n{number(92)},{number(93)}\n", TWO_PHONES)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1")
    mapping.apply(work)
    bo = person(95, "Bo Ek")
    again = uploaded(
        f"first,second\n{number(96)},{number(97)}\n+46701740091,+46701740095\n+46701740095,{number(96)}\n", TWO_PHONES
    )
    mapping.check(again)
    page = steps(boss, again)
    for one, name in ((ann, "Ann Lee"), (bo, "Bo Ek")):
        assert f'<a href="{reverse("admin:person", args=[one.public_id])}"><bdi>{name}</bdi></a>' in page
    assert "; with row 3 of the file" in page and "; with rows 1, 2 of the file" in page


def test_a_row_that_joins_nobody_names_nobody(boss: Client) -> None:
    person(91, "Ann Lee")
    work = uploaded(f"first,second\n+46701740091,{number(92)}\nxx,\n", TWO_PHONES)
    mapping.check(work)
    assert "Ann Lee" not in steps(boss, work) and "of the file" not in steps(boss, work)


def test_words_of_an_import_without_a_date_show_none(boss: Client) -> None:
    made = person(1)
    work = uploaded("phone,name\n+46701740001,Ann\n", PHONE_NAME)
    mapping.check(work)
    mapping.confirm(work=work, actor="user:1")
    mapping.apply(work)
    page = boss.get(reverse("admin:person", args=[made.public_id])).content.decode()
    assert "from an import, no date given, imported" in page and "2005" not in page
    asked = {"with": str(person(2, "Bo").public_id)}
    merge = boss.get(reverse("admin:person-merge", args=[made.public_id]), asked).content.decode()
    assert "an import, no date given" in merge and "2005" not in merge


def test_attributes_that_are_defined_are_offered_and_slips_of_the_pen_are_told(boss: Client) -> None:
    work = handed_in(boss, b"tel,born,seat\n+46701740635,2001-02-03,4\n")
    assert '<option value="birth_date">' in steps(boss, work)
    chosen = {"target-0": "phone", "trust-0": "mapping", "target-1": "birthdate", "trust-1": "attribute"}
    boss.post(reverse("admin:import-steps", args=[work.pk]), {"act": "check", **chosen, "target-2": "seat"})
    tasks.work_on_import(work.pk)
    page = steps(boss, work)
    assert "born: nobody has defined the attribute birthdate; it would be a new one." in page
    assert "seat: not read, though it is called seat; its trust is Ignore." in page
    assert "tel: n" not in page


def test_the_button_says_that_only_what_is_ticked_would_come(boss: Client) -> None:
    work = handed_in(boss)
    MappingImport.objects.filter(pk=work.pk).update(state="checked", counts={"check": {"link": 1}})
    assert ">Import what is ticked<" in steps(boss, work)

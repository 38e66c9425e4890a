"""Somebody from a file writes: are they answered as themselves, shown in the API, and handed out what is held?"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command

from channels_app import ingest
from channels_app.models import InboundEvent
from conversations.models import Message
from customers.models import Customer, Identity
from tests.channels_app import doors, whatsapp
from tests.customers.test_api import client
from tests.customers.test_mapping import PHONE_NAME, imported
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tom() -> Customer:
    whatsapp.channel()
    cast.sales()
    cast.library()
    imported("phone,name\n+491713920012,Tom Berger\n", PHONE_NAME)
    return Customer.objects.get()


@pytest.mark.scenario("ID-73")
def test_an_imported_person_who_writes_is_answered_as_themselves(tom: Customer) -> None:
    raw = whatsapp.body(whatsapp.value(whatsapp.message("hi there", sender="491713920012")))
    assert doors.run(lambda: doors.post(raw))[0] == 200
    ingest.drain()
    assert InboundEvent.objects.get().state == "done"
    assert Identity.objects.get(namespace="phone").customer_id == tom.pk
    assert Message.objects.filter(customer=tom, author="bot").exists()


def test_an_imported_person_is_shown_in_the_api(tom: Customer) -> None:
    found = client("view_customer").get(f"/api/v1/customers/{tom.public_id}/")
    assert found.status_code == 200
    assert {one["key"]: one["value"] for one in found.json()["attributes"]} == {"name": "Tom Berger"}


def test_what_is_held_of_an_imported_person_can_be_handed_out(tom: Customer, tmp_path: Path) -> None:
    call_command("export_customer", str(tom.public_id), str(tmp_path / "tom.zip"))
    with zipfile.ZipFile(tmp_path / "tom.zip") as held:
        words = "".join(held.read(name).decode() for name in held.namelist())
    assert "+491713920012" in words and "Tom Berger" in words

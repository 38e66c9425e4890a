"""Does the back office's list show people, found by any id they ever had, and who waits for a decision?"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import conflicts, identity, naming
from customers.handles import Handle
from customers.models import Customer
from handover.inbox import naming as desk
from tests.customers.cast import NOON, login, resolve, whatsapp
from tests.customers.test_pages_people import joined, person, staff, text, url

pytestmark = pytest.mark.django_db
MAIL = Handle("email", "", "anna@example.com", "provider")
LIST = "admin:customers_customer_changelist"


def listed(client: Client, **asked: str) -> list[str]:
    answer = client.get(reverse(LIST), asked)
    return [str(row.public_id) for row in answer.context["cl"].result_list]


def trio() -> tuple[Customer, Customer, Customer]:
    """Two who are one, and another."""
    ann, lee, bob = person(1), person(2), person(3)
    joined(ann, lee)
    return ann, lee, bob


def test_only_those_who_stand_for_a_person_are_listed() -> None:
    ann, _, bob = trio()
    assert set(listed(staff("view_customer"))) == {str(ann.public_id), str(bob.public_id)}


def test_an_earlier_id_finds_the_person_they_became() -> None:
    ann, lee, _ = trio()
    client = staff("view_customer")
    assert listed(client, q=str(lee.public_id)) == [str(ann.public_id)]
    assert listed(client, q="Ann") == []


def test_the_row_of_a_member_is_still_there_to_be_looked_at() -> None:
    _, lee, _ = trio()
    address = reverse("admin:customers_customer_change", args=[lee.pk])
    assert staff("view_customer").get(address).status_code == 200


def test_who_waits_for_a_decision_is_found() -> None:
    ann, lee, bob = trio()
    conflicts.note(customer_id=lee.pk, kind="csv_row", subject="row:1", candidates=[])
    client = staff("view_customer")
    assert listed(client, has_conflicts="yes") == [str(ann.public_id)]
    assert listed(client, has_conflicts="no") == [str(bob.public_id)]


def test_a_row_says_name_address_and_channels_in_as_many_queries_for_any_number() -> None:
    client = staff("view_customer")
    person(1, "Ann Lee")
    with CaptureQueriesContext(connection) as few:
        page = client.get(reverse(LIST)).content.decode()
    assert "Ann Lee" in page and "Phone 467" in page and "WhatsApp" in page and "46701740001" not in page
    for number in range(2, 7):
        person(number)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse(LIST))
    assert len(many) == len(few)


@pytest.mark.parametrize(
    "asked", ["Lee Ann", "+46 70 174 00 01", "0046-701740001", "01740001", "anna@example.com", "u-7"]
)
def test_a_person_is_found_by_any_whole_value(asked: str) -> None:
    ann, login_, mail = person(1, "Ann Lee"), login("u-7").origin, resolve([MAIL]).origin
    meant = {"u-7": login_, "anna@example.com": mail}.get(asked, ann)
    assert listed(staff("view_customer"), q=asked) == [str(meant.public_id)]


def test_what_is_not_found_says_what_can_be_looked_for() -> None:
    person(1, "Ann Lee")
    answer = staff("view_customer").get(reverse(LIST), {"q": "Ann"})
    assert answer.context["cl"].result_list == [] and "Nobody is found by this. You can" in answer.content.decode()


def test_who_was_erased_is_listed_only_when_asked_for() -> None:
    ann, bob = person(1), person(2)
    Customer.objects.filter(pk=bob.pk).update(status="erased", erased_at=NOON)
    client = staff("view_customer")
    assert (listed(client), listed(client, status="erased")) == ([str(ann.public_id)], [str(bob.public_id)])


def test_who_has_no_name_attribute_is_called_the_same_in_the_inbox_and_here() -> None:
    rosa = resolve(whatsapp("46701740009", name="Rosa Conti")).origin
    client = staff("view_customer")
    assert naming.names([rosa.pk]) == desk.names([rosa.pk]) == {rosa.pk: "Rosa Conti"}
    assert "Rosa Conti" in text(client, url("person", rosa)) and "Rosa Conti" in text(client, reverse(LIST))


def test_an_account_is_found_on_every_site_that_has_it() -> None:
    ann, bob = (login(subject).origin for subject in ("ann-7", "bob-8"))
    elsewhere = identity.identify(
        visitor_identity=None,
        issuer="https://forum.example",
        subject="ann-7",
        claims={},
        trusts_site_claims=False,
        occurred_at=NOON,
    )
    assert elsewhere is not None
    client = staff("view_customer")
    assert set(listed(client, q="ann-7")) == {str(ann.public_id), str(elsewhere.origin.public_id)}
    assert listed(client, q="bob-8") == [str(bob.public_id)]

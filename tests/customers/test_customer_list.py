"""Does the back office's list show people, found by any id they ever had, and who waits for a decision?"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from customers import conflicts
from customers.models import Customer
from tests.customers.test_pages_people import joined, person, staff

pytestmark = pytest.mark.django_db
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

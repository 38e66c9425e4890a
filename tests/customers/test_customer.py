"""Is a root a root, and is what may not be written refused by the database?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from common import clock
from customers.masking import masked
from customers.models import Customer, Identity

pytestmark = pytest.mark.django_db


def settle() -> None:
    """What a commit would check, now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def identity(**more: Any) -> Identity:
    row = {"namespace": "phone", "key": "k", "raw": "+1", "proof": "provider", "valid_from": clock.now()}
    return Identity.objects.create(**({"customer": Customer.objects.create()} | row | more))


def test_a_newborn_is_its_own_root_and_knows_it() -> None:
    ann, bob = Customer.objects.create(), Customer()
    Customer.objects.bulk_create([bob])
    assert (ann.is_root, bob.is_root) == (True, True)
    settle()


def test_roots_and_clusters_read_as_adjectives() -> None:
    ann, bob = Customer.objects.create(), Customer.objects.create()
    Customer.objects.filter(pk=bob.pk).update(root=ann)
    settle()
    assert set(Customer.objects.roots()) == {ann}
    assert set(Customer.objects.cluster(ann)) == set(ann.members.all()) == {ann, bob}


def test_a_pointer_to_a_member_is_refused() -> None:
    ann, bob, eve = (Customer.objects.create() for _ in range(3))
    Customer.objects.filter(pk=bob.pk).update(root=ann)
    settle()
    with pytest.raises(IntegrityError, match="root is not a root"), transaction.atomic():
        Customer.objects.filter(pk=eve.pk).update(root=bob)
        settle()


def test_a_root_does_not_leave_its_members_behind() -> None:
    ann, bob, eve = (Customer.objects.create() for _ in range(3))
    Customer.objects.filter(pk=bob.pk).update(root=ann)
    settle()
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.filter(pk=ann.pk).update(root=eve)
        settle()


@pytest.mark.parametrize(
    "bad",
    [
        {"proof": "claimed", "routable": True},
        {"key": ""},
        {"key": " k"},
        {"valid_to": clock.now()},
    ],
)
def test_the_database_refuses_an_identity_that_cannot_be(bad: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        identity(**({"valid_from": clock.now()} | bad))


def test_an_identifier_has_one_live_owner_but_many_who_claim_it() -> None:
    identity(routable=True)
    identity(proof="claimed"), identity(proof="claimed")
    with pytest.raises(IntegrityError), transaction.atomic():
        identity(routable=True)


def test_an_erased_customer_says_when() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.create(status="erased")


def test_the_words_for_a_customer_and_an_address_tell_no_personal_value() -> None:
    row = identity(raw="+5531988888888")
    assert "5531" not in f"{row} {row.customer} {row!r}"


@pytest.mark.parametrize(
    ("namespace", "raw", "shown"),
    [
        ("phone", "+5531988888888", "+55\u2022\u2022\u2022\u202288"),
        ("email", "ann@x.com", "a\u2022\u2022\u2022\u2022@x.com"),
        ("visitor", "long-browser-token", "\u2022\u2022\u2022\u2022"),
        ("telegram_user", "123", "\u2022\u2022\u2022\u2022"),
    ],
)
def test_an_identifier_is_masked(namespace: str, raw: str, shown: str) -> None:
    assert masked(namespace, raw) == shown

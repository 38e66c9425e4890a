"""What does the API tell of customers, and what does it keep?"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from common import clock
from customers import attributes
from customers.models import AuditEntry, Customer, Observation
from tests.customers.cast import ANN, BOB, login, resolve, whatsapp

pytestmark = [pytest.mark.django_db, pytest.mark.urls("customers.urls")]


def client(*rights: str) -> APIClient:
    """Ana of the desk, with these rights on customers."""
    ana = User.objects.create_user(f"ana{User.objects.count()}")
    ana.user_permissions.set(Permission.objects.filter(codename__in=rights))
    found = APIClient()
    found.force_authenticate(ana)
    return found


@pytest.fixture
def reader() -> APIClient:
    return client("view_customer")


def ids(answer: Any) -> set[str]:
    return {row["public_id"] for row in answer.json()["results"]}


def test_nobody_reads_without_the_permission() -> None:
    ann = resolve(whatsapp(ANN)).origin
    assert APIClient().get("/api/v1/customers/").status_code in (401, 403)
    stranger = client()
    assert stranger.get("/api/v1/customers/").status_code == 403
    assert stranger.get(f"/api/v1/customers/{ann.public_id}/").status_code == 403


def test_the_list_shows_roots_and_no_erased_customer(reader: APIClient) -> None:
    ann, bob, gone = (resolve(whatsapp(phone)).origin for phone in (ANN, BOB, "4915100000000"))
    Customer.objects.filter(pk=bob.pk).update(root=ann)
    Customer.objects.filter(pk=gone.pk).update(status="erased", erased_at=clock.now())
    assert ids(reader.get("/api/v1/customers/")) == {str(ann.public_id)}


@pytest.mark.parametrize("wanted", ["+55 31 98888-8888", "+553188888888", "88888888"])
def test_a_customer_is_found_by_whole_phone_variant_or_last_digits(reader: APIClient, wanted: str) -> None:
    ann, _ = resolve(whatsapp(ANN)).origin, resolve(whatsapp(BOB))
    assert ids(reader.get("/api/v1/customers/", {"identifier": wanted})) == {str(ann.public_id)}


@pytest.mark.parametrize("wanted", ["8888888", "98888", "%", "+49 30 1234567", "null"])
def test_a_part_of_a_phone_or_a_strange_one_finds_nobody(reader: APIClient, wanted: str) -> None:
    resolve(whatsapp(ANN))
    assert ids(reader.get("/api/v1/customers/", {"identifier": wanted})) == set()


def test_a_site_user_is_found_with_its_issuer_and_the_search_is_audited(reader: APIClient) -> None:
    ann = login("ann").origin
    wanted = {"identifier": "ann", "namespace": "site_user", "scope": "https://shop.example"}
    assert ids(reader.get("/api/v1/customers/", wanted)) == {str(ann.public_id)}
    assert list(AuditEntry.objects.values_list("action", "rows")) == [("customers.search", 1)]


def test_addresses_are_masked_for_a_reader_and_whole_for_who_may_reveal(reader: APIClient) -> None:
    ann = resolve(whatsapp(ANN)).origin
    page = f"/api/v1/customers/{ann.public_id}/"
    assert ANN not in reader.get(page).content.decode()
    User.objects.all().delete()
    assert client("view_customer", "reveal_identity").get(page).json()["identities"][0]["value"] == ANN
    assert AuditEntry.objects.get().action == "identity.reveal"


@pytest.mark.scenario("ID-29")
def test_the_id_of_a_merged_customer_leads_to_its_root(reader: APIClient) -> None:
    ann, bob = resolve(whatsapp(ANN)).origin, resolve(whatsapp(BOB)).origin
    Customer.objects.filter(pk=bob.pk).update(root=ann)
    body = reader.get(f"/api/v1/customers/{bob.public_id}/").json()
    assert (body["public_id"], body["merged_into"]) == (str(ann.public_id), str(ann.public_id))
    assert len(body["identities"]) == 2
    assert reader.get(f"/api/v1/customers/{ann.public_id}/").json()["merged_into"] is None


@pytest.mark.scenario("ID-96")
def test_an_erased_customer_is_gone(reader: APIClient, settings: Any) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"EXCEPTION_HANDLER": "config.problems.handle"}
    ann = resolve(whatsapp(ANN)).origin
    Customer.objects.filter(pk=ann.pk).update(status="erased", erased_at=clock.now())
    answer = reader.get(f"/api/v1/customers/{ann.public_id}/")
    assert (answer.status_code, answer.json()["code"]) == (410, "erased")


def test_a_change_is_an_observation_of_the_agent_with_its_provenance() -> None:
    ann = resolve(whatsapp(ANN)).origin
    editor = client("view_customer", "change_customer")
    answer = editor.patch(f"/api/v1/customers/{ann.public_id}/attributes/", {"name": "Ann", "vip": True}, format="json")
    assert [(row["key"], row["value"]) for row in answer.json()["attributes"]] == [("name", "Ann"), ("vip", True)]
    assert answer.json()["attributes"][0]["source"].startswith("agent:")
    assert Observation.objects.values("write_group").distinct().count() == 1


@pytest.mark.parametrize("body", [["name"], {"": 1}, {"a b": 1}, {"k" * 101: 1}])
def test_a_body_that_is_no_set_of_attributes_is_refused(body: Any) -> None:
    ann = resolve(whatsapp(ANN)).origin
    editor = client("view_customer", "change_customer")
    assert editor.patch(f"/api/v1/customers/{ann.public_id}/attributes/", body, format="json").status_code == 400
    assert not Observation.objects.exists()


def test_a_reader_may_not_change(reader: APIClient) -> None:
    ann = resolve(whatsapp(ANN)).origin
    assert (
        reader.patch(f"/api/v1/customers/{ann.public_id}/attributes/", {"name": "X"}, format="json").status_code == 403
    )
    assert attributes.values(ann) == {}


def test_a_page_costs_the_same_for_one_and_many(reader: APIClient, django_assert_num_queries: Any) -> None:
    for number in range(5):
        resolve(whatsapp(f"491511234500{number}"))
    reader.get("/api/v1/customers/")
    with django_assert_num_queries(1):
        assert len(ids(reader.get("/api/v1/customers/"))) == 5

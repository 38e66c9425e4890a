"""What may a trusted server say of who is who, and when is a person asked instead?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from common import clock
from customers import attributes, policy
from customers.handles import Handle
from customers.models import Conflict, Customer, Distinct, Identity, Link, MatchSuggestion, Tombstone
from tests.customers.cast import SHOP, login, resolve, visitor, whatsapp
from tests.customers.test_api import client
from tests.customers.test_merging import undo
from tests.stories import canaries

pytestmark = pytest.mark.django_db
PHONE = "46701740635"
USER = {"namespace": "site_user", "scope": SHOP, "value": "ann-1"}
MAIL = {"namespace": "email", "value": "ann@example.com"}
TEL = {"namespace": "phone", "value": f"+{PHONE}"}


def say(*identifiers: dict[str, str], key: str = "", **more: Any) -> Any:
    headers = {"Idempotency-Key": key or str(uuid4())}
    body = {"identifiers": list(identifiers), **more}
    by = client("assert_customer")
    return by.post("/api/v1/customers/identify/", body, format="json", headers=headers)


def mailed(address: str = "ann@example.com", proof: str = "provider") -> Customer:
    return resolve([Handle("email", "", address, proof)], clock.now()).origin


def test_a_new_person_is_born_with_all_that_is_asserted() -> None:
    answer = say(USER, MAIL, TEL, attributes={"name": "Ann Lee", "segment": "gold"}, source="crm:shop")
    body, born = answer.json(), Customer.objects.get()
    assert (answer.status_code, body["created"], body["customer"]) == (201, True, str(born.public_id))
    rows = Identity.objects.order_by("namespace").values_list("namespace", "proof", "routable")
    assert list(rows) == [("email", "imported", True), ("phone", "imported", True), ("site_user", "imported", True)]
    assert attributes.values(born) == {"name": "Ann Lee", "segment": "gold"}


def test_the_same_again_finds_the_same_and_changes_nothing() -> None:
    say(USER, MAIL)
    body = say(USER, MAIL).json()
    assert (body["created"], body["links"], body["conflicts"]) == (False, [], [])
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 2)


def test_the_primary_identifier_and_a_second_one_link_two_and_that_can_be_undone() -> None:
    user, mail = login("ann-1").origin, mailed()
    body = say(USER, MAIL).json()
    assert (len(body["links"]), body["conflicts"]) == (1, [])
    link = Link.objects.get()
    assert (link.kind, link.rule, {link.a, link.b}) == ("auto", "server_assertion", {user, mail})
    undo(link)
    assert Customer.objects.roots().count() == 2


def test_a_new_primary_identifier_joins_whom_the_second_one_names() -> None:
    mail = mailed()
    body = say(USER, MAIL).json()
    assert body["created"] and body["customer"] == str(mail.public_id) and Link.objects.count() == 1


def test_without_the_primary_identifier_nothing_is_linked_but_told() -> None:
    phone, mail = resolve(whatsapp(PHONE), clock.now()).origin, mailed()
    body = say(MAIL, TEL).json()
    assert (body["customer"], body["links"]) == (str(mail.public_id), [])
    assert [row["kind"] for row in body["conflicts"]] == ["identifier_collision"]
    assert {MatchSuggestion.objects.get().a, MatchSuggestion.objects.get().b} == {phone, mail}


def test_which_identifier_is_primary_is_the_policys() -> None:
    resolve(whatsapp(PHONE), clock.now()), mailed()
    policy.change(values={"primary": "email"}, actor="user:1")
    assert len(say(MAIL, TEL).json()["links"]) == 1


def test_another_user_of_the_same_site_is_a_clash_and_never_a_link() -> None:
    login("ann-1"), login("bob-2", email="ann@example.com")
    body = say(USER, MAIL).json()
    assert ([row["kind"] for row in body["conflicts"]], Link.objects.count()) == (["exclusive_clash"], 0)


@pytest.mark.parametrize("doubt", ["shared", "stale", "silent", "suppressed", "role"])
def test_what_is_in_doubt_links_nobody(doubt: str) -> None:
    login("ann-1")
    other = mailed("info@example.com") if doubt == "role" else resolve(whatsapp(PHONE), clock.now()).origin
    rows, long_ago = Identity.objects.filter(customer=other), clock.now() - timedelta(days=60)
    if doubt == "shared":
        rows.update(shared=True)
    elif doubt == "stale":
        rows.update(proof_expires_at=long_ago)
    elif doubt == "silent":
        Customer.objects.filter(pk=other.pk).update(last_seen_at=long_ago)
    elif doubt == "suppressed":
        Customer.objects.filter(pk=other.pk).update(status="suppressed")
    body = say(USER, {"namespace": "email", "value": "info@example.com"} if doubt == "role" else TEL).json()
    assert (body["links"], len(body["conflicts"])) == ([], 1) and Conflict.objects.open().exists()


@pytest.mark.scenario("ID-16")
def test_what_too_many_give_links_nobody_until_it_is_decided() -> None:
    login("ann-1"), mailed()
    for number in range(6):
        resolve([*visitor(f"browser-{number}"), Handle("email", "", "ann@example.com", "claimed")], clock.now())
    assert Conflict.objects.open().filter(kind="shared_value").exists()
    body = say(USER, MAIL).json()
    assert (body["links"], [row["kind"] for row in body["conflicts"]]) == ([], ["identifier_collision"])


@pytest.mark.parametrize("first", [USER, TEL])
def test_another_form_of_a_phone_suggests_and_never_links(first: dict[str, str]) -> None:
    if first == TEL:
        policy.change(values={"primary": "phone"}, actor="user:1")
    login("ann-1"), resolve(whatsapp("5531988888888"), clock.now())
    other = {"namespace": "phone", "value": "+553188888888"}
    body = say(*((USER, other) if first == USER else (other, USER))).json()
    assert (body["links"], len(body["conflicts"])) == ([], 1)
    assert MatchSuggestion.objects.get().features == {"variant": ""}


@pytest.mark.scenario("ID-44", "T-P17")
@pytest.mark.parametrize("said", [{"occurred_at": -1}, {}, {"occurred_at": 70 * 365}, {"occurred_at": -9000}])
def test_whoever_was_erased_is_not_brought_back_by_a_copy(said: dict[str, int]) -> None:
    with canaries.log():
        canaries.erase(resolve(whatsapp(PHONE), clock.now() - timedelta(days=2)).origin)
    when: dict[str, Any] = {name: clock.now() + timedelta(days=days) for name, days in said.items()}
    answer = say(TEL, **when)
    assert (answer.status_code, answer.json()["code"]) == (410, "erased")
    assert not Customer.objects.kept().exists() and Tombstone.objects.get().hits == 1


@pytest.mark.scenario("ID-45")
@pytest.mark.parametrize("said", [{"is_new": True}, {"occurred_at": 1}])
def test_whoever_comes_again_after_that_is_somebody_new(said: dict[str, Any]) -> None:
    with canaries.log():
        canaries.erase(resolve(whatsapp(PHONE), clock.now() - timedelta(days=2)).origin)
    if "occurred_at" in said:
        said = {"occurred_at": clock.now() + timedelta(seconds=said["occurred_at"])}
    assert (say(TEL, **said).status_code, say(TEL).json()["created"]) == (201, False)
    assert Customer.objects.kept().count() == 1


@pytest.mark.scenario("ID-44")
def test_an_erased_address_is_left_out_of_what_is_said_of_somebody_who_lives() -> None:
    ann = login("ann-1").origin
    with canaries.log():
        canaries.erase(resolve(whatsapp(PHONE), clock.now() - timedelta(days=2)).origin)
    assert say(USER, TEL).json()["customer"] == str(ann.public_id)
    assert not Identity.objects.live().filter(namespace="phone").exists()


@pytest.mark.parametrize("year", [1, 2004, 2099])
def test_an_impossible_time_is_taken_for_none(year: int) -> None:
    before = clock.now()
    assert say(USER, TEL, occurred_at=f"{year:04}-05-03T12:00:00Z").status_code == 201
    born = Customer.objects.get()
    times = [born.first_seen_at, born.last_seen_at, *Identity.objects.values_list("valid_from", flat=True)]
    assert all(before <= time <= clock.now() for time in times)


def test_whom_somebody_has_parted_stays_apart() -> None:
    user, mail = login("ann-1").origin, mailed()
    low, high = sorted((user.pk, mail.pk))
    Distinct.objects.create(a_id=low, b_id=high, by="user:1")
    body = say(USER, MAIL).json()
    assert (body["links"], [row["kind"] for row in body["conflicts"]]) == ([], ["identifier_collision"])


def test_an_assertion_proves_nothing() -> None:
    say(USER, MAIL)
    assert not Identity.objects.filter(proven_at__isnull=False).exists()


def test_a_repetition_after_a_timeout_is_answered_and_not_done_again() -> None:
    by, headers = client("assert_customer"), {"Idempotency-Key": "k-1"}
    body = {"identifiers": [USER], "attributes": {"city": "Lund"}}
    first, second = (by.post("/api/v1/customers/identify/", body, format="json", headers=headers) for _ in range(2))
    assert (first.json(), second.headers["Idempotent-Replay"]) == (second.json(), "true")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"identifiers": []}, "invalid"),
        ({"identifiers": [{"namespace": "shoe", "value": "42"}]}, "invalid"),
        ({"identifiers": [{"namespace": "visitor", "value": "x"}]}, "invalid"),
        ({"identifiers": [{"namespace": "email", "value": "null"}]}, "identifier_invalid"),
        ({"identifiers": [USER], "source": "agent"}, "invalid"),
        ({"identifiers": [USER], "attributes": {"birth_date": "soon"}}, "attribute_invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(body: dict[str, Any], code: str) -> None:
    answer = client("assert_customer").post(
        "/api/v1/customers/identify/", body, format="json", headers={"Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()["code"], Customer.objects.count()) == (400, code, 0)


def test_only_a_trusted_server_asserts_and_only_with_a_key() -> None:
    body = {"identifiers": [USER]}
    agent = client("view_customer", "change_customer", "merge_customer")
    assert agent.post("/api/v1/customers/identify/", body, format="json").status_code == 403
    answer = client("assert_customer").post("/api/v1/customers/identify/", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert not Customer.objects.exists()

"""Who is logged in on the shop, and what does a typed number get? Proof decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from customers import identity, policy
from customers.handles import Handle
from customers.identity import Assurance
from customers.models import Conflict, Customer, Identity, Link, MatchSuggestion
from tests.customers.cast import ANN, BOB, NOON, counts, imported, login, resolve, visitor, whatsapp

pytestmark = pytest.mark.django_db


@pytest.mark.scenario("ID-17")
def test_an_anonymous_visitor_becomes_known_in_place() -> None:
    browser = resolve(visitor())
    found = login("ann", browser.identity)
    assert (found.origin, found.origin.kind, found.created) == (browser.origin, "known", False)
    assert counts() == (1, 2)


def test_a_visitor_who_proved_a_phone_before_signing_in_becomes_known_in_place_and_is_brought_along() -> None:
    known, browser = login("bob"), resolve(visitor("browser-2"), NOON + timedelta(minutes=30))
    for found, phone in ((resolve(visitor()), ANN), (browser, BOB)):
        proof = [Handle("phone", "", f"+{phone}", "otp")]
        identity.attest(home=found.origin, handles=proof, occurred_at=NOON)
        assert Customer.objects.get(pk=found.origin.pk).kind == "lead"
    assert login("ann", resolve(visitor()).identity).created is False
    login("bob", Identity.objects.get(pk=browser.identity.pk))
    assert roots(known.origin, browser.origin) == 1 and Link.objects.get().rule == "signed_in"


@pytest.mark.scenario("J-3")
def test_a_phone_the_site_vouches_for_leads_to_its_customer() -> None:
    ann = resolve(whatsapp(ANN))
    found = login("ann", resolve(visitor()).identity, phone="+" + ANN)
    assert (found.origin, found.created, found.conflicts) == (ann.origin, False, ())
    assert ann.identity in identity.visible_to(proven=[one.identity for one in found.proven])


@pytest.mark.scenario("J-3")
@pytest.mark.scenario("ID-21")
def test_a_phone_that_was_only_typed_leads_nowhere() -> None:
    ann = resolve(whatsapp(ANN))
    found = login("mallory", resolve(visitor()).identity, trusted=False, phone="+" + ANN)
    assert found.origin != ann.origin
    assert ann.identity not in identity.visible_to(proven=[one.identity for one in found.proven])
    assert resolve(whatsapp(ANN)).origin == ann.origin


@pytest.mark.scenario("ID-21")
def test_an_unsigned_visitor_who_types_a_phone_sees_only_the_own_session() -> None:
    ann, mallory = resolve(whatsapp(ANN)), resolve(visitor())
    typed = [Handle("phone", "", "+" + ANN, "claimed")]
    assert identity.attest(home=mallory.origin, handles=typed, occurred_at=NOON) == []
    seen = identity.visible_to(proven=[one.identity for one in mallory.proven])
    assert (list(seen), ann.identity in seen) == ([mallory.identity], False)
    assert Identity.objects.get(customer=mallory.origin, namespace="phone").routable is False


def test_the_same_login_again_writes_nothing(django_assert_num_queries: Any) -> None:
    first = login("ann", phone="+" + ANN)
    with django_assert_num_queries(1):
        again = login("ann", phone="+" + ANN)
    assert (again.identity, len(again.proven)) == (first.identity, 2)


def test_a_variant_of_a_vouched_phone_is_the_same_person() -> None:
    ann = resolve(whatsapp("553188888888"))
    found = login("ann", phone="+5531988888888")
    assert found.origin == ann.origin
    assert ann.identity in identity.visible_to(proven=[one.identity for one in found.proven])


def roots(*customers: Customer) -> int:
    """How many people these are."""
    return Customer.objects.filter(pk__in=[one.pk for one in customers]).values("root_id").distinct().count()


@pytest.mark.scenario("ID-18")
def test_what_a_known_user_said_before_signing_in_comes_along() -> None:
    known, browser = login("ann"), resolve(visitor(), NOON + timedelta(minutes=30))
    found = login("ann", browser.identity)
    assert found.identity == known.identity and roots(known.origin, browser.origin) == 1
    assert {one.identity for one in found.proven} == {known.identity, browser.identity}
    assert Link.objects.get().rule == "signed_in"


@pytest.mark.scenario("ID-18")
def test_what_another_browser_said_anonymously_stays_hidden() -> None:
    login("ann", resolve(visitor("browser-1"), NOON + timedelta(minutes=30)).identity)
    other = resolve(visitor("browser-2"), NOON + timedelta(minutes=30))
    found = login("ann", other.identity)
    shown = identity.visible_to(proven=[one.identity for one in found.proven])
    assert {row.namespace for row in shown} == {"site_user", "visitor"}
    assert shown.filter(namespace="visitor").get() == other.identity


@pytest.mark.scenario("ID-18")
def test_older_words_of_a_browser_are_suggested_not_joined() -> None:
    known, browser = login("ann"), resolve(visitor(), NOON - timedelta(days=3))
    login("ann", browser.identity)
    assert roots(known.origin, browser.origin) == 2
    assert MatchSuggestion.objects.get().features == {"browser": ""}


def test_a_policy_that_trusts_browsers_joins_older_words_too() -> None:
    policy.change(values={"anonymous_history": "visitor"}, actor="test")
    known, browser = login("ann"), resolve(visitor(), NOON - timedelta(days=3))
    login("ann", browser.identity)
    assert roots(known.origin, browser.origin) == 1


@pytest.mark.scenario("ID-19")
def test_a_second_user_on_the_same_browser_is_another_customer_and_sees_nothing() -> None:
    browser = resolve(visitor())
    ann = login("ann", browser.identity)
    bob = login("bob", Identity.objects.get(pk=browser.identity.pk))
    assert bob.origin != ann.origin
    assert list(identity.visible_to(proven=[one.identity for one in bob.proven])) == [bob.identity]


def test_a_known_user_and_a_phone_of_somebody_else_conflict_and_nothing_moves() -> None:
    ann, bob = login("ann"), resolve(whatsapp(BOB))
    found = login("ann", phone="+" + BOB)
    assert (found.origin, [one.kind for one in found.conflicts]) == (ann.origin, ["identifier_collision"])
    assert bob.identity not in identity.visible_to(proven=[one.identity for one in found.proven])
    assert Customer.objects.roots().count() == 2


def test_phone_and_email_of_two_customers_join_neither() -> None:
    ann = resolve(whatsapp(ANN))
    bob = resolve([Handle("email", "", "bob@x.com", "provider")])
    found = login("new", phone="+" + ANN, email="bob@x.com")
    assert found.origin not in (ann.origin, bob.origin)
    assert Conflict.objects.open().filter(customer=found.origin).count() == 2


def test_a_second_user_of_the_shop_does_not_join_the_owner_of_a_shared_phone() -> None:
    ann = login("ann", phone="+" + ANN)
    found = login("anns-son", phone="+" + ANN)
    assert found.origin != ann.origin
    assert [one.identity.namespace for one in found.proven] == ["site_user"]


def test_an_imported_phone_is_adopted_by_a_site_that_vouches() -> None:
    known = imported("+" + ANN)
    found = login("ann", phone="+" + ANN)
    assert found.origin == known.origin
    assert Identity.objects.get(pk=known.identity.pk).proof == "site"


@pytest.mark.scenario("ID-52")
def test_a_phone_whose_proof_went_stale_vouches_for_nobody() -> None:
    ann = resolve(whatsapp(ANN))
    Identity.objects.filter(pk=ann.identity.pk).update(proof_expires_at=NOON)
    found = login("new", phone="+" + ANN)
    assert found.origin != ann.origin
    assert resolve(whatsapp(ANN), NOON + timedelta(minutes=1)).proven == ()


@pytest.mark.scenario("ID-53")
def test_the_same_subject_of_two_issuers_is_two_customers() -> None:
    one = login("7")
    args: dict[str, Any] = {"subject": "7", "claims": {}, "trusts_site_claims": True, "visitor_identity": None}
    other = identity.identify(issuer="https://other.example", **args)
    assert other is not None
    assert other.origin != one.origin


def test_a_blocked_subject_is_nobody() -> None:
    args: dict[str, Any] = {"claims": {}, "trusts_site_claims": True, "visitor_identity": None}
    assert identity.identify(issuer="shop", subject="null", **args) is None
    assert counts() == (0, 0)


def test_assurance_grows_with_proof_and_a_browser_proves_no_person() -> None:
    browser, ann = resolve(visitor()), resolve(whatsapp(ANN))
    assert identity.assurance(proven=browser.proven) is Assurance.NONE
    assert identity.assurance(proven=ann.proven) is Assurance.ATTESTED
    assert identity.assurance(proven=login("ann", phone="+" + ANN).proven) is Assurance.STRONG
    assert identity.assurance(proven=imported("+491511111111").proven) is Assurance.NONE


def test_a_shared_number_proves_nothing() -> None:
    ann = resolve(whatsapp(ANN))
    Identity.objects.filter(pk=ann.identity.pk).update(shared=True)
    again = resolve(whatsapp(ANN))
    assert (again.origin, again.proven) == (ann.origin, ())

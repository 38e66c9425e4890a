"""Whose browser is this, and what has it proven?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels_app import greetings, shared_devices, tokens, vigil, visits
from channels_app.models import Channel, SpentToken, Visit, WidgetKey
from common import clock
from customers import attributes, identity
from customers.models import Customer, Identity, Link
from tests import factories
from tests.channels_app import storefront
from tests.channels_app.storefront import TOM, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Channel:
    return storefront.open_shop()


def names(visit: Visit) -> set[str]:
    return {row.namespace for row in visits.proven(visit, clock.now())}


def test_a_new_browser_is_an_anonymous_visitor_and_only_the_digest_of_its_token_is_kept(shop: Channel) -> None:
    opened = visits.open(channel=shop)
    assert len(opened.token) >= 43
    assert opened.token not in str(Visit.objects.values().get())
    assert opened.visit.visitor.customer.kind == Customer.Kind.ANONYMOUS
    assert names(opened.visit) == {"visitor"}


def test_a_browser_that_comes_back_has_the_same_visit(shop: Channel) -> None:
    first = visits.open(channel=shop)
    again = visits.open(channel=shop, token=first.token)
    assert (again.visit, again.token) == (first.visit, "")


@pytest.mark.parametrize("token", ["unknown", "x" * 1000])
def test_an_unknown_token_begins_a_new_visit_and_is_refused_where_one_is_needed(shop: Channel, token: str) -> None:
    assert visits.open(channel=shop, token=token).token not in ("", token)
    with pytest.raises(visits.VisitUnknown):
        visits.find(channel=shop, token=token)


def test_a_token_is_worth_nothing_at_another_widget(shop: Channel) -> None:
    other = Channel.objects.create(key="web-other", kind="web", title="Other")
    token = visits.open(channel=shop).token
    with pytest.raises(visits.VisitUnknown):
        visits.find(channel=other, token=token)


def test_a_browser_that_stayed_away_for_a_month_begins_anew(shop: Channel) -> None:
    opened = visits.open(channel=shop)
    Visit.objects.update(last_seen_at=clock.now() - timedelta(days=31))
    assert visits.open(channel=shop, token=opened.token).visit != opened.visit


def test_a_login_makes_the_anonymous_customer_known_in_place(shop: Channel) -> None:
    opened = visits.open(channel=shop)
    signed = visits.sign_in(visit=opened.visit, login=login(**TOM, phone=None)).visit
    assert signed.person.customer_id == opened.visit.visitor.customer_id
    assert names(signed) == {"visitor", "site_user"}
    assert attributes.values(signed.person.customer_id)["name"] == "Tom Berger"


def test_a_phone_that_the_trusted_site_verified_finds_its_customer(shop: Channel) -> None:
    maya, phone = factories.maya()
    signed = visits.open(channel=shop, login=login()).visit
    assert signed.person.customer_id == maya.pk
    assert phone.pk in signed.proven
    assert visits.assurance(signed, clock.now()) == "strong"


@pytest.mark.scenario("ID-21")
@pytest.mark.parametrize("claims", [{"phone_verified": False}, {"phone_verified": "true"}, {"phone_verified": None}])
def test_a_phone_that_the_site_did_not_verify_finds_nobody(shop: Channel, claims: dict[str, object]) -> None:
    maya, phone = factories.maya()
    signed = visits.open(channel=shop, login=login(sub="tom-0815", **claims)).visit
    assert signed.person.customer.root_id != maya.root_id
    assert phone.pk not in signed.proven


@pytest.mark.scenario("ID-21")
def test_a_site_that_the_admin_does_not_trust_vouches_for_no_phone() -> None:
    shop = storefront.open_shop(verifies_phone=False)
    maya, phone = factories.maya()
    signed = visits.open(channel=shop, login=login()).visit
    assert signed.person.customer.root_id != maya.root_id
    assert phone.pk not in signed.proven


@pytest.mark.scenario("ID-53")
def test_the_same_subject_of_two_issuers_is_two_customers(shop: Channel) -> None:
    first = visits.open(channel=shop, login=login(**TOM, phone=None)).visit
    shop.config["issuer"] = "https://another.example"
    shop.save(update_fields=["config"])
    second = visits.open(channel=shop, login=login(**TOM, phone=None, iss="https://another.example")).visit
    assert first.person.customer.root_id != second.person.customer.root_id


def test_a_second_user_of_the_browser_gets_a_visit_of_their_own(shop: Channel) -> None:
    mayas = visits.open(channel=shop, login=login())
    toms = visits.sign_in(visit=mayas.visit, login=login(**TOM, phone=None))
    assert toms.visit != mayas.visit and toms.token
    assert not set(toms.visit.proven) & set(mayas.visit.proven)
    with pytest.raises(visits.VisitUnknown):
        visits.find(channel=shop, token=mayas.token)


@pytest.mark.scenario("T-20")
def test_signing_out_ends_the_visit_and_rotates_the_visitor(shop: Channel) -> None:
    opened = visits.open(channel=shop, login=login())
    fresh = visits.sign_out(visit=opened.visit)
    assert fresh.visit.visitor_id != opened.visit.visitor_id
    assert names(fresh.visit) == {"visitor"}
    with pytest.raises(visits.VisitUnknown):
        visits.find(channel=shop, token=opened.token)


@pytest.mark.scenario("T-20")
def test_a_token_with_an_id_is_redeemed_by_one_browser(shop: Channel) -> None:
    once = login(jti="one-time")
    opened = visits.open(channel=shop, login=once)
    assert visits.open(channel=shop, token=opened.token, login=once).visit == opened.visit
    with pytest.raises(tokens.TokenRefused) as refused:
        visits.open(channel=shop, login=once)
    assert refused.value.code == "token_spent"


@pytest.mark.scenario("ID-20")
def test_an_agent_of_the_site_who_acts_for_a_customer_changes_no_identity(shop: Channel) -> None:
    maya, _ = factories.maya()
    opened = visits.open(channel=shop)
    acted = visits.open(channel=shop, token=opened.token, login=login(act={"sub": "clerk-7"})).visit
    assert acted == opened.visit and acted.person is None and names(acted) == {"visitor"}
    assert not Identity.objects.filter(namespace="site_user").exists()
    assert acted.visitor.customer.root_id != maya.root_id


@pytest.mark.scenario("ID-20", "T-18")
def test_a_forged_token_is_refused_whoever_it_acts_for(shop: Channel) -> None:
    with pytest.raises(tokens.TokenRefused):
        visits.open(channel=shop, login=login(act={"sub": "clerk-7"}, aud="web-other"))


@pytest.mark.scenario("ID-19")
def test_a_login_of_another_without_a_logout_shows_nothing_of_the_first_and_links_nothing(shop: Channel) -> None:
    mayas = visits.open(channel=shop, login=login()).visit
    toms = visits.sign_in(visit=mayas, login=login(**TOM, phone=None)).visit
    assert toms.person.customer.root_id != mayas.person.customer.root_id
    assert toms.visitor_id != mayas.visitor_id
    assert not Link.objects.exists()
    shown = identity.visible_to(proven=visits.proven(toms, clock.now()))
    assert {row.customer.root_id for row in shown} == {toms.person.customer.root_id}


@pytest.mark.scenario("ID-74")
def test_at_a_kiosk_a_login_joins_nobody_and_the_next_person_begins_anew(shop: Channel) -> None:
    shop.config["kiosk"] = True
    shop.save(update_fields=["config"])
    first = visits.open(channel=shop)
    signed = visits.sign_in(visit=first.visit, login=login(**TOM, phone=None))
    assert signed.visit != first.visit and signed.token
    assert signed.visit.person.customer_id != first.visit.visitor.customer_id
    fresh = visits.sign_out(visit=signed.visit)
    assert names(fresh.visit) == {"visitor"} and not Link.objects.exists()
    assert fresh.visit.visitor.customer.root_id not in (signed.visit.person.customer.root_id,)


@pytest.mark.scenario("ID-74")
@pytest.mark.parametrize(("minutes", "is_same"), [(4, True), (6, False)])
def test_at_a_kiosk_five_silent_minutes_begin_anew(shop: Channel, minutes: int, is_same: bool) -> None:
    shop.config["kiosk"] = True
    shop.save(update_fields=["config"])
    opened = visits.open(channel=shop)
    Visit.objects.update(last_seen_at=clock.now() - timedelta(minutes=minutes))
    visits.touch(visit=Visit.objects.get())  # a page that is left open
    assert (visits.open(channel=shop, token=opened.token).visit == opened.visit) == is_same
    assert (str(opened.visit.public_id) in vigil.marks({str(opened.visit.public_id)})) == is_same


@pytest.mark.scenario("ID-74")
def test_at_a_kiosk_nothing_is_offered_to_go_on_with(shop: Channel) -> None:
    shop.config["kiosk"] = True
    assert greetings.ways(shop) == []
    opened = visits.open(channel=shop, login=login())
    opened.visit.channel = shop
    assert greetings.resume_card(opened.visit) is None


@pytest.mark.parametrize(("minutes", "expected"), [(None, 43200), (30, 30), (0, 1), ("soon", 43200), (-5, 43200)])
def test_how_long_a_visit_may_be_silent_is_a_setting(shop: Channel, minutes: object, expected: int) -> None:
    shop.config["idle_minutes"] = minutes
    assert shared_devices.idle(shop) == timedelta(minutes=expected)


@pytest.mark.scenario("T-17")
def test_a_refused_login_leaves_the_visit_as_it_was(shop: Channel) -> None:
    opened = visits.open(channel=shop)
    with pytest.raises(tokens.TokenRefused):
        visits.sign_in(visit=opened.visit, login=login(aud="web-other"))
    assert names(Visit.objects.get()) == {"visitor"}
    assert not Identity.objects.filter(namespace="site_user").exists()


@pytest.mark.scenario("ID-54")
@pytest.mark.parametrize("end", ["expiry", "revocation", "removal"])
def test_a_login_holds_no_longer_than_its_token_and_its_key(shop: Channel, end: str) -> None:
    opened = visits.open(channel=shop, login=login())
    now = clock.now()
    if end == "expiry":
        now += timedelta(minutes=11)
    elif end == "revocation":
        WidgetKey.objects.update(revoked_at=now - timedelta(seconds=1))
    else:
        WidgetKey.objects.all().delete()
    found = visits.find(channel=shop, token=opened.token)
    assert {row.namespace for row in visits.proven(found, now)} == {"visitor"}
    assert visits.endpoint(found, now) == found.visitor
    assert visits.assurance(found, now) == "none"


@pytest.mark.scenario("T-20")
def test_a_spent_token_is_remembered_until_nobody_could_redeem_it(shop: Channel) -> None:
    visits.open(channel=shop, login=login(jti="one-time"))
    assert visits.sweep() == 0
    SpentToken.objects.update(expires_at=clock.now() - timedelta(minutes=3))
    assert visits.sweep() == 1

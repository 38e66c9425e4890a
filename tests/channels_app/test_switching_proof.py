"""Does a forged or borrowed sender link nothing, and does proof end with the link that gave it?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels_app import switching, vigil, visits
from channels_app.models import Channel, Visit, WidgetKey
from channels_app.registry import Inbound
from common import clock
from conversations.content import Text
from conversations.models import Session
from customers import merging
from customers.models import Challenge, Customer, Identity, Link
from tests.channels_app import storefront
from tests.channels_app.switches import Spot, code_from, linked, number_in, on, switch
from tests.channels_app.test_switching import channels, later, phone, sales, stranger, visit, web
from tests.stories.cast import words

__all__ = ["channels", "later", "phone", "sales", "stranger", "visit", "web"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def sms() -> Spot:
    return on("sms", "+46701740635", "", namespace="phone", proof="imported")


def test_an_sms_sender_has_to_send_back_the_number_that_we_sent_there(web: Spot, sms: Spot) -> None:
    number = number_in(words(sms.says("hi", code=code_from(web, "sms-demo"))))
    assert "say yes in" in words(sms.says(number))
    assert Identity.objects.get(pk=sms.place.identity.pk).proof == "otp"
    web.taps("Yes, link them")
    assert linked()


def test_a_forged_sms_sender_links_nothing(web: Spot, sms: Spot) -> None:
    number = number_in(words(sms.says("hi", code=code_from(web, "sms-demo"))))
    wrong = "000000" if number != "000000" else "111111"
    payload = f"link:{Challenge.objects.get(kind='link').public_id.hex}:yes"
    assert "not the code" in words(sms.says(wrong))
    assert "no longer works" in words(sms.says("Yes, link them", payload=payload))
    web.taps("Yes, link them")
    assert not linked() and Identity.objects.get(pk=sms.place.identity.pk).proof == "imported"


def test_six_digits_are_just_digits_while_nothing_is_asked(web: Spot, phone: Spot) -> None:
    assert switching.heard(place=phone.place, inbound=Inbound(Text("1"), clock.now(), text="123456")) is None


@pytest.fixture
def shared(sms: Spot) -> Spot:
    """The same number, which WhatsApp has proven: an SMS in its name still proves nothing."""
    Identity.objects.filter(pk=sms.place.identity.pk).update(proof="provider", proven_at=clock.now())
    sms.place.identity.refresh_from_db()
    return sms


@pytest.mark.scenario("ID-61", "T-28")
def test_what_whatsapp_proved_vouches_for_no_sms(web: Spot, shared: Spot) -> None:
    assert number_in(words(shared.says("hi", code=code_from(web, "sms-demo"))))
    shared.says("LINK THEM")
    web.taps("Yes, link them")
    assert not linked()


@pytest.mark.scenario("ID-61", "T-29")
def test_who_reads_the_sms_of_that_number_links_it(web: Spot, shared: Spot) -> None:
    shared.says(number_in(words(shared.says("hi", code=code_from(web, "sms-demo")))))
    web.taps("Yes, link them")
    assert linked()


def test_a_link_that_is_undone_takes_its_proof_back(web: Spot, phone: Spot, visit: Visit) -> None:
    switch(web, phone)
    visit.refresh_from_db()
    before = vigil.marks([str(visit.public_id)])
    merging.split(links=list(Link.objects.live()), actor="test", request_id="undo")
    assert phone.place.identity not in visits.proven(visit, clock.now())
    assert visits.assurance(visit, clock.now()) == "none"
    assert vigil.marks([str(visit.public_id)]) != before
    for session in Session.objects.all():
        assert set(session.proven) <= {session.identity_id}


@pytest.mark.scenario("ID-19")
def test_a_user_who_signs_in_on_a_linked_browser_sees_nothing_of_whoever_linked_it(
    web: Spot, phone: Spot, visit: Visit
) -> None:
    Customer.objects.filter(pk=phone.place.identity.customer_id).update(first_seen_at=clock.now() - timedelta(days=9))
    switch(web, phone)
    key = WidgetKey.objects.create(channel=visit.channel, kid=storefront.KID, secret=storefront.SECRET)
    Channel.objects.filter(pk=key.channel_id).update(config={"issuer": storefront.ISSUER})
    fresh = Visit.objects.select_related("visitor__customer", "channel").get(pk=visit.pk)
    fresh.channel.refresh_from_db()
    after = visits.sign_in(visit=fresh, login=storefront.login(**storefront.TOM, phone=None, phone_verified=None)).visit
    held = {row.pk for row in visits.proven(after, clock.now())}
    assert after.pk != visit.pk and not held & {phone.place.identity.pk, web.place.identity.pk}
    assert after.person is not None
    assert after.person.customer.root_id != Customer.objects.get(pk=phone.place.identity.customer_id).root_id


@pytest.mark.scenario("ID-61", "T-28")
@pytest.mark.parametrize("proof", ["imported", "provider"])
def test_a_forged_sms_says_no_yes_for_who_opened_the_link(sms: Spot, phone: Spot, proof: str) -> None:
    Identity.objects.filter(pk=sms.place.identity.pk).update(proof=proof)
    phone.says("/start", code=code_from(sms))
    phone.taps("Yes, link them")
    payload = f"link:{Challenge.objects.get(kind='link').public_id.hex}:yes"
    sms.says("LINK THEM")
    sms.says("Yes, link them", payload=payload)
    assert not linked()


@pytest.mark.scenario("ID-61")
def test_who_opened_a_link_by_sms_answers_with_the_number_that_came_there(sms: Spot, phone: Spot) -> None:
    sms.says("hi")
    phone.says("/start", code=code_from(sms))
    phone.taps("Yes, link them")
    asked = words(sms.news())
    assert "has used your link" in asked and "•" not in asked
    wrong = "000000" if number_in(asked) != "000000" else "111111"
    assert "not the code" in words(sms.says(wrong)) and not linked()
    sms.says(number_in(asked))
    assert linked()


def test_the_number_of_one_side_is_not_that_of_the_other(web: Spot, sms: Spot) -> None:
    number = number_in(words(sms.says("hi", code=code_from(web, "sms-demo"))))
    link = Challenge.objects.get(kind="link")
    Challenge.objects.filter(pk=link.pk).update(
        arrival_proven=True, opener=sms.place.identity, opener_channel="sms-demo"
    )
    sms.says(number)
    assert not linked()

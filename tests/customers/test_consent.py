"""Does the newest word by event time decide, for one address and one purpose?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from common import clock
from customers import consent
from customers.models import Consent, Identity
from tests.customers.cast import ANN, NOON, resolve, whatsapp

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> Identity:
    return resolve(whatsapp(ANN)).identity


def at(hour: int) -> datetime:
    return NOON.replace(hour=hour)


def say(identity: Identity, state: str, hour: int, purpose: str = "marketing") -> Consent | None:
    return consent.record(identity=identity, purpose=purpose, state=state, occurred_at=at(hour))


def may(identity: Identity, purpose: str = "marketing") -> tuple[bool, str]:
    return consent.allowed(identity=identity, purpose=purpose, at=NOON + timedelta(hours=8))


def test_a_yes_that_is_dated_ahead_never_outweighs_a_later_stop(phone: Identity) -> None:
    now, ahead = clock.now(), clock.now() + timedelta(days=2)
    with pytest.raises(consent.BadWord):
        consent.say(identity=phone, purpose="marketing", state="in", at=ahead, evidence={"note": "x"}, by="user:1")
    consent.say(identity=phone, purpose="marketing", state="in", at=now, evidence={"note": "x"}, by="user:1")
    consent.record(identity=phone, purpose="marketing", state="in", occurred_at=ahead)  # a machine's clock
    consent.record(identity=phone, purpose="marketing", state="out", occurred_at=clock.now())
    assert consent.allowed(identity=phone, purpose="marketing", at=ahead)[1] == "opted_out"


@pytest.mark.scenario("ID-92")
def test_a_late_older_word_changes_nothing_and_a_newer_one_does(phone: Identity) -> None:
    say(phone, "in", 12)
    say(phone, "out", 11)
    assert may(phone) == (True, "")
    say(phone, "out", 13)
    assert may(phone) == (False, "opted_out")


def test_marketing_needs_a_yes_and_an_answer_does_not(phone: Identity) -> None:
    assert may(phone) == (False, "no_opt_in")
    assert may(phone, "service") == (True, "")


@pytest.mark.scenario("ID-94")
def test_a_stop_of_marketing_leaves_service_alone_and_a_stop_of_all_does_not(phone: Identity) -> None:
    say(phone, "out", 12)
    assert may(phone, "service") == (True, "")
    say(phone, "out", 13, purpose="all")
    assert may(phone, "service") == (False, "opted_out")


def test_a_word_said_twice_is_kept_once(phone: Identity) -> None:
    assert say(phone, "out", 12) is not None and say(phone, "out", 12) is None


@pytest.mark.scenario("ID-94")
def test_an_opt_out_holds_for_the_other_names_of_the_address() -> None:
    both = resolve(whatsapp(ANN, "BR.1")).identity
    alias = Identity.objects.get(namespace="wa_bsuid")
    say(alias, "out", 12)
    assert may(both) == (False, "opted_out")


def test_what_stands_is_told_by_address_and_purpose_the_most_restrictive_first(phone: Identity) -> None:
    say(phone, "in", 12)
    say(phone, "out", 13, purpose="all")
    say(phone, "in", 14, purpose="proactive")
    found = {one.purpose: one.state for one in consent.standing([phone.customer.root_id], at=at(20))}
    assert found == {"all": "out", "marketing": "out", "proactive": "in"}
    assert consent.standing([phone.customer.root_id], at=at(11)) == []


@pytest.mark.scenario("ID-27")
def test_of_two_who_would_be_one_each_address_keeps_its_own_word(phone: Identity) -> None:
    other = resolve(whatsapp("491511234567")).identity
    say(phone, "out", 12)
    say(other, "in", 12)
    both = consent.standing([phone.customer.root_id, other.customer.root_id], at=at(20))
    assert {one.identity.pk: one.state for one in both} == {phone.pk: "out", other.pk: "in"}

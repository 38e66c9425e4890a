"""Do two channels become one person only when both sides have said yes?"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from common import clock
from customers import merging, verification
from customers.models import Challenge, Conflict, Customer, Identity
from tests.customers.cast import ANN, BOB, login, resolve, visitor, whatsapp
from tests.customers.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser() -> Identity:
    return resolve(visitor()).identity


@pytest.fixture
def phone() -> Identity:
    return resolve(whatsapp(ANN)).identity


def ask(opener: Identity, session: str = "visit:1") -> str:
    return verification.open_nonce(opener=opener, channel="web-shop", session_ref=session, ip="192.0.2.1").code


def use(code: str, arrival: Identity) -> Challenge | None:
    return verification.arrive(code=code, arrival=arrival, channel="telegram-demo")


def are_one(one: Identity, other: Identity) -> bool:
    roots = Customer.objects.filter(pk__in=(one.customer_id, other.customer_id)).values_list("root_id", flat=True)
    return len(set(roots)) == 1


@pytest.mark.scenario("ID-61", "T-28")
def test_two_yeses_link_and_one_does_not(browser: Identity, phone: Identity) -> None:
    challenge = use(ask(browser), phone)
    assert challenge is not None
    assert verification.confirm(challenge=challenge, side="arrival", actor="customer") is None
    assert not are_one(browser, phone)
    assert verification.confirm(challenge=challenge, side="opener", actor="customer") is not None
    assert are_one(browser, phone)


@pytest.mark.scenario("ID-61", "T-27")
def test_a_code_serves_once(browser: Identity, phone: Identity) -> None:
    code = ask(browser)
    challenge = use(code, phone)
    assert challenge is not None
    for side in ("opener", "arrival"):
        verification.confirm(challenge=challenge, side=side, actor="customer")
    assert use(code, phone) is None and use(code, resolve(whatsapp(BOB)).identity) is None


@pytest.mark.scenario("T-28")
def test_a_forwarded_code_belongs_to_whom_it_reached_first(browser: Identity, phone: Identity) -> None:
    code = ask(browser)
    assert use(code, phone) is not None
    assert use(code, resolve(whatsapp(BOB)).identity) is None


@pytest.mark.scenario("T-27", "ID-60")
def test_a_stale_code_is_nothing(browser: Identity, phone: Identity) -> None:
    code = ask(browser)
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        assert use(code, phone) is None


def test_a_no_on_either_side_kills_the_code(browser: Identity, phone: Identity) -> None:
    challenge = use(ask(browser), phone)
    assert challenge is not None
    verification.refuse(challenge=challenge, side="opener")
    for side in ("opener", "arrival"):
        assert verification.confirm(challenge=challenge, side=side, actor="customer") is None
    assert not are_one(browser, phone)


def test_one_side_alone_says_yes_as_often_as_it_likes(browser: Identity, phone: Identity) -> None:
    challenge = use(ask(browser), phone)
    assert challenge is not None
    for _ in range(3):
        assert verification.confirm(challenge=challenge, side="arrival", actor="customer") is None
    assert not are_one(browser, phone)


def test_a_code_typed_where_it_was_made_is_nothing(browser: Identity) -> None:
    assert use(ask(browser), browser) is None


def test_small_letters_and_hyphens_are_the_same_code(browser: Identity, phone: Identity) -> None:
    code = ask(browser).lower()
    assert use(f"{code[:4]}-{code[4:]}", phone) is not None


@pytest.mark.scenario("T-27")
def test_nobody_asks_for_more_than_ten_an_hour(browser: Identity) -> None:
    for _ in range(10):
        ask(browser)
    with pytest.raises(verification.TooMany):
        ask(browser)


@pytest.mark.scenario("T-27")
def test_of_24_that_are_asked_for_at_once_ten_are_made(browser: Identity) -> None:
    def once(_: int) -> bool:
        try:
            return bool(ask(browser))
        except verification.TooMany:
            return False

    assert sum(at_once(24, once)) == Challenge.objects.count() == 10


@pytest.mark.scenario("ID-59")
def test_two_users_of_one_site_stay_two_and_people_are_told() -> None:
    ann, bob = login("ann").identity, login("bob").identity
    challenge = use(ask(ann), bob)
    assert challenge is not None
    verification.confirm(challenge=challenge, side="arrival", actor="customer")
    with pytest.raises(merging.Clash):
        verification.confirm(challenge=challenge, side="opener", actor="customer")
    assert not are_one(ann, bob)
    assert Conflict.objects.get().kind == Conflict.Kind.EXCLUSIVE_CLASH
    assert Challenge.objects.get().outcome == "exclusive_clash"


def test_both_yeses_at_once_link_once(browser: Identity, phone: Identity) -> None:
    challenge = use(ask(browser), phone)
    assert challenge is not None
    sides = ("opener", "arrival")
    done = at_once(2, lambda n: verification.confirm(challenge=challenge, side=sides[n], actor="customer"))  # type: ignore[arg-type]  # both
    assert sum(one is not None for one in done) == 1 and are_one(browser, phone)


def test_each_side_learns_what_waits_for_it(browser: Identity, phone: Identity) -> None:
    code = ask(browser)
    assert verification.waiting_at(identity=browser, side="opener") is None
    challenge = use(code, phone)
    assert verification.waiting_at(identity=browser, side="opener") == challenge
    assert verification.waiting_at(identity=phone, side="arrival") == challenge


def test_the_code_itself_is_kept_nowhere(browser: Identity) -> None:
    code = ask(browser)
    assert all(code not in str(value) for value in Challenge.objects.values_list().get())

"""Does a one-time code prove an address to the session that asked, and to nobody else?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from common import clock
from common.problems import Problem
from customers import codes, identity
from customers.codes import CodeExpired, CodeLocked, CodeWrong
from customers.handles import Handle
from customers.models import AuditEntry, Challenge, Conflict, Customer, Identity, Link, MergeEvent
from customers.proving import Proved
from customers.verification import TooMany
from tests.customers.cast import login, resolve, visitor
from tests.customers.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "+4670174063"
HERE, ELSEWHERE = "visit:1", "visit:2"


def ask(raw: str = PHONE, session: str = HERE, **more: Any) -> codes.Issued:
    return codes.send_code(namespace="phone", raw=raw, session_ref=session, purpose="verify", **more)


def answer(home: Customer, code: str, raw: str = PHONE, session: str = HERE) -> Proved:
    given = {"namespace": "phone", "raw": raw, "session_ref": session, "purpose": "verify"}
    return codes.check_code(**given, code=code, home=home, actor="customer")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.fixture
def browser() -> Customer:
    return resolve(visitor()).origin


@pytest.fixture
def owner() -> Identity:
    """Somebody who wrote from that phone a minute ago."""
    found = identity.resolve(handles=[Handle("phone", "", PHONE, "provider")], occurred_at=clock.now())
    assert found is not None
    return found.identity


def test_the_right_code_proves_a_free_address(browser: Customer) -> None:
    done = answer(browser, ask().code)
    assert done.identity is not None
    assert (done.outcome, done.identity.proof, done.identity.customer) == ("proven", "otp", browser)
    assert done.identity.proof_expires_at is not None and done.identity.routable


@pytest.mark.scenario("ID-56")
def test_a_code_is_nothing_in_another_session(browser: Customer, owner: Identity) -> None:
    code = ask(session=HERE).code
    with pytest.raises(CodeWrong):
        answer(browser, code, session=ELSEWHERE)
    assert Link.objects.count() == 0


@pytest.mark.scenario("ID-57")
def test_after_five_wrong_tries_the_right_code_is_refused_and_all_is_audited(browser: Customer) -> None:
    code = ask().code
    for _ in range(5):
        with pytest.raises(CodeWrong):
            answer(browser, wrong(code))
    with pytest.raises(CodeLocked):
        answer(browser, code)
    assert AuditEntry.objects.filter(action__startswith="identity.code_").count() == 6


def outcome(work: Callable[[], Any]) -> str:
    try:
        work()
    except Problem as problem:
        return problem.code
    return "done"


@pytest.mark.scenario("ID-57", "T-25")
def test_of_24_wrong_tries_at_once_five_are_judged(browser: Customer) -> None:
    code = ask().code
    said = at_once(24, lambda _: outcome(lambda: answer(browser, wrong(code))))
    assert (said.count("code_wrong"), said.count("code_locked")) == (5, 19)
    assert (Challenge.objects.get().tries, outcome(lambda: answer(browser, code))) == (24, "code_locked")


@pytest.mark.scenario("ID-58", "T-25")
@pytest.mark.parametrize("same", ["target", "session", "ip"])
def test_of_16_that_ask_at_once_three_are_sent_a_code(same: str) -> None:
    def once(n: int) -> str:
        raw = PHONE if same == "target" else f"+467017400{n:02}"
        session, ip = HERE if same == "session" else f"s{n}", "192.0.2.7" if same == "ip" else f"192.0.2.{n}"
        return outcome(lambda: ask(raw=raw, session=session, ip=ip))

    said = at_once(16, once)
    assert (said.count("done"), said.count("too_many"), Challenge.objects.count()) == (3, 13, 3)


@pytest.mark.scenario("ID-57")
def test_a_new_code_kills_the_old_one(browser: Customer) -> None:
    first, second = ask().code, ask().code
    if first != second:
        with pytest.raises(CodeWrong):
            answer(browser, first)
    assert answer(browser, second).identity is not None


@pytest.mark.scenario("ID-58")
def test_the_fourth_within_an_hour_is_refused_for_the_address_the_session_and_the_place(owner: Identity) -> None:
    for number in range(3):
        ask(session=f"s{number}")
    with pytest.raises(TooMany):
        ask(session="s4")
    for number in range(3):
        ask(raw=f"+467017400{number:02}", session=f"t{number}", ip="192.0.2.7")
    with pytest.raises(TooMany):
        ask(raw="+46701740099", session="t9", ip="192.0.2.7")


@pytest.mark.scenario("ID-58")
def test_strangers_do_not_use_up_what_the_owner_may_ask_for(browser: Customer, owner: Identity) -> None:
    answer(browser, ask().code)
    theirs = codes.Place(Identity.objects.get(namespace="visitor"), "web")
    stranger = codes.Place(resolve(visitor("browser-2")).identity, "web")
    for number in range(2):
        ask(session=f"s{number}")
    for number in range(3):
        ask(session=f"mine{number}", asked_at=theirs)
    for place in (theirs, stranger, None):
        with pytest.raises(TooMany):
            ask(session="one-more", asked_at=place)


@pytest.mark.scenario("ID-58", "ID-100")
def test_a_known_and_an_unknown_address_are_answered_alike(owner: Identity) -> None:
    known, unknown = ask(session="s1"), ask(raw="+46701740099", session="s2")
    assert (known.namespace, len(known.code)) == (unknown.namespace, len(unknown.code))


@pytest.mark.scenario("ID-60")
def test_a_code_serves_once_and_for_ten_minutes(browser: Customer) -> None:
    code = ask().code
    answer(browser, code)
    with pytest.raises(CodeWrong):
        answer(browser, code)
    late = ask().code
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False), pytest.raises(CodeExpired):
        answer(browser, late)


@pytest.mark.scenario("ID-59")
def test_a_code_for_somebodys_fresh_phone_links_the_two(browser: Customer, owner: Identity) -> None:
    done = answer(browser, ask().code)
    assert (done.outcome, done.identity) == ("linked", owner)
    assert Link.objects.get().kind == Link.Kind.VERIFIED


@pytest.mark.scenario("ID-59")
def test_two_users_of_one_site_are_not_linked_by_a_code(owner: Identity) -> None:
    ann, bob = login("ann").origin, login("bob").origin
    answer(ann, ask(session="a").code, session="a")
    done = answer(bob, ask(session="b").code, session="b")
    assert (done.outcome, done.identity) == ("conflict", None)
    assert Conflict.objects.get().kind == Conflict.Kind.EXCLUSIVE_CLASH


@pytest.mark.scenario("ID-59", "T-29")
def test_a_phone_whose_owner_has_fallen_silent_goes_over_without_their_history(
    browser: Customer, owner: Identity
) -> None:
    Customer.objects.filter(pk=owner.customer_id).update(last_seen_at=clock.now() - timedelta(days=60))
    done = answer(browser, ask().code)
    owner.refresh_from_db()
    assert done.identity is not None and done.identity.customer == browser
    assert (done.outcome, owner.retired_reason) == ("transferred", "proven_elsewhere")
    assert Link.objects.count() == 0 and MergeEvent.objects.get().kind == MergeEvent.Kind.TRANSFER
    assert owner not in identity.visible_to(proven=[done.identity])


@pytest.mark.scenario("ID-22")
def test_what_others_had_typed_is_void_once_the_owner_proves_it(browser: Customer) -> None:
    mallory = resolve([*visitor("browser-2"), Handle("phone", "", PHONE, "claimed")]).origin
    answer(browser, ask().code)
    claim = Identity.objects.get(customer=mallory, namespace="phone")
    assert claim.valid_to is not None
    assert Customer.objects.get(pk=mallory.pk).root_id == mallory.pk


@pytest.mark.scenario("ID-13")
def test_a_code_goes_to_the_stored_address(browser: Customer) -> None:
    resolve([Handle("email", "", "Ann@X.example", "provider")])
    issued = codes.send_code(namespace="email", raw="ann@x.example", session_ref=HERE, purpose="verify")
    assert issued.address == "Ann@X.example"


@pytest.mark.scenario("ID-75")
def test_a_switchboard_gets_no_code() -> None:
    with pytest.raises(codes.NoAddress):
        ask(raw="+14155552671 x123")


def test_no_code_is_kept_in_clear(browser: Customer) -> None:
    code = ask().code
    assert all(code != str(value) for value in Challenge.objects.values_list().get())

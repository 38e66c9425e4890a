"""Is a value that too many customers give proposed for a block, and does it join nobody until then? (ID-16)"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from customers import identity, policy, proving, settling, suggestions
from customers.handles import Handle
from customers.models import Conflict, Identity, IdentityPolicy, Link, MatchSuggestion
from customers.normalise import Refused
from tests import factories

pytestmark = pytest.mark.django_db
SHOPS = "till@shop.example"
LIMIT = 5


def claims(raw: str = SHOPS, at: timedelta = timedelta()) -> None:
    when = clock.now() + at
    identity.attest(
        home=factories.customer(), handles=[Handle("email", "", raw, Identity.Proof.CLAIMED)], occurred_at=when
    )


def owner() -> Identity:
    return factories.identity(factories.customer(), "email", SHOPS)


def proposal() -> Conflict:
    return Conflict.objects.open().get(kind="shared_value")


@pytest.mark.scenario("ID-16")
def test_one_more_than_the_limit_within_a_day_proposes_a_block_once() -> None:
    for _ in range(LIMIT):
        claims()
    assert not Conflict.objects.filter(kind="shared_value").exists()
    for _ in range(3):
        claims()
    assert proposal().count == 3


@pytest.mark.scenario("ID-16")
def test_as_many_over_some_days_propose_nothing() -> None:
    for day in range(8):
        claims(at=timedelta(days=day))
    assert not Conflict.objects.filter(kind="shared_value").exists()


@pytest.mark.scenario("ID-16")
def test_while_it_is_proposed_no_suggestion_grows_from_it() -> None:
    owner()
    for _ in range(LIMIT + 1):
        claims()
    suggestions.refresh_all()
    assert not MatchSuggestion.objects.exists() and not Link.objects.exists()


@pytest.mark.scenario("ID-22")
def test_what_others_claim_makes_the_owners_code_worth_no_less() -> None:
    owner()
    for _ in range(LIMIT + 1):
        claims()
    one = proving.named(namespace="email", raw=SHOPS)
    assert one is not None and proposal()
    done = proving.by_code(home=factories.customer(), one=one, at=clock.now(), actor="customer")
    assert (done.outcome, Link.objects.count()) == ("linked", 1)


def test_a_block_takes_it_from_those_who_claim_it_and_not_from_who_has_proven_it() -> None:
    mine = owner()
    for _ in range(LIMIT + 1):
        claims()
    said = settling.settle(conflict=proposal(), choice="block", own="", by="user:1")
    assert "proven" in said and Identity.objects.live().filter(namespace="email").get() == mine
    found = identity.resolve(handles=[Handle("email", "", SHOPS, "provider")], occurred_at=clock.now())
    assert found is not None and found.identity == mine


def test_a_blocked_value_is_kept_as_a_digest_only_and_can_be_free_again() -> None:
    for _ in range(LIMIT + 1):
        claims()
    settling.settle(conflict=proposal(), choice="block", own="", by="user:1")
    assert SHOPS.split("@")[0] not in str(IdentityPolicy.objects.get().values)
    policy.change(values={"blocked_keys": policy.current().freed(SHOPS.upper())}, actor="user:1")
    claims()
    assert Identity.objects.live().filter(namespace="email").count() == 1


@pytest.mark.scenario("ID-16")
def test_a_blocked_value_is_taken_from_who_claims_it_and_refused_from_now_on() -> None:
    for _ in range(LIMIT + 1):
        claims()
    settling.settle(conflict=proposal(), choice="block", own="", by="user:1")
    assert not Identity.objects.live().filter(namespace="email").exists()
    claims()
    assert not Identity.objects.live().filter(namespace="email").exists()
    assert isinstance(Handle("email", "", SHOPS.upper(), "provider").key(), Refused)
    assert not isinstance(Handle("email", "", f"a{SHOPS}", "provider").key(), Refused)


@pytest.mark.scenario("ID-16")
def test_an_allowed_value_is_not_proposed_again() -> None:
    for _ in range(LIMIT + 1):
        claims()
    settling.settle(conflict=proposal(), choice="allow", own="", by="user:1")
    claims()
    assert not Conflict.objects.open().filter(kind="shared_value").exists()

"""Is a value that too many customers give proposed for a block, and does it join nobody until then? (ID-16)"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from customers import identity, policy, proving, settling, suggestions
from customers.handles import Handle
from customers.models import Conflict, Identity, Link, MatchSuggestion
from tests import factories

pytestmark = pytest.mark.django_db
SHOPS = "till@shop.example"
LIMIT = 5


def claims(raw: str = SHOPS, at: timedelta = timedelta()) -> None:
    when = clock.now() + at
    identity.attest(
        home=factories.customer(), handles=[Handle("email", "", raw, Identity.Proof.CLAIMED)], occurred_at=when
    )


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
def test_while_it_is_proposed_no_link_and_no_suggestion_grows_from_it() -> None:
    owner = factories.customer()
    factories.identity(owner, "email", SHOPS)
    for _ in range(LIMIT + 1):
        claims()
    suggestions.refresh_all()
    assert not MatchSuggestion.objects.exists()
    one = proving.named(namespace="email", raw=SHOPS)
    assert one is not None
    done = proving.by_code(home=factories.customer(), one=one, at=clock.now(), actor="customer")
    assert (done.outcome, Link.objects.count()) == ("conflict", 0)


@pytest.mark.scenario("ID-16")
def test_a_blocked_value_is_taken_from_who_claims_it_and_refused_from_now_on() -> None:
    for _ in range(LIMIT + 1):
        claims()
    settling.settle(conflict=proposal(), choice="block", own="", by="user:1")
    assert not Identity.objects.live().filter(namespace="email").exists()
    claims()
    assert not Identity.objects.live().filter(namespace="email").exists()
    assert policy.current().blocks(SHOPS.upper())


@pytest.mark.scenario("ID-16")
def test_an_allowed_value_is_not_proposed_again() -> None:
    for _ in range(LIMIT + 1):
        claims()
    settling.settle(conflict=proposal(), choice="allow", own="", by="user:1")
    claims()
    assert not Conflict.objects.open().filter(kind="shared_value").exists()

"""Does a profile that was laid out beforehand, or a mail that anybody could have sent, get anything of its victim's?"""

from __future__ import annotations

import pytest

from common import clock
from customers import attributes, codes, identity, suggestions
from customers.handles import Handle
from customers.models import Challenge, Customer, Identity, Link, MatchSuggestion
from tests import factories

pytestmark = pytest.mark.django_db
MAIL = "ann@victim.example"


def ask(session: str) -> codes.Issued:
    return codes.send_code(namespace="email", raw=MAIL, session_ref=session, purpose="journey")


def prove(home: Customer, session: str, code: str) -> Identity | None:
    given = {"namespace": "email", "raw": MAIL, "session_ref": session, "purpose": "journey"}
    return codes.check_code(**given, code=code, home=home, actor="customer").identity


@pytest.mark.scenario("ID-22")
def test_the_channels_sessions_and_open_codes_of_the_attacker_do_not_come_along() -> None:
    attacker, victim = factories.customer("Mallory"), factories.customer("Ann")
    telegram = factories.identity(attacker, "telegram_user", "7000000001")
    claim = factories.identity(attacker, "email", MAIL, proof="claimed")
    open_code = ask("attackers")
    row = prove(victim, "victims", ask("victims").code)
    claim.refresh_from_db()
    assert row is not None and row.customer_id == victim.pk
    assert claim.valid_to is not None and not Link.objects.exists()
    assert telegram.pk not in set(identity.visible_to(proven=[row]).values_list("pk", flat=True))
    with pytest.raises(codes.CodeWrong):
        prove(attacker, "attackers", open_code.code)


@pytest.mark.scenario("ID-22")
def test_a_code_that_dies_so_was_somebody_elses_only() -> None:
    victim = factories.customer()
    mine, other = (
        ask("victims"),
        codes.send_code(namespace="email", raw="bo@other.example", session_ref="elsewhere", purpose="journey"),
    )
    assert prove(victim, "victims", mine.code) is not None
    assert Challenge.objects.get(pk=other.challenge.pk).used_at is None


@pytest.mark.scenario("ID-63", "T-30")
def test_a_mail_that_claims_a_victims_address_is_somebody_of_its_own_and_a_suggestion() -> None:
    proven = identity.resolve(handles=[Handle("email", "", MAIL, "provider")], occurred_at=clock.now())
    forged = Handle("email_from", "help@shop.example", MAIL, "imported")
    found = identity.resolve(handles=[forged], occurred_at=clock.now())
    assert proven is not None and found is not None and found.origin != proven.origin and found.proven == ()
    assert list(identity.visible_to(proven=[found.identity])) == []
    for one in (proven, found):
        attributes.observe(
            customer=one.origin, key="name", value="Ann Berg", source="bot", occurred_at=clock.now(),
            source_event_id=str(one.identity.pk),
        )  # fmt: skip
    suggestions.refresh_all()
    (pair,) = MatchSuggestion.objects.all()
    assert {pair.a_id, pair.b_id} == {proven.origin.pk, found.origin.pk}
    assert not Link.objects.exists()


@pytest.mark.scenario("ID-64")
def test_a_group_is_nobody_and_its_author_is_themselves() -> None:
    author = Handle("telegram_user", "", "5812004417", "provider", "Maya")
    found = identity.resolve(handles=[author], occurred_at=clock.now())
    assert found is not None
    assert [row.namespace for row in Identity.objects.all()] == ["telegram_user"]

"""Does the database, or a property, hold what must always be true of people? One test for each promise of section 4.

ID-I2, I5 and I12 are also played by `test_histories`; ID-I9, I13 and I15 have files of their own.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import acts
from customers import attributes, consent, distinct, merging, policy, suggestions
from customers.handles import Handle
from customers.models import Consent, Customer, Distinct, Identity, Link, MatchSuggestion, Observation
from tests.customers.cast import ANN, NOON, login, resolve, visitor, whatsapp
from tests.customers.test_api import client

pytestmark = pytest.mark.django_db(transaction=True)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
State, Purpose = Consent.State, Consent.Purpose


def people(many: int) -> list[Customer]:
    return acts.persons(many)


@pytest.mark.scenario("ID-I1")
def test_no_pointer_may_lead_to_somebody_who_is_no_root() -> None:
    a, b, c = people(3)
    acts.join(a, b)
    with pytest.raises(IntegrityError, match="root is not a root"), transaction.atomic():
        Customer.objects.filter(pk=c.pk).update(root_id=b.pk)


@pytest.mark.scenario("ID-I1")
def test_no_member_may_be_left_behind() -> None:
    a, b, c = people(3)
    acts.join(a, b)
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.filter(pk=a.pk).update(root_id=c.pk)


@pytest.mark.scenario("ID-I2")
def test_every_root_follows_from_the_links_whatever_was_done() -> None:
    a, b, c = people(3)
    first = acts.link(a, b)
    acts.link(b, c)
    acts.part(first)
    assert merging.check() == []
    Link.objects.live().update(revoked_at=NOON)
    assert merging.check(repair=True) and merging.check() == []


def distinct_inside() -> list[Distinct]:
    return [row for row in Distinct.objects.select_related("a", "b") if row.a.root_id == row.b.root_id]


@pytest.mark.scenario("ID-I3")
def test_what_a_supervisor_overrules_is_withdrawn_and_holds_again_after_the_split() -> None:
    a, b, c = people(3)
    acts.join(b, c)
    assert distinct.say(one=a, other=c, by="user:1")
    done = merging.merge(
        a=a, b=b, kind="manual", rule="by_hand", actor="user:2", request_id="r", is_forced=True, reason="she said so"
    )
    assert distinct_inside() == [] and done.link is not None
    acts.part(done.link)
    assert [(row.a_id, row.b_id) for row in Distinct.objects.all()] == [(a.pk, c.pk)]


@pytest.mark.scenario("ID-I3")
def test_two_of_one_person_cannot_be_told_apart_by_a_word() -> None:
    a, b = people(2)
    suggestion = MatchSuggestion.objects.create(a=a, b=b, score=0.9)
    acts.join(a, b)
    with pytest.raises(suggestions.Decided):  # who joined them has answered it
        suggestions.reject(suggestion=suggestion, actor="user:1")
    MatchSuggestion.objects.update(status="open")
    suggestions.reject(suggestion=suggestion, actor="user:1")
    assert not distinct.say(one=a, other=b, by="user:1")
    assert Distinct.objects.count() == 0 and MatchSuggestion.objects.get().status == "expired"


@pytest.mark.scenario("ID-I4")
def test_a_clash_that_was_decided_does_not_forbid_what_comes_after() -> None:
    ann, bob, third = login("ann").origin, login("bob").origin, people(1)[0]
    merging.merge(
        a=ann, b=bob, kind="manual", rule="by_hand", actor="user:2", request_id="r", is_forced=True, reason="both hers"
    )
    assert acts.join(bob, third).event is not None
    with pytest.raises(merging.Clash):
        acts.join(third, login("cleo").origin)


@pytest.mark.scenario("ID-I5")
def test_nothing_that_was_born_with_somebody_moves_to_another() -> None:
    a, b = people(2)
    for rows in (Identity.objects.filter(customer=a), Observation.objects.filter(customer=a)):
        with pytest.raises(IntegrityError, match="the origin of a fact never changes"), transaction.atomic():
            rows.update(customer=b)


@pytest.mark.scenario("ID-I6")
def test_an_address_that_routes_has_one_home_and_a_claimed_one_many() -> None:
    phone = resolve(whatsapp(ANN)).identity
    row = {"namespace": "phone", "key": phone.key, "raw": "x", "valid_from": NOON}
    for other in people(2):
        Identity.objects.create(customer=other, proof="claimed", **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Identity.objects.create(customer=people(1)[0], proof="imported", routable=True, **row)
    with pytest.raises(IntegrityError, match="claimed_never_routes"), transaction.atomic():
        Identity.objects.create(customer=people(1)[0], proof="claimed", routable=True, **row)
    assert resolve(whatsapp(ANN)).origin == phone.customer


@pytest.mark.scenario("ID-I7")
def test_evidence_for_what_is_known_keeps_two_together_when_the_rest_falls() -> None:
    a, b, c = people(3)
    first, _, second = acts.link(a, b), acts.link(b, c), acts.link(a, c)
    acts.part(first)
    assert Customer.objects.filter(root=a).count() == 3
    acts.part(second)
    assert Customer.objects.filter(root=a).count() == 1


@pytest.mark.scenario("ID-I8", "ID-27")
@FEW
@given(
    said=st.lists(
        st.tuples(st.sampled_from([0, 1]), st.sampled_from(list(State)), st.integers(0, 3)), min_size=1, max_size=6
    )
)
def test_consent_is_never_wider_after_a_merge_than_the_most_restrictive_word(said: list[tuple[int, str, int]]) -> None:
    number = f"+4670{next(acts.NUMBERS):07}"
    owner = resolve([Handle("phone", "", number, "provider")])
    typed = resolve([*visitor(number), Handle("phone", "", number, "claimed")]).origin
    rows = [owner.identity, Identity.objects.get(customer=typed, namespace="phone")]
    for who, state, minute in said:
        at = NOON + timedelta(minutes=minute)
        consent.record(identity=rows[who], purpose=Purpose.MARKETING, state=state, occurred_at=at)
    before = [consent.state(identity=row, purpose=Purpose.MARKETING) for row in rows]
    acts.join(owner.origin, typed)
    fresh = Identity.objects.select_related("customer").get(pk=owner.identity.pk)
    after = consent.state(identity=fresh, purpose=Purpose.MARKETING)
    assert after == (State.OUT if State.OUT in before else State.IN if State.IN in before else State.UNSET)


@pytest.mark.scenario("ID-I10", "ID-29")
def test_every_id_that_a_person_ever_had_answers() -> None:
    a, b, c = people(3)
    acts.link(b, c)
    second = acts.link(a, b)
    reader = client("view_customer")
    found = [reader.get(f"/api/v1/customers/{one.public_id}/").json() for one in (a, b, c)]
    assert {body["public_id"] for body in found} == {str(a.public_id)}
    assert [body["merged_into"] for body in found] == [None, str(a.public_id), str(a.public_id)]
    acts.part(second)
    body = reader.get(f"/api/v1/customers/{c.public_id}/").json()
    assert body["merged_into"] == str(b.public_id)


@pytest.mark.scenario("ID-I11")
def test_a_person_has_no_more_addresses_than_the_policy_says() -> None:
    a, b, c = people(3)
    policy.change(values={"identities_max": 2}, actor="test")
    acts.join(a, b)
    with pytest.raises(merging.CapReached):
        acts.join(b, c)
    assert Link.objects.count() == 1 and merging.refusals(Customer.objects.get(pk=a.pk), c) == ["cap_reached"]


@pytest.mark.scenario("ID-I12", "ID-37")
def test_a_request_that_was_carried_out_is_answered_even_after_it_was_undone() -> None:
    a, b = people(2)
    given = {"a": a, "b": b, "kind": "manual", "rule": "by_hand", "actor": "user:1", "request_id": "once"}
    first = merging.merge(**given)
    assert first.link is not None
    acts.part(first.link)
    assert merging.merge(**given).event == first.event
    assert Customer.objects.get(pk=b.pk).is_root


@pytest.mark.scenario("ID-I14")
def test_other_names_of_an_address_have_its_home_also_after_a_merge() -> None:
    first, second = resolve(whatsapp(ANN)).origin, resolve(whatsapp(bsuid="BR.1")).origin
    acts.join(first, second)
    resolve([*whatsapp(ANN, "BR.1"), Handle("wa_parent_bsuid", "p1", "BR.ENT.9", "provider")])
    named = Identity.objects.exclude(endpoint=None).select_related("endpoint")
    assert named.count() >= 1
    assert all(row.customer_id == row.endpoint.customer_id for row in named if row.endpoint)


@pytest.mark.scenario("ID-I14")
def test_the_database_refuses_a_name_whose_address_lives_elsewhere() -> None:
    phone, stranger = resolve(whatsapp(ANN)).identity, people(1)[0]
    row = {"namespace": "wa_bsuid", "scope": "p1", "key": "k", "raw": "k", "proof": "provider", "valid_from": NOON}
    with pytest.raises(IntegrityError, match="alias has the home"), transaction.atomic():
        Identity.objects.create(customer=stranger, endpoint=phone, **row)


@pytest.mark.scenario("ID-I15")
def test_dropping_and_rebuilding_what_is_shown_gives_the_same() -> None:
    a, b = people(2)
    acts.join(a, b)
    before = attributes.values(a.pk)
    attributes.resolve(a.pk, before)
    assert attributes.values(a.pk) == before != {}

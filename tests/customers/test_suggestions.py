"""Is somebody suggested who may be the same person, and is nobody joined by a score?"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from common import clock
from customers import attributes, merging, suggestions
from customers.handles import Handle
from customers.models import Customer, Distinct, Link, MatchSuggestion
from tests.customers.cast import ANN, NOON, login, resolve, visitor, whatsapp

pytestmark = pytest.mark.django_db(transaction=True)


def typed(phone: str = "", mail: str = "", browser: str = "b1") -> Customer:
    """Somebody on the web who types a phone or an e-mail."""
    said = [Handle("phone", "", phone, "claimed")] if phone else []
    said += [Handle("email", "", mail, "claimed")] if mail else []
    return resolve([*visitor(browser), *said]).origin


def named(customer: Customer, name: str, key: str = "name") -> Customer:
    attributes.observe(
        customer=customer, key=key, value=name, source="bot", occurred_at=NOON, source_event_id=f"{key}:{customer.pk}"
    )
    return customer


def shown() -> list[tuple[float, list[str]]]:
    return [(one.score, suggestions.evidence(one)) for one in MatchSuggestion.objects.shown().order_by("-score")]


@pytest.fixture
def ann() -> Customer:
    return resolve(whatsapp(ANN)).origin


@pytest.mark.scenario("ID-21")
def test_a_typed_phone_that_is_proven_elsewhere_is_suggested_and_joins_nobody(ann: Customer) -> None:
    mallory = typed(f"+{ANN}")
    suggestions.refresh(mallory)
    assert shown() == [(0.9, ["The same phone number"])]
    assert Customer.objects.get(pk=mallory.pk).root_id == mallory.pk and Link.objects.count() == 0


@pytest.mark.scenario("ID-73")
def test_another_form_of_a_phone_is_suggested(ann: Customer) -> None:
    suggestions.refresh(typed("+553188888888"))
    assert shown() == [(0.85, ["The same phone number in another form"])]


def test_two_who_only_typed_the_same_are_not_suggested() -> None:
    typed("+4670174063", browser="b1")
    suggestions.refresh(typed("+4670174063", browser="b2"))
    assert shown() == []


@pytest.mark.scenario("ID-12")
def test_the_same_mail_name_counts_only_with_the_same_name() -> None:
    one = named(typed(mail="maria@x.example"), "María Silva")
    two = typed(mail="maria@y.example", browser="b2")
    suggestions.refresh(one)
    assert shown() == []
    named(two, "Silva Maria")
    suggestions.refresh(one)
    assert [score for score, _ in shown()] == [0.6]


@pytest.mark.scenario("ID-81")
def test_a_name_that_many_share_suggests_nobody() -> None:
    for number in range(25):
        named(named(typed(browser=f"b{number}"), "Maria Silva"), "Lisboa", key="city")
    suggestions.refresh_all()
    assert shown() == []


@pytest.mark.scenario("ID-I4")
def test_two_users_of_one_site_are_never_suggested() -> None:
    login("ann", phone="+4670174063", trusted=False), login("bob", phone="+4670174063", trusted=False)
    resolve(whatsapp("4670174063"))
    suggestions.refresh_all()
    pairs = MatchSuggestion.objects.count()
    assert pairs == 2  # each of the two with the phone's owner, not with each other


@pytest.mark.scenario("ID-32")
def test_who_was_rejected_is_not_offered_again(ann: Customer) -> None:
    suggestions.refresh(typed(f"+{ANN}"))
    suggestions.reject(suggestion=MatchSuggestion.objects.get(), actor="user:1")
    suggestions.refresh_all()
    assert shown() == [] and Distinct.objects.count() == 1


@pytest.mark.scenario("ID-80")
def test_accepting_one_looks_at_the_others_anew(ann: Customer) -> None:
    two, three = typed(f"+{ANN}", browser="b2"), typed(f"+{ANN}", browser="b3")
    suggestions.refresh_all()
    first = MatchSuggestion.objects.get(b=two)
    done = suggestions.accept(suggestion=first, actor="user:1", request_id="yes")
    assert done.root == ann and len(shown()) == 1
    assert Customer.objects.get(pk=three.pk).is_root


@pytest.mark.scenario("ID-82")
def test_what_was_put_off_is_hidden_until_it_is_due(ann: Customer) -> None:
    suggestions.refresh(typed(f"+{ANN}"))
    suggestions.snooze(suggestion=MatchSuggestion.objects.get(), actor="user:1")
    assert shown() == []
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        assert len(shown()) == 1


def test_what_was_decided_is_not_decided_anew(ann: Customer) -> None:
    suggestions.refresh(typed(f"+{ANN}"))
    found = MatchSuggestion.objects.get()
    stale = MatchSuggestion.objects.get()
    suggestions.reject(suggestion=found, actor="user:1")
    for decide in (
        lambda: suggestions.snooze(suggestion=stale, actor="user:2"),
        lambda: suggestions.reject(suggestion=stale, actor="user:2"),
        lambda: suggestions.accept(suggestion=stale, actor="user:2", request_id="r"),
    ):
        with pytest.raises(suggestions.Decided):
            decide()
    found.refresh_from_db()
    assert (found.status, found.decided_by) == ("rejected", "user:1") and not Link.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 400, 7000 * 365])
def test_a_pair_is_put_off_for_a_year_at_most_and_never_into_the_past(ann: Customer, days: int) -> None:
    suggestions.refresh(typed(f"+{ANN}"))
    found = MatchSuggestion.objects.get()
    with pytest.raises(suggestions.BadTime):
        suggestions.snooze(suggestion=found, until=clock.now() + timedelta(days=days), actor="user:1")
    suggestions.snooze(suggestion=found, until=clock.now() + timedelta(days=365), actor="user:1")
    assert MatchSuggestion.objects.get().status == "snoozed"


@pytest.mark.scenario("ID-82")
def test_two_who_became_one_are_not_suggested_any_more(ann: Customer) -> None:
    other = typed(f"+{ANN}")
    suggestions.refresh_all()
    merging.merge(a=ann, b=other, kind=Link.Kind.MANUAL, rule="by_hand", actor="user:1", request_id="r")
    assert shown() == []
    suggestions.refresh_all()
    assert MatchSuggestion.objects.get().status == MatchSuggestion.Status.ACCEPTED


def test_new_faces_are_compared_every_minute_and_old_ones_left_alone(ann: Customer) -> None:
    typed(f"+{ANN}")
    assert suggestions.refresh_recent(minutes=-1) == 0  # nobody is newer than that
    assert suggestions.refresh_recent() > 0 and len(shown()) == 1


@pytest.mark.scenario("ID-32")
def test_a_pair_that_was_joined_by_hand_and_parted_is_not_offered_again() -> None:
    one, other = typed(browser="b1"), typed(browser="b2")
    suggestions.note(one, other, rule="browser")
    done = merging.merge(a=one, b=other, kind="manual", rule="by_hand", actor="user:1", request_id="m")
    found = MatchSuggestion.objects.get()
    assert (found.status, found.decided_by) == ("accepted", "user:1")
    assert done.link is not None
    merging.split(links=[done.link], actor="user:1", request_id="s")
    MatchSuggestion.objects.update(status="open")  # whatever opened it again
    assert not MatchSuggestion.objects.shown().exists()

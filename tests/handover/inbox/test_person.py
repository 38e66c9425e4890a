"""What does an agent see of the customer beside the thread, what can they do about it, and what can they not?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from common import clock
from conversations.models import Conversation
from customers import attributes, conflicts, consent, merging, suggestions
from customers.models import AuditEntry, Conflict, Consent, Customer, Distinct, Identity, Link, MatchSuggestion
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of

pytestmark = pytest.mark.django_db
SCRIPT = {"X-Inbox-Pane": "side"}


@pytest.fixture
def thread(sales: Queue, ana: Agent) -> Conversation:
    """Maya, on WhatsApp, with Ana."""
    return make.give(make.waiting_in(sales), ana)


def may(agent: Agent, *permissions: str) -> None:
    agent.user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))


def panel(client: Client, thread: Conversation) -> str:
    answer = client.get(f"/inbox/c/{thread.public_id}/", headers=SCRIPT)
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, thread: Conversation, path: str, **given: Any) -> Any:
    return client.post(f"/inbox/c/{thread.public_id}/person/{path}", given, headers={"Accept": "application/json"})


def joined(one: Customer, other: Customer) -> Link:
    done = merging.merge(a=one, b=other, kind="manual", rule="by_hand", actor="user:1", request_id=f"j{other.pk}")
    assert done.link is not None
    return done.link


def alike(thread: Conversation, name: str = "Maya L.") -> MatchSuggestion:
    suggestions.note(thread.customer, make.customer(name), rule="browser")
    return MatchSuggestion.objects.get()


# --- what is shown --------------------------------------------------------------------------------------------------


def test_the_address_at_hand_is_whole_and_the_others_are_masked(desk: Client, thread: Conversation) -> None:
    make.identity(thread.customer, "email", "maya@example.com", proof="claimed")
    seen = panel(desk, thread)
    assert "+46 7" in seen and "this conversation" in seen
    assert "maya@example.com" not in seen and "m••••@example.com" in seen


def test_both_states_of_proof_are_said_and_a_doubt_is_amber(desk: Client, thread: Conversation) -> None:
    address = Identity.objects.get()
    make.identity(thread.customer, "email", "maya@example.com", proof="claimed")
    seen = panel(desk, thread)
    assert "proven by WhatsApp today" in seen and "typed, not proven" in seen
    candidates = [str(address.public_id)]
    conflicts.note(customer_id=thread.customer_id, kind="suspected_recycle", subject="phone:x", candidates=candidates)
    assert "proof-warn" in panel(desk, thread) and "may have a new owner since" in panel(desk, thread)


def test_a_mail_whose_sender_is_not_authenticated_carries_a_stripe(desk: Client, sales: Queue, ana: Agent) -> None:
    person = make.customer("Mallory")
    address = make.identity(person, "email_from", "maya@example.com", scope="mail", proof="claimed")
    thread = make.give(make.receive(make.web(address), "It is me").conversation, ana)
    assert "Sender not authenticated" in panel(desk, thread)


def test_a_conflict_says_what_is_kept_and_what_is_offered(desk: Client, thread: Conversation, ana: Agent) -> None:
    attributes.verify(customer=thread.customer, key="name", value="Maya", by=f"user:{ana.user_id}")
    make.attribute(thread.customer, "name", "Maja", source="bot")
    seen = re.sub(r"<[^>]+>", "", panel(desk, thread))
    assert "kept Maya (verified by ana, today)" in seen and "offered Maja (the bot, today)" in seen


def test_who_may_be_the_same_is_named_only_to_who_may_know(desk: Client, thread: Conversation, ana: Agent) -> None:
    alike(thread, "Maya Secret")
    assert "a customer of another team" in panel(desk, thread) and "Maya Secret" not in panel(desk, thread)
    may(ana, "view_customer")
    assert "Maya Secret" in panel(client_of(Agent.objects.get(pk=ana.pk)), thread)


def test_consent_is_told_by_address_and_purpose_with_its_evidence(desk: Client, thread: Conversation) -> None:
    address = Identity.objects.get()
    assert "No word yet" in panel(desk, thread)
    word = {"word": "STOP"}
    consent.record(identity=address, purpose="marketing", state="out", occurred_at=clock.now(), evidence=word)
    assert "they wrote “STOP”" in panel(desk, thread)


def test_what_a_customer_wrote_is_text(desk: Client, thread: Conversation) -> None:
    make.attribute(thread.customer, "city", "<script>window.hit=1</script>")
    assert "<script>window" not in panel(desk, thread)


def test_the_panel_costs_the_same_however_much_there_is_to_tell(
    desk: Client, thread: Conversation, ana: Agent, django_assert_max_num_queries: Any
) -> None:
    person = thread.customer
    for number in range(5):
        make.attribute(person, "name", f"Maya {number}", source="agent_verified")
        make.attribute(person, f"note_{number}", "x")
        joined(person, make.customer(f"Maya {number}"))
        suggestions.note(person, make.customer(f"Other {number}"), rule="browser")
        conflicts.note(customer_id=person.pk, kind="csv_row", subject=f"row:{number}", candidates=[])
    may(ana, "merge_customer", "undo_link", "reveal_identity")
    with django_assert_max_num_queries(33):
        panel(desk, thread)


# --- what is done ---------------------------------------------------------------------------------------------------


def test_a_fact_is_put_right_and_names_who_did(desk: Client, thread: Conversation) -> None:
    held = make.attribute(thread.customer, "city", "Lund")
    answer = act(desk, thread, "fact", key="city", value="Malmö", seen=held.observation_id)
    assert answer.json()["say"] == "Saved." and attributes.values(thread.customer)["city"] == "Malmö"
    assert "ana" in re.sub(r"<[^>]+>", "", panel(desk, thread))
    assert AuditEntry.objects.get().action == "customers.edit"


@pytest.mark.scenario("ID-38")
def test_a_value_that_changed_meanwhile_is_not_overwritten_unseen(desk: Client, thread: Conversation) -> None:
    held = make.attribute(thread.customer, "city", "Lund")
    make.attribute(thread.customer, "city", "Ystad")
    answer = act(desk, thread, "fact", key="city", value="Malmö", seen=held.observation_id)
    assert answer.status_code == 409 and "Ystad" in answer.json()["detail"]
    assert attributes.values(thread.customer)["city"] == "Ystad"
    assert act(desk, thread, "fact", key="city", value="Malmö", seen=answer.json()["seen"]).status_code == 200


def test_what_changed_meanwhile_is_masked_if_it_is_personal(desk: Client, thread: Conversation) -> None:
    make.attribute(thread.customer, "birth_date", "1971-03-04", source="crm")
    answer = act(desk, thread, "fact", key="birth_date", value="1980-01-01", seen=1)
    assert answer.status_code == 409 and "it is 197••••04 now" in answer.json()["detail"]
    assert "1971" not in answer.content.decode()


@pytest.mark.scenario("ID-38")
def test_a_form_opened_before_a_merge_is_applied_to_who_they_became(desk: Client, thread: Conversation) -> None:
    held = make.attribute(thread.customer, "city", "Lund")
    elder = make.customer("Maya", first_seen_at=clock.now() - timedelta(days=9))
    joined(elder, thread.customer)
    act(desk, thread, "fact", key="city", value="Malmö", seen=held.observation_id)
    assert attributes.values(elder)["city"] == "Malmö"


@pytest.mark.parametrize(("choice", "holds"), [("kept", "Maya"), ("offered", "Maja"), ("own", "Mia")])
def test_a_dispute_is_kept_used_or_edited(desk: Client, thread: Conversation, choice: str, holds: str) -> None:
    make.attribute(thread.customer, "name", "Maya", source="agent_verified")
    make.attribute(thread.customer, "name", "Maja")
    found = Conflict.objects.get()
    numbers = re.findall(r'name="choice" value="(\d+)"', panel(desk, thread))
    pick = {"kept": numbers[0], "offered": numbers[1]}.get(choice, "own")
    assert act(desk, thread, f"conflicts/{found.public_id}", choice=pick, own="Mia").status_code == 200
    assert attributes.values(thread.customer)["name"] == holds and not Conflict.objects.open().exists()
    assert act(desk, thread, f"conflicts/{found.public_id}", choice=pick, own="Mia").status_code == 409


def test_what_becomes_of_an_address_takes_the_right_to_change(desk: Client, thread: Conversation, ana: Agent) -> None:
    found = conflicts.note(customer_id=thread.customer_id, kind="suspected_recycle", subject="phone:x", candidates=[])
    for choice in ("dismiss", "same_person", "own", "1"):
        assert act(desk, thread, f"conflicts/{found.public_id}", choice=choice, own="x").status_code == 403
    assert Conflict.objects.get().status == "open" and "Looked at, close" not in panel(desk, thread)
    may(ana, "change_customer")
    assert "Looked at, close" in panel(desk, thread)
    assert act(desk, thread, f"conflicts/{found.public_id}", choice="dismiss").status_code == 200


def test_a_word_of_consent_is_added_with_its_evidence_or_not_at_all(desk: Client, thread: Conversation) -> None:
    word = {"address": Identity.objects.get().public_id, "purpose": "marketing", "state": "out"}
    assert act(desk, thread, "consent", **word).status_code == 400
    assert act(desk, thread, "consent", **word, evidence="Said so on the phone").status_code == 200
    (kept,) = Consent.objects.all()
    assert (kept.state, kept.evidence["note"]) == ("out", "Said so on the phone")


def test_addresses_are_revealed_to_who_may_and_it_is_written_down(
    desk: Client, thread: Conversation, ana: Agent
) -> None:
    make.identity(thread.customer, "email", "maya@example.com", proof="claimed")
    assert act(desk, thread, "reveal").status_code == 403
    may(ana, "reveal_identity")
    assert "maya@example.com" in act(desk, thread, "reveal").json()["addresses"].values()
    assert [entry.action for entry in AuditEntry.objects.all()] == ["identity.reveal"]


# --- agents suggest, supervisors merge ------------------------------------------------------------------------------


def test_an_agent_looks_for_another_and_proposes_the_two(desk: Client, thread: Conversation, sales: Queue) -> None:
    other = make.waiting_in(sales, name="Maya on mail").customer
    number = Identity.objects.get(customer=other).raw
    found = desk.post(f"/inbox/c/{thread.public_id}/person/look", {"text": number}).content.decode()
    assert "Maya on mail" in found and str(other.public_id) in found
    act(desk, thread, "propose", other=other.public_id, note="Same order number")
    (kept,) = MatchSuggestion.objects.shown()
    assert (kept.note, kept.proposed_by.partition(":")[0]) == ("Same order number", "user")
    assert "Proposed by ana" in panel(desk, thread)


@pytest.mark.scenario("T-8")
def test_nobody_is_found_or_proposed_whom_the_agent_may_not_know(desk: Client, thread: Conversation) -> None:
    stranger = make.customer("Stranger")
    make.phone(stranger, "46701740999")
    found = desk.post(f"/inbox/c/{thread.public_id}/person/look", {"text": "46701740999"}).content.decode()
    assert "Nobody else is found" in found
    foreign = act(desk, thread, "propose", other=stranger.public_id)
    absent = act(desk, thread, "propose", other="01890000-0000-7000-8000-000000000001")
    assert (foreign.status_code, absent.status_code) == (404, 404) and not MatchSuggestion.objects.exists()


@pytest.mark.parametrize("verb", ["accept", "reject"])
def test_an_agent_does_not_decide_on_a_pair(desk: Client, thread: Conversation, verb: str) -> None:
    found = alike(thread)
    assert act(desk, thread, f"matches/{found.public_id}/{verb}").status_code == 403
    assert not Link.objects.exists() and not Distinct.objects.exists()
    assert "One person" not in panel(desk, thread)


def test_a_supervisor_accepts_and_takes_it_back(desk: Client, thread: Conversation, ana: Agent) -> None:
    may(ana, "merge_customer", "undo_link")
    found = alike(thread)
    undo = act(desk, thread, f"matches/{found.public_id}/accept").json()["undo"]
    assert Link.objects.live().count() == 1 and "customers in one" in panel(desk, thread)
    desk.post(undo, headers={"Accept": "application/json"})
    assert not Link.objects.live().exists() and "joined with nobody" in panel(desk, thread)


def test_a_supervisor_says_that_they_are_two(desk: Client, thread: Conversation, ana: Agent) -> None:
    may(ana, "merge_customer")
    found = alike(thread)
    assert act(desk, thread, f"matches/{found.public_id}/reject").status_code == 200
    assert Distinct.objects.count() == 1 and "May be the same" not in panel(desk, thread)


def test_not_now_is_every_agents_word(desk: Client, thread: Conversation) -> None:
    found = alike(thread)
    assert act(desk, thread, f"matches/{found.public_id}/snooze").status_code == 200
    assert "May be the same" not in panel(desk, thread)


def test_a_pair_that_was_parted_cannot_be_proposed(desk: Client, thread: Conversation, sales: Queue) -> None:
    other = make.waiting_in(sales, name="Maya's sister").customer
    merging.split(links=[joined(thread.customer, other)], actor="user:1", request_id="s1")
    answer = act(desk, thread, "propose", other=other.public_id)
    assert answer.status_code == 409 and "two people" in answer.json()["detail"]


@pytest.mark.scenario("T-8")
def test_rows_of_another_customer_are_not_there(desk: Client, thread: Conversation, ana: Agent, sales: Queue) -> None:
    may(ana, "merge_customer", "undo_link")
    other = make.waiting_in(sales, name="Tom").customer
    link = joined(other, make.customer("Tom B."))
    suggestions.note(other, make.customer("Tom C."), rule="browser")
    clash = conflicts.note(customer_id=other.pk, kind="csv_row", subject="row:1", candidates=[])
    pair, address = MatchSuggestion.objects.get(), Identity.objects.filter(customer=other).get()
    word = {"address": address.public_id, "purpose": "all", "state": "in", "evidence": "x"}
    answers = [
        act(desk, thread, f"links/{link.public_id}/undo"),
        act(desk, thread, f"matches/{pair.public_id}/accept"),
        act(desk, thread, f"conflicts/{clash.public_id}", choice="dismiss"),
        act(desk, thread, "consent", **word),
    ]
    assert [one.status_code for one in answers] == [404] * 4


def test_what_is_personal_is_masked_until_it_is_revealed(desk: Client, thread: Conversation, ana: Agent) -> None:
    held = make.attribute(thread.customer, "birth_date", "1990-05-03")
    assert "1990-05-03" not in panel(desk, thread)
    may(ana, "reveal_identity")
    assert act(desk, thread, "reveal").json()["facts"] == {str(held.observation_id): "1990-05-03"}

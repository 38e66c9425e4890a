"""Do the back office's pages about people show what is known, do what they say, and for whom alone?"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from customers import attributes, consent, editing, merging, previews, suggestions
from customers.handles import Handle
from customers.models import AuditEntry, Consent, Customer, Distinct, Identity, Link, MatchSuggestion
from tests.customers.cast import NOON, login, resolve, whatsapp

pytestmark = pytest.mark.django_db
NASTY = "<script>window.hit=1</script>"


def staff(*permissions: str) -> Client:
    user = User.objects.create_user(f"clerk{User.objects.count()}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def person(number: int, name: str = "", source: str = "bot") -> Customer:
    made = resolve(whatsapp(f"4670174{number:04}"), NOON + timedelta(minutes=number)).origin
    if name:
        say(made, name, source)
    return made


def say(customer: Customer, value: Any, source: str = "bot", key: str = "name", minute: int = 50) -> None:
    attributes.observe(
        customer=customer, key=key, value=value, source=source, occurred_at=NOON + timedelta(minutes=minute),
        source_event_id=f"{customer.pk}:{minute}",
    )  # fmt: skip


def url(name: str, row: Any = None, **asked: str) -> str:
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    return reverse(f"admin:{name}", args=[row.public_id] if row is not None else []) + (f"?{query}" if query else "")


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def hidden(page: str) -> dict[str, str]:
    """What the page's forms carry unseen."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def joined(one: Customer, other: Customer) -> Link:
    done = merging.merge(a=one, b=other, kind="manual", rule="by_hand", actor="user:1", request_id=f"j{other.pk}")
    assert done.link is not None
    return done.link


def alike() -> MatchSuggestion:
    one, other = person(1, "Ann Lee"), person(2, "Ann Lee")
    suggestions.note(one, other, rule="browser")
    return MatchSuggestion.objects.get()


# --- the person ---------------------------------------------------------------------------------------------------


def test_both_states_of_proof_are_said_and_addresses_are_masked() -> None:
    ann = person(1)
    resolve([*whatsapp("46701740001"), Handle("email", "", "ann@example.com", "claimed")])
    seen = text(staff("view_customer"), url("person", ann))
    assert "proven by WhatsApp on 3 May" in seen and "typed, not proven" in seen
    assert "ann@example.com" not in seen and "46701740001" not in seen


def test_what_a_customer_wrote_is_text_on_every_page() -> None:
    found = alike()
    for side in (found.a, found.b):
        say(side, NASTY, "agent_verified", minute=55)
    boss = staff("view_customer", "merge_customer", "change_customer", "view_message")
    compare = url("person-merge", found.a, **{"with": str(found.b.public_id)})
    for address in (url("person", found.a), compare, url("suggestions"), url("conflicts")):
        assert NASTY not in text(boss, address)


def test_a_reveal_takes_its_permission_and_leaves_a_trace() -> None:
    ann = person(1)
    assert staff("view_customer").post(url("person-reveal", ann)).status_code == 403
    seen = staff("view_customer", "reveal_identity").post(url("person-reveal", ann)).content.decode()
    assert "46701740001" in seen
    assert [entry.action for entry in AuditEntry.objects.all()] == ["identity.reveal"]


def test_any_id_leads_to_the_person_who_stands_for_all() -> None:
    ann, lee = person(1, "Ann"), person(2)
    joined(ann, lee)
    seen = text(staff("view_customer"), url("person", lee))
    assert str(ann.public_id) in seen and str(lee.public_id) in seen and "Ann" in seen


def test_the_page_of_a_long_cluster_takes_no_more_queries(django_assert_max_num_queries: Any) -> None:
    ann = person(1, "Ann")
    for number in range(2, 8):
        joined(ann, person(number, f"Ann {number}"))
    client = staff("view_customer", "view_consent", "view_message", "undo_link", "merge_customer")
    with django_assert_max_num_queries(25):
        text(client, url("person", ann))


def test_a_word_of_consent_is_added_with_its_evidence() -> None:
    ann = person(1)
    address = Identity.objects.get()
    word = {"address": str(address.public_id), "purpose": "marketing", "state": "out", "evidence": "said on the phone"}
    assert staff("view_customer", "view_consent").post(url("person-consent", ann), word).status_code == 403
    client = staff("view_customer", "view_consent", "add_consent")
    for wrong in ({"evidence": " "}, {"at": "2026-13-40T10:00"}, {"at": "2199-01-01T10:00"}, {"state": "maybe"}):
        client.post(url("person-consent", ann), {**word, **wrong})
    word["at"] = "2026-05-03T12:00"
    client.post(url("person-consent", ann), word)
    (kept,) = Consent.objects.all()
    assert (kept.state, kept.evidence["note"], kept.occurred_at) == ("out", "said on the phone", NOON)
    assert "said on the phone" in text(client, url("person", ann))


def test_a_link_is_undone_from_the_page_by_who_may() -> None:
    ann, lee = person(1), person(2)
    link = joined(ann, lee)
    assert staff("view_customer", "merge_customer").post(url("link-undo", link)).status_code == 403
    staff("view_customer", "undo_link").post(url("link-undo", link))
    lee.refresh_from_db()
    assert lee.is_root and AuditEntry.objects.get().action == "customer.split"


def test_the_timeline_is_for_who_may_see_messages() -> None:
    ann = person(1)
    assert staff("view_customer").get(url("person-timeline", ann)).status_code == 403
    assert "Nothing was said" in text(staff("view_customer", "view_message"), url("person-timeline", ann))


# --- merge and split ----------------------------------------------------------------------------------------------


def test_two_are_joined_as_shown_with_a_value_of_ones_own() -> None:
    ann, lee = person(1, "Ann"), person(2, "Lee")
    client = staff("view_customer", "merge_customer", "undo_link")
    address = url("person-merge", ann, **{"with": str(lee.public_id)})
    given = {**hidden(text(client, address)), "pick-0": "own", "own-0": "Ann Lee"}
    answer = client.post(url("person-merge", ann), given)
    lee.refresh_from_db()
    assert lee.root_id == ann.pk and attributes.values(ann) == {"name": "Ann Lee"}
    assert ">Undo</button>" in text(client, answer["Location"])


def test_an_own_value_that_is_not_chosen_is_asked_about() -> None:
    ann, lee = person(1, "Ann"), person(2, "Lee")
    client = staff("view_customer", "merge_customer")
    page = text(client, url("person-merge", ann, **{"with": str(lee.public_id)}))
    answer = client.post(url("person-merge", ann), {**hidden(page), "pick-0": "left", "own-0": "Lea"})
    assert answer.status_code == 400 and not Link.objects.exists()


def test_a_choice_left_as_it_is_verifies_nothing() -> None:
    ann, lee = person(1, "Ann"), person(2, "Lee")
    client = staff("view_customer", "merge_customer")
    page = text(client, url("person-merge", ann, **{"with": str(lee.public_id)}))
    kept = previews.preview(ann, lee).fields[0].kept
    client.post(url("person-merge", ann), {**hidden(page), "pick-0": kept})
    assert not ann.attributes.get().observation.pinned


@pytest.mark.scenario("ID-97")
def test_what_changed_since_is_shown_and_nothing_is_joined() -> None:
    ann, lee = person(1, "Ann"), person(2, "Lee")
    client = staff("view_customer", "merge_customer")
    given = hidden(text(client, url("person-merge", ann, **{"with": str(lee.public_id)})))
    say(lee, "Lea", minute=58)
    answer = client.post(url("person-merge", ann), given)
    said = answer.content.decode()
    assert answer.status_code == 409 and not Link.objects.exists()
    assert "right: name: was Lee (the bot), is Lea (the bot)" in said
    assert client.post(url("person-merge", ann), hidden(said)).status_code == 302


@pytest.mark.scenario("ID-26")
def test_only_who_may_force_overrides_and_says_why() -> None:
    ann, bob = login("ann").origin, login("bob").origin
    address = url("person-merge", ann, **{"with": str(bob.public_id)})
    clerk, boss = staff("view_customer", "merge_customer"), staff("view_customer", "merge_customer", "force_merge")
    page = text(clerk, address)
    assert "different user id or customer number" in page and "they are one person: merge" not in page.lower()
    assert clerk.post(address, {**hidden(page), "force": "on", "reason": "hers"}).status_code == 403
    assert boss.post(address, {**hidden(text(boss, address)), "force": "on"}).status_code == 400
    given = {**hidden(text(boss, address)), "force": "on", "reason": "two accounts of hers"}
    assert boss.post(address, given).status_code == 302
    assert AuditEntry.objects.get().action == "customer.merge.forced"


def test_the_other_is_found_by_a_whole_number_or_its_end() -> None:
    ann, lee = person(1), person(2)
    client = staff("view_customer", "merge_customer")
    for asked in ("+46701740002", "01740002"):
        assert str(lee.public_id) in client.post(url("person-merge", ann), {"with": asked})["Location"]
    assert "Nobody else is found" in client.post(url("person-merge", ann), {"with": "0170"}).content.decode()
    assert {entry.action for entry in AuditEntry.objects.all()} == {"customers.search"}
    assert "Nobody else is found" in text(client, url("person-merge", ann, **{"with": "01740002"}))


def test_a_split_is_shown_in_pieces_and_done() -> None:
    ann, lee = person(1), person(2)
    link = joined(ann, lee)
    client = staff("view_customer", "undo_link")
    page = text(client, url("person-split", ann, link=str(link.public_id)))
    assert "2 customers would be left" in page
    client.post(url("person-split", ann), {**hidden(page), "apart": "on", "reason": "two sisters"})
    lee.refresh_from_db()
    assert lee.is_root and Distinct.objects.get().reason == "two sisters"
    assert staff("view_customer", "merge_customer").get(url("person-split", ann)).status_code == 403


def test_what_was_added_since_is_handed_to_the_other_piece() -> None:
    ann, lee = person(1, "Ann"), person(2, "Lee")
    link = joined(ann, lee)
    editing.edit(customer=ann, key="city", text="Lund", by="user:1")
    client = staff("view_customer", "undo_link")
    page = text(client, url("person-split", ann, link=str(link.public_id)))
    assert "Added since they were joined" in page and "Lund" in page
    (name,) = re.findall(r'name="(hand-[^"]+)"', page)
    client.post(url("person-split", ann), {**hidden(page), name: str(lee.public_id)})
    assert attributes.values(lee)["city"] == "Lund" and "city" not in attributes.values(ann)


def test_nothing_is_handed_to_a_stranger() -> None:
    ann, lee, bob = person(1, "Ann"), person(2, "Lee"), person(3)
    link = joined(ann, lee)
    editing.edit(customer=ann, key="city", text="Lund", by="user:1")
    client = staff("view_customer", "undo_link")
    page = text(client, url("person-split", ann, link=str(link.public_id)))
    (name,) = re.findall(r'name="(hand-[^"]+)"', page)
    client.post(url("person-split", ann), {**hidden(page), name: str(bob.public_id)})
    assert attributes.values(bob) == {} and attributes.values(ann)["city"] == "Lund"


# --- facts and proposals ------------------------------------------------------------------------------------------


def test_a_fact_is_put_right_unless_it_changed_meanwhile() -> None:
    ann = person(1, "Ann")
    seen = ann.attributes.get().observation_id
    given = {"key": "name", "value": "Anna", "seen": seen, "verified": "on"}
    assert staff("view_customer").post(url("person-fact", ann), given).status_code == 403
    client = staff("view_customer", "change_customer")
    client.post(url("person-fact", ann), given)
    client.post(url("person-fact", ann), {**given, "value": "Annabel"})
    assert attributes.values(ann) == {"name": "Anna"}
    assert "it is Anna now" in text(client, url("person", ann))


@pytest.mark.scenario("T-8")
def test_who_may_only_propose_sees_both_and_proposes() -> None:
    ann, lee = person(1, "Ann"), person(2, "Lee")
    clerk = staff("view_customer", "add_matchsuggestion")
    page = text(clerk, url("person-merge", ann, **{"with": str(lee.public_id)}))
    assert "Propose: one person" in page and "one person: merge" not in page
    assert clerk.post(url("person-merge", ann), {**hidden(page), "stamp": "x"}).status_code == 403
    assert clerk.post(url("person-propose", ann), {"with": "nobody"}).status_code == 404
    clerk.post(url("person-propose", ann), {"with": str(lee.public_id), "note": "One address"})
    assert MatchSuggestion.objects.get().note == "One address"
    assert "One address" in text(clerk, url("suggestions"))
    assert staff("view_customer").post(url("person-propose", ann), {}).status_code == 403


@pytest.mark.scenario("ID-27")
def test_a_stop_on_one_side_stays_a_stop_and_the_preview_says_so() -> None:
    ann, lee = person(1), person(2)
    home = Identity.objects.get(customer=ann)
    consent.record(identity=home, purpose="marketing", state="out", occurred_at=NOON, evidence={"word": "STOP"})
    client = staff("view_customer", "merge_customer")
    page = text(client, url("person-merge", lee, **{"with": str(ann.public_id)}))
    assert "Marketing stays" in page and "they wrote “STOP”" in page
    client.post(url("person-merge", lee), hidden(page))
    home.refresh_from_db()
    assert consent.allowed(identity=home, purpose="marketing") == (False, "opted_out")

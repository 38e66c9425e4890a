"""Are the queues of suggestions and conflicts, and the policy, worked by those who may, and by nobody else?"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from django.test import Client

from conversations import customer_lines
from customers import attributes, definitions, policy, suggestions
from customers.attribute_rules import BUILT_IN
from customers.models import AuditEntry, Conflict, Customer, Distinct, Identity, Link, MatchSuggestion
from tests import factories as make
from tests.customers.test_pages_people import alike, joined, person, say, staff, text, url

pytestmark = pytest.mark.django_db


# --- queues -------------------------------------------------------------------------------------------------------


def test_a_suggestion_is_accepted_by_who_may_merge() -> None:
    found = alike()
    clerk, boss = staff("view_customer"), staff("view_customer", "merge_customer", "undo_link")
    page = text(clerk, url("suggestions"))
    assert "The same browser" in page and "Accept" not in page
    assert clerk.post(url("suggestion-accept", found)).status_code == 403
    answer = boss.post(url("suggestion-accept", found))
    seen = text(boss, answer["Location"].partition("#")[0])
    assert "one person</a> now" in seen and ">Undo<" in seen
    assert AuditEntry.objects.get().action == "customer.merge"


def test_a_join_is_taken_back_from_the_queue_and_the_pair_waits_again() -> None:
    found, boss = alike(), staff("view_customer", "merge_customer", "undo_link")
    boss.post(url("suggestion-accept", found))
    assert "The same browser" not in text(boss, url("suggestions"))
    boss.post(url("link-undo", Link.objects.get()))
    assert not Distinct.objects.exists() and "The same browser" in text(boss, url("suggestions"))


@pytest.mark.parametrize(("apart", "status"), [({"apart": "on"}, "accepted"), ({}, "open")])
def test_who_parts_a_pair_as_two_people_is_not_asked_again(apart: dict[str, str], status: str) -> None:
    found, boss = alike(), staff("view_customer", "merge_customer", "undo_link")
    boss.post(url("suggestion-accept", found))
    boss.post(url("person-split", found.a), {"link": [str(Link.objects.get().public_id)], **apart})
    assert MatchSuggestion.objects.get().status == status
    assert ("The same browser" in text(boss, url("suggestions"))) is (status == "open")


def test_a_rejection_is_taken_back_from_the_queue() -> None:
    found, boss = alike(), staff("view_customer", "merge_customer")
    answer = boss.post(url("suggestion-reject", found))
    assert Distinct.objects.exists() and ">Undo<" in text(boss, answer["Location"].partition("#")[0])
    assert staff("view_customer").post(url("suggestion-reopen", found)).status_code == 403
    boss.post(url("suggestion-reopen", found))
    assert not Distinct.objects.exists() and "The same browser" in text(boss, url("suggestions"))
    assert "suggestion.reopen" in AuditEntry.objects.values_list("action", flat=True)


def test_that_two_are_two_people_is_taken_back_with_a_reason() -> None:
    found, boss = alike(), staff("view_customer", "merge_customer")
    suggestions.reject(suggestion=found, actor="user:1")
    compare = url("person-merge", found.a, **{"with": str(found.b.public_id)})
    assert "Take it back" in text(boss, compare)
    given = {"with": str(found.b.public_id), "reason": ""}
    boss.post(url("person-together", found.a), given)
    assert Distinct.objects.exists()
    boss.post(url("person-together", found.a), {**given, "reason": "the same person"})
    assert not Distinct.objects.exists() and AuditEntry.objects.get().reason == "the same person"


def test_the_links_say_who_and_why_in_words() -> None:
    found, boss = alike(), staff("view_customer", "merge_customer", "undo_link")
    suggestions.accept(suggestion=found, actor="user:1", request_id="r")
    for page in ("person", "person-split"):
        seen = text(boss, url(page, found.a))
        assert "The same browser" in seen and "Phone 467" in seen and str(found.public_id) not in seen


def test_suggestions_are_rejected_many_at_once_or_put_off() -> None:
    found = alike()
    clerk, boss = staff("view_customer"), staff("view_customer", "merge_customer")
    clerk.post(url("suggestion-snooze", found))
    assert "Nobody looks like" in text(clerk, url("suggestions"))
    MatchSuggestion.objects.update(status="open")
    pair = {"pair": [str(found.public_id), "no-id"]}
    assert clerk.post(url("suggestions-reject"), pair).status_code == 403
    boss.post(url("suggestions-reject"), pair)
    assert Distinct.objects.count() == 1 and MatchSuggestion.objects.get().status == "rejected"


def test_a_pair_is_masked_where_an_attribute_is_sensitive() -> None:
    found = alike()
    say(found.a, "Springfield", key="city")
    definitions.assume(
        {key: dataclasses.replace(rule, is_personal=key in ("name", "city")) for key, rule in BUILT_IN.items()}
    )
    page = text(staff("view_customer"), url("suggestions"))
    assert "The same browser" in page and "Ann Lee" not in page and "Springfield" not in page
    definitions.forget()
    assert "Springfield" in text(staff("view_customer"), url("suggestions"))


def test_the_queue_takes_no_query_per_pair(django_assert_max_num_queries: Any) -> None:
    ann = person(1, "Ann Lee")
    for number in range(2, 9):
        suggestions.note(ann, person(number, "Ann Lee"), rule="browser")
    client = staff("view_customer", "merge_customer")
    with django_assert_max_num_queries(14):
        assert text(client, url("suggestions")).count("The same browser") == 7


def disputed() -> Conflict:
    ann = person(1, "Ann", "agent_verified")
    say(ann, "Anna", minute=55)
    return Conflict.objects.get()


@pytest.mark.parametrize(("pick", "holds"), [("kept", "Ann"), ("offered", "Anna"), ("own", "Annie")])
def test_a_conflict_is_kept_used_or_edited(pick: str, holds: str) -> None:
    found = disputed()
    client = staff("view_customer", "change_customer")
    numbers = re.findall(r'name="choice" value="(\d+)"', text(client, url("conflicts")))
    choice = {"kept": numbers[0], "offered": numbers[1]}.get(pick, "own")
    assert staff("view_customer").post(url("conflict-settle", found), {"choice": choice}).status_code == 403
    client.post(url("conflict-settle", found), {"choice": choice, "own": "Annie"})
    assert attributes.values(found.customer) == {"name": holds}
    assert not Conflict.objects.open().exists()


def test_a_value_that_is_no_candidate_is_not_taken() -> None:
    found = disputed()
    staff("view_customer", "change_customer").post(url("conflict-settle", found), {"choice": "999999"})
    assert Conflict.objects.open().exists()


# --- the policy ---------------------------------------------------------------------------------------------------


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(seen|counted)" value="(\w+)"', page))


@pytest.mark.scenario("ID-77")
def test_the_policy_counts_first_then_changes_and_names_what_is_wrong() -> None:
    person(1)
    client = staff("view_identitypolicy", "change_identitypolicy")
    page = text(client, url("identity-policy"))
    given = dict(re.findall(r'<input type="number" name="(\w+)" value="(\d+)"', page))
    given |= {"primary": "email", "anonymous_history": "session", "profile_names": "take", "reason": "asked for"}
    given |= hidden(page)
    before = list(Identity.objects.values_list("pk", "key"))
    assert "1 customer lack it" in client.post(url("identity-policy"), {**given, "check": "1"}).content.decode()
    assert policy.current().primary == "site_user"
    assert "country" in client.post(url("identity-policy"), {**given, "region": "XX"}).content.decode()
    counted = client.post(url("identity-policy"), given)
    assert (counted.status_code, policy.current().primary) == (200, "site_user")
    assert "Not saved yet" in counted.content.decode() and "Not saved yet" not in page and ">Save<" not in page
    given |= hidden(counted.content.decode())
    assert client.post(url("identity-policy"), given).status_code == 302
    assert (policy.current().primary, AuditEntry.objects.get().reason) == ("email", "asked for")
    assert list(Identity.objects.values_list("pk", "key")) == before
    policy.forget()


def filled(client: Client, **changed: str) -> dict[str, str]:
    page = text(client, url("identity-policy"))
    given = dict(re.findall(r'<input type="number" name="(\w+)" value="(\d+)"', page)) | hidden(page)
    return given | {"primary": "site_user", "anonymous_history": "session", "profile_names": "fill_empty", **changed}


def test_a_form_opened_before_somebody_else_saved_takes_nothing_back_unseen() -> None:
    client, address = staff("view_identitypolicy", "change_identitypolicy"), url("identity-policy")
    given = filled(client, proof_days="60", reason="shorter")
    given |= hidden(client.post(address, {**given, "check": "1"}).content.decode())
    policy.change(values={"silence_days": 30}, actor="user:1")
    late = client.post(address, given)
    assert (late.status_code, policy.current().silence_days, policy.current().proof_days) == (409, 30, 90)
    assert "may have changed hands: saved is 30, this form says 45." in late.content.decode()
    assert client.post(address, {**given, "silence_days": "30", "check": "1"}).status_code == 409
    given |= {"silence_days": "30"} | hidden(client.post(address, {**given, "silence_days": "30"}).content.decode())
    saved = client.post(address, given, follow=True).content.decode()
    assert (policy.current().silence_days, policy.current().proof_days) == (30, 60)
    assert "Changed: Days that a one-time code proves." in saved


def test_what_was_refused_still_stands_on_what_was_seen() -> None:
    client = staff("view_identitypolicy", "change_identitypolicy")
    given = filled(client, region="XX", reason="typed")
    policy.change(values={"silence_days": 30}, actor="user:1")
    refused = client.post(url("identity-policy"), given)
    assert (refused.status_code, hidden(refused.content.decode())["seen"]) == (400, given["seen"])


def test_the_policy_is_read_and_changed_with_permissions_of_its_own() -> None:
    assert staff("view_customer").get(url("identity-policy")).status_code == 403
    assert staff("view_identitypolicy").post(url("identity-policy"), {}).status_code == 403


@pytest.mark.parametrize("name", ["suggestions", "conflicts", "identity-policy"])
def test_nothing_is_shown_without_a_login_or_a_permission(name: str) -> None:
    assert (Client().get(url(name)).status_code, staff().get(url(name)).status_code) == (302, 403)


# --- roles --------------------------------------------------------------------------------------------------------

AGENT = ("view_customer", "view_message")
SUPERVISOR = (*AGENT, "merge_customer", "undo_link", "change_customer", "view_consent", "add_consent")
ADMIN = (*SUPERVISOR, "force_merge", "reveal_identity", "view_identitypolicy", "change_identitypolicy")
PAGES = ("person", "person-timeline", "person-merge", "person-split", "suggestions", "conflicts", "identity-policy")
BUTTONS = ("Merge with", "Split", ">Undo: two people<", ">Keep", ">Reveal<", ">Add the word<")
OPEN = {
    AGENT: ("person", "person-timeline", "suggestions", "conflicts"),
    SUPERVISOR: PAGES[:-1],
    ADMIN: PAGES,
}
SHOWN = {
    AGENT: (),
    SUPERVISOR: ("Merge with", "Split", ">Undo: two people<", ">Keep", ">Add the word<"),
    ADMIN: BUTTONS,
}
ROLES = pytest.mark.parametrize("role", [AGENT, SUPERVISOR, ADMIN], ids=["agent", "supervisor", "admin"])


def somebody() -> Customer:
    """Joined of two, disputed."""
    ann = disputed().customer
    joined(ann, person(2))
    return ann


@ROLES
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_the_roles_that_may(role: tuple[str, ...], name: str) -> None:
    row = somebody() if name.startswith("person") else None
    assert staff(*role).get(url(name, row)).status_code == (200 if name in OPEN[role] else 403)


@ROLES
def test_a_button_is_shown_to_the_roles_that_may(role: tuple[str, ...]) -> None:
    page = text(staff(*role), url("person", somebody()))
    assert tuple(button for button in BUTTONS if button in page) == SHOWN[role]


def test_the_timeline_goes_over_all_channels_page_by_page() -> None:
    ann = make.customer("Ann")
    session = make.receive(make.whatsapp(make.phone(ann)), "<b>first</b>").session
    make.bot_says(session, "second")
    newest, following = customer_lines.page(ann, "", 1)
    older, end = customer_lines.page(ann, following, 1)
    assert ([line.text for line in (*newest, *older)], end) == (["second", "<b>first</b>"], "")
    seen = text(staff("view_customer", "view_message"), url("person-timeline", ann))
    assert "&lt;b&gt;first" in seen and "second" in seen and "46701740635" not in seen

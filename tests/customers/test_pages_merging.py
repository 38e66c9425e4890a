"""Is a merge, once decided, done with: is nobody asked again, and does the ledger say who decided it?"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from customers import previews
from customers.models import Conflict, Distinct, Link, MatchSuggestion
from tests.customers.test_merging import join
from tests.customers.test_pages_people import alike, hidden, joined, person, staff, text, url

pytestmark = pytest.mark.django_db


def test_who_left_what_holds_by_itself_is_not_asked_again_and_who_said_nothing_is() -> None:
    ann, lee, client = person(1, "Ann"), person(2, "Lee"), staff("view_customer", "merge_customer")
    kept = previews.preview(ann, lee).fields[0].kept
    page = text(client, url("person-merge", ann, **{"with": str(lee.public_id)}))
    client.post(url("person-merge", ann), {**hidden(page), "pick-0": kept})
    assert not Conflict.objects.open().exists() and not ann.attributes.get().has_conflict
    bob, bo = person(3, "Bob"), person(4, "Bo")
    page = text(client, url("person-merge", bob, **{"with": str(bo.public_id)}))
    client.post(url("person-merge", bob), hidden(page))
    assert Conflict.objects.open().get().subject == "name"


def test_the_ledger_names_who_decided_and_leads_to_the_people() -> None:
    ann, lee = person(1, "Ann"), person(2, "Lee")
    boss = User.objects.create_superuser("boss", first_name="Bea", last_name="Boss")
    join(ann, lee, actor=f"user:{boss.pk}")
    office = Client()
    office.force_login(boss)
    page = text(office, reverse("admin:customers_mergeevent_changelist"))
    assert url("person", lee) in page and "Bea Boss" in page and f"[{ann.pk}" not in page


def test_undo_right_after_a_merge_by_hand_leaves_nothing_of_it() -> None:
    found, boss = alike(), staff("view_customer", "merge_customer", "undo_link")
    page = text(boss, url("person-merge", found.a, **{"with": str(found.b.public_id)}))
    landed = boss.post(url("person-merge", found.a), hidden(page))["Location"]
    assert MatchSuggestion.objects.get().status == "accepted"
    offered = text(boss, landed).partition("Two customers were joined here")[0]
    boss.post(url("link-undo", Link.objects.get()), {"apart": hidden(offered)["apart"]})
    assert not Distinct.objects.exists() and not Link.objects.live().exists()
    assert MatchSuggestion.objects.get().status == "open"


def test_undo_beside_an_old_link_says_that_they_are_two_people_and_does_so() -> None:
    link, boss = joined(person(1), person(2)), staff("view_customer", "undo_link")
    assert ">Undo: two people</button>" in text(boss, url("person", link.a))
    boss.post(url("link-undo", link))
    assert Distinct.objects.exists()

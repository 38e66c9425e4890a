"""Is a join that is taken back at the desk only taken back, and a link that is undone a parting?"""

from __future__ import annotations

import pytest
from django.test import Client

from conversations.models import Conversation
from customers import merging, suggestions
from customers.models import Distinct, Link, MatchSuggestion
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.test_person import act, alike, joined, may, panel

pytestmark = pytest.mark.django_db
OFFER = "May be the same"


@pytest.fixture
def thread(sales: Queue, ana: Agent) -> Conversation:
    """Maya, on WhatsApp, with Ana, who may join and part."""
    may(ana, "merge_customer", "undo_link")
    return make.give(make.waiting_in(sales), ana)


def test_who_takes_a_join_back_is_asked_again(desk: Client, thread: Conversation) -> None:
    found = alike(thread)
    suggestions.propose(one=thread.customer, other=found.b, by="user:7", note="The same voice")
    undo = act(desk, thread, f"matches/{found.public_id}/accept").json()["undo"]
    assert OFFER not in panel(desk, thread)
    desk.post(undo, headers={"Accept": "application/json"})
    assert OFFER in panel(desk, thread) and not Distinct.objects.exists()
    assert MatchSuggestion.objects.get().note == "The same voice"
    assert act(desk, thread, f"matches/{found.public_id}/accept").status_code == 200


def test_who_undoes_a_link_that_no_suggestion_made_has_parted_them(desk: Client, thread: Conversation) -> None:
    link = joined(thread.customer, make.customer("Maya L."))
    assert act(desk, thread, f"links/{link.public_id}/undo").status_code == 200
    assert Distinct.objects.count() == 1


def test_while_another_link_joins_them_nobody_is_asked(desk: Client, thread: Conversation) -> None:
    found = alike(thread)
    act(desk, thread, f"matches/{found.public_id}/accept")
    accepted = Link.objects.get()
    merging.merge(a=found.a, b=found.b, kind="manual", rule="by_hand", actor="user:1", request_id="also")
    act(desk, thread, f"links/{accepted.public_id}/undo")
    assert MatchSuggestion.objects.get().status == "accepted" and OFFER not in panel(desk, thread)

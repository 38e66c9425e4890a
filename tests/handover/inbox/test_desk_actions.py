"""What do the desk's dialogs ask, do and refuse?"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from conversations.models import Conversation
from handover import desk as verbs
from handover.inbox import staff
from handover.models import Agent, Disposition, Queue, Tag
from tests import factories as make
from tests.handover.inbox.cast import client_of
from tests.handover.inbox.test_actions import act

pytestmark = pytest.mark.django_db
DIALOGS = ("assign", "escalate", "park", "topics")


@pytest.fixture
def hers(ana: Agent, sales: Queue) -> Conversation:
    return make.give(make.waiting_in(sales), ana)


def ask(client: Client, conversation: Conversation, name: str) -> Any:
    return client.get(f"/inbox/c/{conversation.public_id}/ask/{name}", headers={"X-Inbox-Pane": "dialog"})


def to(agent: Agent) -> str:
    return f"agent:{staff.ref(agent.pk)}"


@pytest.mark.parametrize("name", DIALOGS)
def test_each_dialog_opens_for_who_sees_it_and_for_nobody_else(
    desk: Client, ben: Agent, hers: Conversation, name: str
) -> None:
    assert ask(desk, hers, name).status_code == 200
    assert b"<html" in desk.get(f"/inbox/c/{hers.public_id}/ask/{name}").content
    assert ask(client_of(ben), hers, name).status_code == 404


def test_there_is_no_other_dialog(desk: Client, hers: Conversation) -> None:
    assert ask(desk, hers, "erase").status_code == 404


def test_assigning_to_oneself_takes_it(desk: Client, ana: Agent, sales: Queue) -> None:
    waiting = make.waiting_in(sales)
    assert act(desk, waiting, "assign", to="me").json()["said"] == "It is yours."
    waiting.refresh_from_db()
    assert waiting.owner_id == ana.pk


@pytest.mark.parametrize(
    ("status", "is_seen", "word"),
    [("online", True, "0 of 6"), ("busy", True, "Busy"), ("away", True, "Away"), ("online", False, "Offline")],
)
def test_a_colleague_is_called_there_as_on_the_board(
    desk: Client, sales: Queue, hers: Conversation, status: str, is_seen: bool, word: str
) -> None:
    tom = make.agent("Tom Berg", queues=(sales,))
    Agent.objects.filter(pk=tom.pk).update(manual_status=status, **({} if is_seen else {"last_seen_at": None}))
    shown = ask(desk, hers, "assign").content.decode()
    assert f"{word} · Sales" in re.split("<label", shown.partition("Tom Berg</bdi>")[2])[0]


def test_a_queue_of_others_takes_it_out_of_sight(desk: Client, ben: Agent, hers: Conversation) -> None:
    answer = act(desk, hers, "assign", to="queue:support", note="A question of theirs")
    assert answer.json() == {"ok": True, "said": "It waits in Support.", "gone": True}


def test_without_a_note_or_a_target_nothing_moves(desk: Client, ana: Agent, hers: Conversation, support: Queue) -> None:
    assert act(desk, hers, "assign", to="queue:support").json()["code"] == "note_missing"
    assert act(desk, hers, "assign", to="queue:nowhere", note="x").status_code == 400
    hers.refresh_from_db()
    assert hers.owner_id == ana.pk


def test_a_colleague_is_asked_first(desk: Client, ben: Agent, ana: Agent, hers: Conversation) -> None:
    assert act(desk, hers, "assign", to=to(ben), note="You know this").json()["said"] == "Ben Okafor is asked."
    hers.refresh_from_db()
    assert (hers.owner_id, hers.reservations.get().agent_id) == (ana.pk, ben.pk)
    head = desk.get(f"/inbox/c/{hers.public_id}/", headers={"X-Inbox-Pane": "head"}).content.decode()
    assert "Ben Okafor is asked to take it" in head


def test_only_a_supervisor_assigns_at_once(desk: Client, ben: Agent, chloe: Agent, hers: Conversation) -> None:
    form = {"to": to(ben), "note": "Please", "at_once": "1"}
    assert act(desk, hers, "assign", **form).json()["code"] == "not_leading"
    assert act(client_of(chloe), hers, "assign", **form).status_code == 200
    hers.refresh_from_db()
    assert hers.owner_id == ben.pk


def test_what_was_refused_at_once_is_not_taken_for_done(desk: Client, ben: Agent, hers: Conversation) -> None:
    form = {"note": "Please", "client_id": "01890000-0000-7000-8000-000000000001"}
    assert act(desk, hers, "assign", to=to(ben), at_once="1", **form).status_code == 403
    assert not hers.notes.exists()
    assert act(desk, hers, "assign", to="queue:support", **form).json()["said"] == "It waits in Support."
    hers.refresh_from_db()
    assert (hers.owner_kind, hers.notes.count()) == ("queue", 1)


def test_a_dialog_sent_again_says_what_became_of_it(ben: Agent, sales: Queue, support: Queue) -> None:
    Queue.objects.filter(pk=sales.pk).update(fallback=support)
    tom = make.agent("Tom Hardy", queues=(sales, support))
    hers, page = make.give(make.waiting_in(sales), tom), client_of(tom)
    form = {"reason": "expertise", "note": "Please", "client_id": "01890000-0000-7000-8000-000000000002"}
    assert act(page, hers, "escalate", **form).json()["said"] == "It waits in Support."
    verbs.claim(conversation_id=hers.pk, agent=ben)
    assert act(page, hers, "escalate", **form).json()["said"] == "It is on Ben Okafor's desk."
    verbs.close(conversation_id=hers.pk, agent=ben)
    again = act(page, hers, "escalate", **form)
    assert (again.status_code, again.json().get("said", "")) == (200, "")


@pytest.mark.parametrize(
    ("verb", "more"), [("assign", {"to": "queue:support"}), ("escalate", {"to": "queue:support", "reason": "other"})]
)
def test_what_left_ones_sight_and_is_sent_again_was_done(
    desk: Client, chloe: Agent, support: Queue, hers: Conversation, verb: str, more: dict[str, str]
) -> None:
    form = {**more, "note": "Please", "client_id": "01890000-0000-7000-8000-000000000003"}
    assert act(desk, hers, verb, **form).json()["gone"]
    again = act(desk, hers, verb, **form)
    assert (again.status_code, again.json()) == (200, {"ok": True, "said": "", "gone": True})
    assert desk.post(f"/inbox/c/{hers.public_id}/{verb}", form).headers["Location"] == "/inbox/"
    other = {**form, "client_id": "01890000-0000-7000-8000-000000000004"}
    assert [act(desk, hers, verb, **other).status_code, act(client_of(chloe), hers, verb, **form).status_code] == [
        404
    ] * 2
    assert hers.notes.count() == 1


def test_a_script_reads_of_what_is_not_there_in_json(desk: Client, support: Queue) -> None:
    foreign = make.waiting_in(support)
    answer = act(desk, foreign, "assign", to="me", client_id="\0")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"
    assert "html" in desk.get(f"/inbox/c/{foreign.public_id}/").headers["Content-Type"]


def test_a_supervisor_takes_over_and_an_agent_does_not(
    desk: Client, chloe: Agent, hers: Conversation, sales: Queue
) -> None:
    tom = make.agent("Tom Hardy", queues=(sales,))
    assert act(client_of(tom), hers, "barge-in").status_code == 403
    assert act(client_of(chloe), hers, "barge-in").status_code == 200
    hers.refresh_from_db()
    assert hers.owner_id == chloe.pk


def test_an_escalation_says_why(desk: Client, hers: Conversation) -> None:
    assert act(desk, hers, "escalate", reason="because", note="x").status_code == 400
    answer = act(desk, hers, "escalate", reason="complaint", note="Third time this week")
    assert "Sales" in answer.json()["said"]


@pytest.mark.parametrize(("until", "is_set"), [("reply", False), ("1h", True), ("tomorrow", True), ("monday", True)])
def test_parked_until(desk: Client, hers: Conversation, until: str, is_set: bool) -> None:
    assert act(desk, hers, "park", until=until, zone="Europe/Madrid", reason="Invoice").status_code == 200
    hers.refresh_from_db()
    assert (hers.state, hers.parked_until is not None) == ("parked", is_set)


def test_an_old_page_does_not_move_what_is_parked(desk: Client, ana: Agent, hers: Conversation) -> None:
    seen = {"until": "reply", "reason": "Invoice", "seen_epoch": hers.owner_epoch}
    assert act(desk, hers, "park", **seen).status_code == 200
    hers.refresh_from_db()
    assert act(desk, hers, "park", **seen).status_code == 200
    for late in ({**seen, "until": "1h"}, {"until": "3h"}):
        assert act(desk, hers, "park", **late).json()["code"] == "already_parked"
    parked = Conversation.objects.get(pk=hers.pk)
    assert (parked.owner_epoch, parked.parked_until) == (hers.owner_epoch, None)
    assert b'name="seen_epoch"' in ask(desk, hers, "park").content


def test_a_day_of_ones_own_is_read_in_ones_own_zone(desk: Client, hers: Conversation) -> None:
    assert act(desk, hers, "park", until="at").status_code == 400
    late = act(desk, hers, "park", until="at", at="2020-01-01T09:00", zone="Europe/Madrid")
    assert late.json()["code"] == "bad_time"


def test_topics_and_outcome_after_the_closing(desk: Client, hers: Conversation) -> None:
    Tag.objects.create(key="delivery", title="Delivery")
    Disposition.objects.create(key="solved", title="Solved")
    act(desk, hers, "close")
    head = desk.get(f"/inbox/c/{hers.public_id}/", headers={"X-Inbox-Pane": "head"}).content.decode()
    assert "Wrap-up" in head
    assert act(desk, hers, "topics", tags="delivery", disposition="solved").status_code == 200
    assert hers.wrap_ups.filter(disposition__key="solved").exists()
    assert [one.tag.key for one in hers.tags.all()] == ["delivery"]


def test_closed_is_opened_again(desk: Client, ana: Agent, hers: Conversation) -> None:
    act(desk, hers, "close")
    assert act(desk, hers, "reopen").status_code == 200
    hers.refresh_from_db()
    assert (hers.state, hers.owner_id) == ("open", ana.pk)

"""Does the board say how the teams stand, to whoever leads them, at a price that does not grow with who waits?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common import clock
from conversations.models import Conversation
from handover import board, holding
from handover.board import Picture, QueueLine, leads, scores, staffing
from handover.models import Agent, Queue, Rating, SlaClock, SlaPolicy
from handover.timing import returning
from tests import factories as make
from tests.handover.inbox.conftest import ana, ben, chloe, sales, support

__all__ = ["ana", "ben", "chloe", "sales", "support"]
pytestmark = pytest.mark.django_db


def seen_by(agent: Agent) -> Picture:
    return board.cut(board.read(), leads.of(agent))


def line_of(queue: Queue) -> QueueLine:
    return next(line for line in board.read().queues if line.pk == queue.pk)


def promise(conversation: Conversation, **fields: Any) -> SlaClock:
    policy, _ = SlaPolicy.objects.get_or_create(title="Quick", defaults={"first_minutes": 5})
    now = clock.now()
    due = {"kind": "first", "due_at": now + timedelta(minutes=5), **fields}
    return SlaClock.objects.create(conversation=conversation, policy=policy, minutes=5, started_at=now, **due)


def rate(conversation: Conversation, agent: Agent, queue: Queue, score: int | None, *, days: float = 1) -> Rating:
    at = clock.now() - timedelta(days=days)
    return Rating.objects.create(
        conversation=conversation,
        customer_id=conversation.customer_id,
        session=conversation.sessions.get(),
        agent=agent,
        queue=queue,
        score=score,
        asked_at=at,
        answered_at=at if score else None,
        closes_at=at + timedelta(days=1),
    )


def test_a_queue_says_how_many_wait_and_since_when(sales: Queue, ana: Agent) -> None:
    first, _ = make.waiting_in(sales), make.waiting_in(sales)
    asked = make.waiting_in(sales)
    Conversation.objects.filter(pk=asked.pk).update(mode="ticket")
    Conversation.objects.filter(pk=first.pk).update(queued_at=clock.now() - timedelta(minutes=9))
    line = line_of(sales)
    assert (line.waiting, line.tickets, line.online, line.members, line.room) == (2, 1, 1, 1, 6.0)
    assert line.since is not None and clock.now() - line.since >= timedelta(minutes=9)


def test_a_queue_where_nobody_is_stands_out(sales: Queue, ana: Agent) -> None:
    make.waiting_in(sales)
    Agent.objects.update(last_seen_at=clock.now() - timedelta(minutes=5))
    assert line_of(sales).is_alone


def test_a_conversation_counts_once_at_its_worst_promise(sales: Queue) -> None:
    late, near, paused = make.waiting_in(sales), make.waiting_in(sales), make.waiting_in(sales)
    now = clock.now()
    promise(late, warned_at=now, breached_at=now, due_at=now - timedelta(minutes=1))
    promise(near, warned_at=now)
    promise(paused, warned_at=now, due_at=None, left_seconds=20)
    line = line_of(sales)
    assert (line.near, line.over) == (1, 1)


def test_an_agent_says_what_they_carry_and_for_whom(sales: Queue, ana: Agent) -> None:
    make.give(make.waiting_in(sales), ana)
    answered = make.give(make.waiting_in(sales), ana)
    Conversation.objects.filter(pk=answered.pk).update(waiting_on="customer")
    [line] = board.read().agents
    assert (line.presence, line.open, line.waiting, line.load, line.room) == ("online", 2, 1, 2.0, 4.0)
    assert line.since is not None


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"manual_status": "busy"}, "busy"),
        ({"manual_status": "away"}, "away"),
        ({"last_seen_at": None}, "offline"),
        ({"manual_status": "busy", "last_seen_at": None}, "offline"),
    ],
)
def test_presence_is_the_agents_word_while_a_window_is_open(ana: Agent, fields: dict[str, Any], shown: str) -> None:
    Agent.objects.update(**fields)
    ana.refresh_from_db()
    assert staffing.seen_as(ana, clock.now()) == shown


@pytest.mark.parametrize("fields", [{"is_draining": True}, {"not_responding_at": clock.now()}])
def test_who_gets_nothing_new_has_no_room(ana: Agent, fields: dict[str, Any]) -> None:
    Agent.objects.update(**fields)
    [line] = board.read().agents
    assert (line.takes_work, line.room) == (False, 0.0)


def test_a_call_is_an_alarm_until_somebody_answers(sales: Queue, ana: Agent) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    returning.call_supervisor(holding.scene_of(conversation.pk), cause="unanswered")
    [alarm] = board.read().alarms
    assert (alarm.kind, alarm.conversation, alarm.agent_id) == ("called", conversation.public_id, ana.pk)
    Conversation.objects.update(last_agent_at=clock.now() + timedelta(seconds=1))
    assert board.read().alarms == ()


def test_an_agent_who_let_two_offers_pass_is_an_alarm_and_one_is_none(ana: Agent) -> None:
    Agent.objects.update(missed_offers=1, not_responding_at=clock.now())
    assert board.read().alarms == ()
    Agent.objects.update(missed_offers=2)
    assert [(one.kind, one.agent_id) for one in board.read().alarms] == [("silent", ana.pk)]


def test_of_each_queue_only_the_worst_broken_promises_are_named(sales: Queue) -> None:
    now = clock.now()
    for minutes in range(7):
        promise(make.waiting_in(sales), breached_at=now, due_at=now - timedelta(minutes=minutes))
    late = board.read().alarms
    assert len(late) == 5
    assert min(one.at for one in late) == now - timedelta(minutes=6)


def test_a_conversation_with_two_broken_promises_is_named_once(sales: Queue) -> None:
    late, now = make.waiting_in(sales), clock.now()
    promise(late, breached_at=now, due_at=now - timedelta(minutes=1))
    promise(late, kind="resolution", breached_at=now, due_at=now - timedelta(minutes=9))
    [alarm] = board.read().alarms
    assert alarm.at == now - timedelta(minutes=9)


def test_a_supervisor_sees_their_own_queues_only(sales: Queue, support: Queue, chloe: Agent, ben: Agent) -> None:
    now = clock.now()
    promise(make.waiting_in(support), breached_at=now, due_at=now)
    seen = seen_by(chloe)
    assert [line.key for line in seen.queues] == ["sales"]
    assert (ben.pk in {line.pk for line in seen.agents}, seen.alarms) == (False, ())


def test_an_agent_leads_nothing(ana: Agent, sales: Queue) -> None:
    assert not leads.of(ana)
    assert leads.of_all([ana.pk]) == {}


def test_an_administrator_leads_everything(ben: Agent, sales: Queue, support: Queue) -> None:
    ben.user.is_superuser = True
    ben.user.save(update_fields=["is_superuser"])
    assert [line.key for line in seen_by(ben).queues] == ["sales", "support"]
    assert leads.of_all([ben.pk])[ben.pk].is_all


def test_the_price_does_not_grow_with_who_waits(sales: Queue, ana: Agent, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        promise(make.waiting_in(sales), breached_at=clock.now())
    with django_assert_num_queries(8):
        board.read()


def test_scores_are_of_a_week_and_a_month_by_queue_and_agent(sales: Queue, ana: Agent, chloe: Agent) -> None:
    for score, days in ((5, 1), (2, 20), (None, 2), (1, 40)):
        rate(make.waiting_in(sales), ana, sales, score, days=days)
    everything, queue, agent = scores.read(leads.of(chloe), clock.now())
    assert (queue.title, agent.title) == ("Sales", "Ana Sousa")
    assert (queue.week.asked, queue.week.answered, queue.week.mean, queue.week.rate) == (2, 1, 5.0, 50)
    assert (everything.month.asked, everything.month.mean, agent.month.rate) == (3, 3.5, 67)


def test_scores_of_another_queue_are_not_told(support: Queue, ben: Agent, chloe: Agent) -> None:
    rate(make.waiting_in(support), ben, support, 5)
    assert scores.read(leads.of(chloe), clock.now()) == []
    assert not scores.ratings(leads.of(chloe)).exists()

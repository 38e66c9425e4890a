"""Is one thing done to many conversations, each by its own verb, and taken back while there is time?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations.models import Conversation
from handover import bulk, seeing
from handover.models import Agent, BulkAction, Note, Queue, SeenMark, Tag
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def three(sales: Queue) -> list[Conversation]:
    """They wait in sales."""
    return [make.waiting_in(sales, name=f"Person {number}") for number in range(3)]


def done(by: Agent, verb: str, rows: list[Conversation], **options: object) -> BulkAction:
    return bulk.start(agent=by, verb=verb, options=options, ids=[row.public_id for row in rows])


def states(rows: list[Conversation]) -> list[tuple[str, str]]:
    found = Conversation.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return list(found.values_list("owner_kind", "state"))


def test_many_are_taken_and_given_back(ana: Agent, three: list[Conversation]) -> None:
    action = done(ana, "assign", three)
    assert action.status == "done"
    assert states(three) == [("agent", "open")] * 3
    assert bulk.kept(bulk.undo(action=action, agent=ana)) == {}
    assert states(three) == [("queue", "open")] * 3


@pytest.mark.parametrize(("verb", "after"), [("park", ("agent", "parked")), ("close", ("bot", "closed"))])
def test_what_was_parked_or_closed_comes_back(ana: Agent, three: list[Conversation], verb: str, after: object) -> None:
    done(ana, "assign", three)
    action = done(ana, verb, three)
    assert states(three) == [after] * 3
    assert bulk.kept(bulk.undo(action=action, agent=ana)) == {}
    assert states(three) == [("agent", "open")] * 3


@pytest.mark.parametrize("verb", ["park", "close"])
def test_what_has_not_been_seen_is_neither_parked_nor_closed(ana: Agent, three: list[Conversation], verb: str) -> None:
    done(ana, "assign", three)
    seen = {str(row.public_id): number for row, number in zip(three, (1, 99, 99), strict=True)}
    action = done(ana, verb, three, seen=seen)
    assert action.refused == {str(three[0].public_id): "unseen_messages"}
    assert states(three)[0] == ("agent", "open") and ("agent", "open") not in states(three)[1:]


def test_a_topic_is_given_and_what_others_gave_stays(ana: Agent, three: list[Conversation]) -> None:
    Tag.objects.create(key="refund", title="Refund")
    action = done(ana, "tag", three, tag="refund")
    assert [row.tags.count() for row in three] == [1, 1, 1]
    assert done(ana, "tag", three, tag="refund").before[str(three[0].public_id)] is None
    bulk.undo(action=action, agent=ana)
    assert [row.tags.count() for row in three] == [0, 0, 0]


def test_marks_go_forward_and_back(ana: Agent, three: list[Conversation]) -> None:
    action = done(ana, "read", three)
    assert not Conversation.objects.filter(seeing.is_unread(ana)).exists()
    bulk.undo(action=action, agent=ana)
    assert Conversation.objects.filter(seeing.is_unread(ana)).count() == 3
    assert set(SeenMark.objects.values_list("seq", flat=True)) == {0}


def test_a_refusal_of_one_undoes_nothing_of_the_others(ana: Agent, sales: Queue, three: list[Conversation]) -> None:
    make.give(three[1], make.agent("Ben Okafor", queues=(sales,)))
    action = done(ana, "assign", three)
    assert action.refused == {str(three[1].public_id): "already_taken"}
    assert set(action.before) == {str(three[0].public_id), str(three[2].public_id)}


def test_what_may_not_be_seen_is_not_there(three: list[Conversation]) -> None:
    stranger = make.agent("Eve Nobody", queues=(make.queue("support"),))
    action = done(stranger, "close", three)
    assert set(action.refused.values()) == {"not_found"}
    assert states(three) == [("queue", "open")] * 3


def test_what_somebody_did_since_is_not_taken_back(ana: Agent, three: list[Conversation]) -> None:
    action = done(ana, "assign", three)
    make.give(three[0], make.agent("Ben Okafor"))
    assert bulk.kept(bulk.undo(action=action, agent=ana)) == {str(three[0].public_id): "owner_moved"}


def test_after_half_a_minute_and_twice_nothing_is_taken_back(ana: Agent, three: list[Conversation]) -> None:
    action = done(ana, "assign", three)
    BulkAction.objects.update(done_at=clock.now() - bulk.UNDO_FOR - timedelta(seconds=1))
    with pytest.raises(bulk.TooLate):
        bulk.undo(action=action, agent=ana)
    BulkAction.objects.update(done_at=clock.now(), status="undone")
    with pytest.raises(bulk.TooLate):
        bulk.undo(action=action, agent=ana)


def test_more_than_a_hundred_are_left_to_a_worker_who_does_each_once(
    ana: Agent, three: list[Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    action = done(ana, "assign", three)
    assert action.status == "pending" and states(three) == [("queue", "open")] * 3
    assert bulk.sweep() == 1
    assert bulk.sweep() == 0
    assert states(three) == [("agent", "open")] * 3


def test_an_action_whose_worker_died_goes_on_after_a_minute(
    ana: Agent, three: list[Conversation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    action = done(ana, "assign", three)
    BulkAction.objects.update(done_at=clock.now(), refused={str(three[0].public_id): "not_yours"})
    assert bulk.sweep() == 0
    BulkAction.objects.update(done_at=clock.now() - bulk.LEASE * 2)
    assert bulk.sweep() == 1
    action.refresh_from_db()
    assert states(three) == [("queue", "open"), ("agent", "open"), ("agent", "open")]


def test_what_another_worker_has_done_meanwhile_is_not_done_again(ana: Agent, three: list[Conversation]) -> None:
    Tag.objects.create(key="refund", title="Refund")
    action = done(ana, "tag", three, tag="refund")
    BulkAction.objects.update(status="pending", refused={})
    stale = BulkAction.objects.select_related("agent__user").get(pk=action.pk)
    three[0].tags.all().delete()
    bulk._one(stale, str(three[0].public_id), three[0])
    assert three[0].tags.count() == 0
    assert BulkAction.objects.get().before == action.before


@pytest.mark.parametrize(("verb", "options"), [("explode", {}), ("tag", {})])
def test_what_cannot_be_done_is_refused_whole(
    ana: Agent, three: list[Conversation], verb: str, options: dict[str, str]
) -> None:
    with pytest.raises(bulk.BadBulk):
        done(ana, verb, three, **options)
    with pytest.raises(bulk.BadBulk):
        done(ana, "close", [])


def test_words_that_came_while_one_chose_are_not_passed_over(ana: Agent, three: list[Conversation]) -> None:
    done(ana, "assign", three)
    seen = {str(row.public_id): Conversation.objects.get(pk=row.pk).head_seq for row in three}
    make.receive(make.whatsapp(three[0].sessions.get().identity), "One more thing")
    action = done(ana, "close", three, seen=seen)
    assert action.refused == {str(three[0].public_id): "unseen_messages"} and len(action.before) == 2
    assert done(ana, "close", three[:1]).refused == {}  # anyway


def test_the_note_of_those_who_pass_many_on_stands_in_each_also_when_they_lead(
    sales: Queue, three: list[Conversation]
) -> None:
    chloe = make.agent("Chloe Martin", supervises=(sales,))
    ben = make.agent("Ben Okoye", queues=(sales,))
    action = done(chloe, "assign", three, agent=ben.pk, note="Fair orders, please call them.")
    assert action.refused == {}
    assert [note.text for note in Note.objects.filter(kind="note")] == ["Fair orders, please call them."] * 3

"""What does a macro do? What it says before, step by step, and no further than the first refusal."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from conversations.models import Conversation, Message
from handover import desk, macros
from handover.macros import Outcome
from handover.models import Agent, Macro, Note, Queue, Tag
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def waiting(sales: Queue) -> Conversation:
    return make.waiting_in(sales, name="Maya Lindqvist")


PASSED_ON = {"do": "transfer", "queue": "support", "text": "Yours"}
THANKS = {"do": "reply", "text": "Thank you, {{customer.first_name}}"}


def run(conversation: Conversation, agent: Agent, *actions: object, **options: object) -> list[Outcome]:
    macro = Macro.objects.create(title="Thanks", actions=list(actions))
    return macros.run(
        macro=macro,
        conversation=conversation,
        agent=agent,
        **{"client_id": uuid4(), **options},  # type: ignore[arg-type]  # a test's options
    )


def states(outcomes: list[Outcome]) -> list[str]:
    return [outcome.state for outcome in outcomes]


def test_nothing_happens_before_it_is_run(ana: Agent, waiting: Conversation) -> None:
    macro = Macro.objects.create(title="Thanks", actions=[THANKS, {"do": "close"}])
    planned = macros.steps(macro=macro, conversation=waiting, agent=ana)
    assert [(step.title, step.text) for step in planned] == [
        ("Reply to the customer", "Thank you, Maya"),
        ("Close", ""),
    ]
    waiting.refresh_from_db()
    assert (waiting.owner_kind, waiting.state) == ("queue", "open")


def test_every_step_is_done_by_its_verb(ana: Agent, waiting: Conversation) -> None:
    Tag.objects.create(key="refund", title="Refund")
    note = {"do": "note", "text": "Wants a refund"}
    assert states(run(waiting, ana, note, {"do": "tag", "tag": "refund"}, THANKS, {"do": "close"})) == ["done"] * 4
    waiting.refresh_from_db()
    assert (waiting.state, waiting.tags.get().tag.key) == ("closed", "refund")
    assert Note.objects.get(kind="note").text == "Wants a refund"


def test_parking_and_passing_on(ana: Agent, waiting: Conversation) -> None:
    support = make.queue("support")
    assert states(run(waiting, ana, THANKS, {"do": "park", "hours": 168})) == ["done", "done"]
    waiting.refresh_from_db()
    assert waiting.state == "parked"
    desk.unpark(conversation_id=waiting.pk, agent=ana)
    assert states(run(waiting, ana, {"do": "transfer", "queue": "support", "text": "Yours"})) == ["done"]
    waiting.refresh_from_db()
    assert (waiting.owner_kind, waiting.owner_id) == ("queue", support.pk)


def test_a_refusal_ends_it_and_what_was_done_stays(ana: Agent, sales: Queue, waiting: Conversation) -> None:
    make.give(waiting, make.agent("Ben Okafor", queues=(sales,)))
    outcomes = run(waiting, ana, {"do": "note", "text": "Seen"}, THANKS, {"do": "close"})
    assert states(outcomes) == ["done", "refused", "left"]
    assert outcomes[1].refusal is not None and outcomes[1].refusal.code == "already_taken"
    assert not Message.objects.filter(author="agent").exists()


def test_an_unseen_message_stops_it(ana: Agent, waiting: Conversation) -> None:
    assert states(run(waiting, ana, THANKS, {"do": "close"}, seen_seq=1)) == ["refused", "left"]


def test_an_unseen_message_parks_nothing(ana: Agent, waiting: Conversation) -> None:
    make.give(waiting, ana)
    assert states(run(waiting, ana, {"do": "park", "hours": 2}, seen_seq=1)) == ["refused"]
    waiting.refresh_from_db()
    assert waiting.state == "open"
    assert states(run(waiting, ana, {"do": "park", "hours": 2}, seen_seq=waiting.head_seq)) == ["done"]


def test_the_same_run_again_says_nothing_twice(ana: Agent, waiting: Conversation) -> None:
    once = uuid4()
    for _ in range(2):
        run(waiting, ana, THANKS, client_id=once)
    assert Message.objects.filter(author="agent").count() == 1


def test_the_same_run_again_parks_nothing_anew(ana: Agent, waiting: Conversation) -> None:
    once, seen = uuid4(), waiting.owner_epoch
    steps = (THANKS, {"do": "park", "hours": 24})
    assert states(run(waiting, ana, *steps, client_id=once, seen_epoch=seen)) == ["done", "done"]
    waiting.refresh_from_db()
    again = run(waiting, ana, *steps, client_id=once, seen_epoch=seen)
    assert again[1].refusal is not None and again[1].refusal.code == "already_parked"
    assert Conversation.objects.get(pk=waiting.pk).owner_epoch == waiting.owner_epoch


@pytest.mark.parametrize("done", [1, 2])
def test_the_same_run_at_the_same_time_is_answered_alike(
    ana: Agent, waiting: Conversation, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    """The second has done so many steps when the first one comes to its end."""
    make.queue("support")
    Tag.objects.create(key="refund", title="Refund")
    steps = ({"do": "note", "text": "Seen"}, {"do": "tag", "tag": "refund"}, PASSED_ON)
    once, honest, asked = uuid4(), macros._do, []

    def do(step: macros.Step, act: Any) -> Outcome:
        asked.append(step)
        if len(asked) == done + 1:
            assert states(run(waiting, ana, *steps, client_id=once)) == ["done"] * 3
        return honest(step, act)

    monkeypatch.setattr(macros, "_do", do)
    assert states(run(waiting, ana, *steps, client_id=once)) == ["done"] * 3
    assert [note.text for note in Note.objects.filter(kind="note").order_by("pk")] == ["Seen", "Yours"]


def test_what_is_not_there_any_more_is_refused(ana: Agent, waiting: Conversation) -> None:
    outcomes = run(waiting, ana, {"do": "transfer", "queue": "gone", "text": "x"}, {"do": "dance"})
    assert states(outcomes) == ["refused", "left"]


@pytest.mark.parametrize(
    "action",
    [
        {},
        {"do": "dance"},
        {"do": "reply", "text": " "},
        {"do": "tag", "tag": "none"},
        {"do": "park", "hours": 999},
        {"do": "transfer", "queue": "none", "text": "x"},
        {"do": "reply", "text": "{{settings.SECRET_KEY}}"},
        {"do": "reply", "text": "y" * 4001},
        {"do": "note", "text": ["x"]},
        {"do": "park", "hours": True},
        {"do": "park", "hours": 5, "tag": "refund"},
        {"do": ["park"]},
    ],
)
def test_what_could_not_be_done_is_not_kept(db: None, action: dict[str, object]) -> None:
    assert macros.flaw([action])
    assert macros.flaw([])
    assert not macros.flaw([{"do": "close"}])


def test_what_was_kept_before_it_was_looked_at_so_closely_fails_nobody(ana: Agent, waiting: Conversation) -> None:
    assert states(run(waiting, ana, THANKS, {"do": "park", "hours": True})) == ["done", "refused"]
    assert states(run(waiting, ana, {"do": "park", "hours": 5, "tag": "refund"})) == ["done"]


def test_a_topic_of_a_macro_leaves_what_is_there(ana: Agent, waiting: Conversation) -> None:
    for key in ("refund", "late"):
        Tag.objects.create(key=key, title=key)
        assert states(run(waiting, ana, {"do": "tag", "tag": key})) == ["done"]
    assert set(waiting.tags.values_list("tag__key", flat=True)) == {"refund", "late"}

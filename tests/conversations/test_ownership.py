"""Who speaks? One compare-and-set on epoch, state and owner, with its event."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from conversations import ownership
from conversations.models import Conversation
from handover.models import Queue
from tests import factories

pytestmark = pytest.mark.django_db
Owner, State = Conversation.Owner, Conversation.State


@pytest.fixture
def conversation() -> Conversation:
    _, phone = factories.maya()
    return factories.receive(factories.whatsapp(phone), "hello").conversation


@pytest.fixture
def queue() -> Queue:
    return factories.queue()


def test_a_move_raises_the_epoch_and_tells_from_and_to(conversation: Conversation, queue: Queue) -> None:
    ownership.move(conversation=conversation, seen_epoch=0, to=Owner.QUEUE, owner_id=queue.pk, cause="handover")
    event = conversation.events.get(kind="owner_changed")
    assert (event.epoch, event.data["cause"]) == (1, "handover")
    assert (event.data["from"], event.data["to"]) == ({"kind": "bot", "id": None}, {"kind": "queue", "id": queue.pk})


def test_a_move_on_an_old_epoch_is_refused_and_leaves_no_trace(conversation: Conversation, queue: Queue) -> None:
    with pytest.raises(ownership.OwnerMoved):
        ownership.move(conversation=conversation, seen_epoch=1, to=Owner.QUEUE, owner_id=queue.pk, cause="handover")
    assert not conversation.events.filter(kind="owner_changed").exists()
    assert Conversation.objects.get(pk=conversation.pk).owner_kind == "bot"


@pytest.mark.parametrize("wrong", [{"allowed_owners": (Owner.QUEUE,)}, {"allowed_states": (State.PARKED,)}])
def test_a_move_from_another_owner_or_state_is_refused(
    conversation: Conversation, queue: Queue, wrong: dict[str, tuple[str, ...]]
) -> None:
    with pytest.raises(ownership.OwnerMoved):
        ownership.move(
            conversation=conversation,
            seen_epoch=0,
            to=Owner.QUEUE,
            owner_id=queue.pk,
            cause="x",
            **wrong,  # type: ignore[arg-type]  # wrong on purpose
        )


def test_the_database_refuses_a_bot_with_an_owner_id(conversation: Conversation) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ownership.move(conversation=conversation, seen_epoch=0, to=Owner.BOT, owner_id=3, cause="x")


def test_a_closed_conversation_is_the_bots_and_has_a_time(conversation: Conversation) -> None:
    ownership.move(conversation=conversation, seen_epoch=0, to=Owner.BOT, state=State.CLOSED, cause="close")
    stored = Conversation.objects.get(pk=conversation.pk)
    assert (stored.state, stored.closed_at is not None) == ("closed", True)

"""Which conversations have fallen silent? A day without a word closes them; what waits for us stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from common import clock
from conversations import expiry
from conversations.models import Conversation, Message
from conversations.tasks import expire_sessions
from handover.models import Queue
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24, minutes=1)


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    yield
    clock.shift_by(timedelta)


@pytest.fixture
def queue() -> Queue:
    return factories.queue()


def test_a_silent_one_is_closed_for_the_bot_with_its_sessions_and_without_a_word(queue: Queue) -> None:
    waiting = factories.waiting_in(queue)
    clock.shift_by(lambda: DAY)
    expire_sessions()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.owner_kind, waiting.close_reason) == ("closed", "bot", "expired")
    assert not waiting.sessions.filter(ended_at__isnull=True).exists()
    assert not Message.objects.exclude(author="customer").exists()


def test_one_with_a_recent_word_stays(queue: Queue) -> None:
    factories.waiting_in(queue)
    clock.shift_by(lambda: timedelta(hours=23, minutes=59))
    assert expiry.sweep() == 0


def test_an_agents_word_counts_too(queue: Queue) -> None:
    waiting = factories.waiting_in(queue)
    clock.shift_by(lambda: timedelta(hours=20))
    factories.agent_says(waiting.sessions.get(), "Still looking", factories.agent(queues=(queue,)))
    clock.shift_by(lambda: DAY)
    assert expiry.sweep() == 0


def test_parked_ones_and_tickets_stay(queue: Queue) -> None:
    ana = factories.agent(queues=(queue,))
    factories.give(factories.waiting_in(queue), ana, state="parked")
    factories.give(factories.waiting_in(queue), queue, mode="ticket")
    clock.shift_by(lambda: DAY)
    assert expiry.sweep() == 0


@pytest.mark.scenario("HO-29")
def test_a_message_after_the_time_closes_the_old_one_itself_and_begins_anew(queue: Queue) -> None:
    _, phone = factories.maya()
    old = factories.receive(factories.whatsapp(phone), "hello").conversation
    clock.shift_by(lambda: DAY)
    new = factories.receive(factories.whatsapp(phone), "hello again")
    assert new.is_new_conversation
    assert Conversation.objects.get(pk=old.pk).close_reason == "expired"
    assert expiry.sweep() == 0

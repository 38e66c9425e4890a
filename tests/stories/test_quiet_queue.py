"""Silent in the queue, or long: what do they hear, what becomes of their place, and of the way back to it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from conversations.sessions import Place
from handover.models import Agent, Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person
from tests.stories.test_deadlines import kinds, passes, waits

pytestmark = pytest.mark.django_db

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.mark.scenario("HO-62")
def test_silent_in_the_queue_they_are_warned_and_then_a_journey_asks(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    Queue.objects.update(quiet_minutes=10, quiet_journey="leave_message")
    conversation = waits(maya, phone, sales)
    queued_at = conversation.queued_at
    phone.news()
    passes(later, minutes=9, seconds=1)
    assert "Are you still there?" in phone.news()[-1]
    passes(later, minutes=1)
    found = maya.conversation
    assert (found.owner_kind, found.queued_at) == ("bot", queued_at)
    assert maya.run("leave_message").ended_at is None


@pytest.mark.scenario("HO-62")
def test_who_comes_back_from_it_has_the_place_that_they_had(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    Queue.objects.update(quiet_minutes=10, quiet_journey="leave_message")
    for said in ("hi", "2", "agent", "Maya", "Delivery to the third floor"):
        phone.says(said)
    queued_at = maya.conversation.queued_at
    for minutes in (9, 2):
        passes(later, minutes=minutes)
    assert maya.conversation.owner_kind == "bot" and queued_at is not None
    for said in ("agent", "Maya", "Delivery to the third floor"):
        phone.says(said)
    found = maya.conversation
    assert (found.owner_kind, found.queued_at, found.ranked_at) == ("queue", queued_at, queued_at)


@pytest.mark.scenario("HO-62")
def test_a_message_that_they_leave_then_has_it_as_well(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    Queue.objects.update(quiet_minutes=10, quiet_journey="leave_message")
    queued_at = waits(maya, phone, sales).queued_at
    for minutes in (9, 2):
        passes(later, minutes=minutes)
    phone.says("Please call me")
    assert (maya.conversation.mode, maya.conversation.queued_at) == ("ticket", queued_at)


def test_who_leaves_the_queue_by_their_own_word_begins_anew(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    queued_at = waits(maya, phone, sales).queued_at
    passes(later, minutes=1)
    for said in ("cancel", "agent", "Maya", "Delivery to the third floor"):
        phone.says(said)
    found = maya.conversation
    assert found.owner_kind == "queue" and found.queued_at is not None and queued_at is not None
    assert found.queued_at - queued_at >= timedelta(minutes=1)


@pytest.mark.parametrize(("channel", "times"), [("whatsapp", 3), ("email", 1)])
def test_kept_waiting_for_hours_they_do_not_hear_their_place_more_often(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later, channel: str, times: int
) -> None:
    Queue.objects.update(strategy="manual", max_wait_minutes=5)
    if channel == "email":
        address = factories.identity(maya.customer, "email", "maya@example.com")
        phone = Endpoint(Place(address, "email-demo", "email", (address.pk,), "attested"))
    waits(maya, phone, sales)
    phone.news()
    for _ in range(8):
        passes(later, minutes=5, seconds=1)
    assert phone.news() == ["Thank you for waiting. You are number 1 in the queue."] * times
    assert (maya.conversation.mode, kinds("plan_exhausted")) == ("live", ["plan_exhausted"])

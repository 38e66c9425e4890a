"""What is promised by whom, and until when? The promise of the queue that has it, without the time it stood still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from common import clock
from conversations import expiry
from conversations.content import Text
from conversations.models import Conversation
from handover import desk, routing
from handover.inbox import rows
from handover.models import Agent, Queue, Reservation, SlaClock, SlaPolicy
from handover.routing import offering, offers
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person
from tests.stories.test_deadlines import given, passes, waits

pytestmark = pytest.mark.django_db

Later = Callable[..., None]


def promising(queue: Queue, first: int, resolution: int) -> Queue:
    title = f"{queue.key} promises"
    made = SlaPolicy.objects.create(title=title, first_minutes=first, next_minutes=20, resolution_minutes=resolution)
    queue.sla = made
    queue.save(update_fields=["sla"])
    return queue


@pytest.fixture
def sales(sales: Queue) -> Queue:
    return promising(sales, 10, 480)


@pytest.fixture
def support(sales: Queue) -> Queue:
    """A team behind the first one, with promises of its own."""
    queue = promising(factories.queue("support"), 1, 12)
    factories.agent("Ben Okafor", queues=(queue,))
    return queue


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def running() -> list[tuple[str, str, int]]:
    found = SlaClock.objects.filter(ended_at__isnull=True).order_by("kind")
    return [(one.kind, one.queue.key if one.queue else "", one.minutes) for one in found]


@pytest.mark.parametrize("verb", ["escalate", "transfer"])
def test_where_it_is_passed_on_to_that_queues_promises_hold(
    maya: Person, phone: Endpoint, sales: Queue, support: Queue, ana: Agent, verb: str
) -> None:
    conversation = given(maya, phone, sales, ana)
    assert running() == [("first", "sales", 10), ("resolution", "sales", 480)]
    if verb == "escalate":
        desk.escalate(conversation_id=conversation.pk, agent=ana, reason="urgent", note="Now", queue=support)
    else:
        desk.transfer(conversation_id=conversation.pk, agent=ana, note="Yours", queue=support)
    assert running() == [("first", "support", 1), ("resolution", "support", 12)]
    assert not SlaClock.objects.filter(queue=sales, met_at__isnull=False).exists()


def test_a_step_of_the_plan_keeps_what_was_promised_first(
    maya: Person, phone: Endpoint, sales: Queue, support: Queue
) -> None:
    conversation = waits(maya, phone, sales)
    due = SlaClock.objects.get(kind="first").due_at
    plan = routing.Plan(13, tuple(routing.Target(f"queue:{one.pk}") for one in (sales, support)))
    conversation.routing_plan, conversation.plan_step = plan.to_json(), 0
    conversation.save(update_fields=["routing_plan", "plan_step"])
    assert routing.advance(conversation=conversation, because="time")
    assert maya.conversation.queue_id == support.pk
    assert SlaClock.objects.get(kind="first", ended_at__isnull=True).due_at == due


def test_what_the_customer_takes_does_not_bring_the_warning_nearer(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    passes(later, hours=20)
    phone.says("Back again")
    passes(later, minutes=380)  # of 480: the warning is due after 384
    assert SlaClock.objects.get(kind="resolution").warned_at is None
    passes(later, minutes=5)
    assert SlaClock.objects.get(kind="resolution").warned_at is not None


def expires(conversation: Conversation) -> int:
    """A day has passed since the last word."""
    Conversation.objects.filter(pk=conversation.pk).update(expires_at=clock.now())
    return expiry.sweep()


@pytest.mark.scenario("HO-6")
def test_what_expires_leaves_no_promise_and_no_offer(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = waits(maya, phone, sales)
    offered = offering.make(conversation=maya.conversation, agent_id=ana.pk, lasts=timedelta(seconds=45))
    assert offered is not None and expires(conversation) == 1
    passes(later, minutes=1)
    ana.refresh_from_db()
    assert (Reservation.objects.get().status, ana.not_responding_at, running()) == ("rescinded", None, [])
    conversation.refresh_from_db()
    assert (conversation.close_reason, rows.of([conversation])[0].promise) == ("expired", None)
    with pytest.raises(offers.OfferOver):
        offers.accept(offer_id=offered.public_id, agent=ana)


def test_what_is_opened_again_after_it_expired_is_promised_anew(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = waits(maya, phone, sales)
    passes(later, hours=1)
    assert expires(conversation) == 1
    desk.reopen(conversation_id=conversation.pk, agent=ana)
    assert running() == []
    desk.transfer(conversation_id=conversation.pk, agent=ana, queue=sales, note="Still open")
    started = SlaClock.objects.get(kind="first", ended_at__isnull=True).started_at
    assert clock.now() - started < timedelta(minutes=1)

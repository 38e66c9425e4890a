"""What if an agent has a conversation and says nothing? However they came to it, somebody notices, and in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from common import clock
from conversations import expiry
from conversations.content import Text
from conversations.models import Timer
from handover import desk, leading
from handover.models import Agent, Queue, Reservation, SlaClock, SlaPolicy
from handover.routing import declining, offering, offers
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person
from tests.stories.test_deadlines import given, kinds, passes, waits

pytestmark = pytest.mark.django_db

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def deadlines(person: Person) -> set[str]:
    return set(Timer.objects.filter(object_id=person.conversation.pk).values_list("kind", flat=True))


@pytest.mark.scenario("HO-P")
def test_what_rests_because_the_customer_is_silent_wakes_after_a_week_and_is_over(
    maya: Person, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = given(maya, maya.on_web(), sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Which size?"), client_id="1")
    for _ in range(2):
        passes(later, minutes=15, seconds=1)
    assert (maya.conversation.state, deadlines(maya)) == ("parked", {"parking"})
    passes(later, days=6)
    assert maya.conversation.state == "parked"
    passes(later, days=1)
    assert (maya.conversation.state, maya.conversation.owner_id) == ("open", ana.pk)
    expiry.sweep()
    conversation.refresh_from_db()
    assert (conversation.state, conversation.close_reason) == ("closed", "expired")


def test_the_word_that_wakes_it_starts_what_every_word_starts(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    sales.sla = SlaPolicy.objects.create(title="Fast", first_minutes=10, next_minutes=20)
    sales.save(update_fields=["sla"])
    factories.agent("Ben Okafor", queues=(sales,))
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Which size?"), client_id="1")
    desk.park(conversation_id=conversation.pk, agent=ana)
    phone.says("Here it is")
    assert deadlines(maya) >= {"agent_remind"}
    assert SlaClock.objects.filter(kind="next", due_at__isnull=False).exists()
    passes(later, minutes=5, seconds=1)
    assert kinds("agent_reminded") == ["agent_reminded"]
    passes(later, minutes=10)
    assert maya.conversation.owner_kind == "queue"


def takes(way: str, pk: int, ana: Agent, ben: Agent) -> None:
    """Ben comes to have what waits, or what Ana has."""
    desk.claim(conversation_id=pk, agent=ben if way in ("claim", "unpark") else ana)
    if way == "transfer":
        desk.transfer(conversation_id=pk, agent=ana, to=ben, note="Chairs")
        offers.accept(offer_id=Reservation.objects.get().public_id, agent=ben)
    elif way == "barge in":
        leading.barge_in(conversation_id=pk, agent=ben)
    elif way == "unpark":
        desk.park(conversation_id=pk, agent=ben)
        desk.unpark(conversation_id=pk, agent=ben)


@pytest.mark.parametrize("way", ["claim", "transfer", "barge in", "unpark"])
def test_however_they_came_to_it_who_says_nothing_loses_it(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later, way: str
) -> None:
    ben = factories.agent("Ben Okafor", supervises=(sales,))
    takes(way, waits(maya, phone, sales).pk, ana, ben)
    assert maya.conversation.owner_id == ben.pk and "unanswered" in deadlines(maya)
    passes(later, minutes=5, seconds=1)
    assert maya.conversation.owner_kind == "queue"
    assert ben.pk in declining.of([maya.conversation.pk], clock.now())[maya.conversation.pk]


def test_an_offer_that_was_accepted_is_an_assignment(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = waits(maya, phone, sales)
    offering.make(conversation=conversation, agent_id=ana.pk, lasts=timedelta(seconds=45))
    offers.accept(offer_id=Reservation.objects.get().public_id, agent=ana)
    assert deadlines(maya) == {"unanswered"}
    passes(later, minutes=5, seconds=1)
    assert maya.conversation.owner_kind == "queue"


def test_who_takes_it_with_a_reply_owes_nothing(maya: Person, phone: Endpoint, sales: Queue, ana: Agent) -> None:
    conversation = waits(maya, phone, sales)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    assert deadlines(maya) == set()

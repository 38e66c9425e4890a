"""What if an agent has a conversation and says nothing? However they came to it, somebody notices, and in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from common import clock
from conversations import expiry
from conversations.content import Text
from conversations.models import Timer
from handover import desk, leading, presence
from handover.models import Agent, Queue, Reservation, SlaClock, SlaPolicy
from handover.routing import declining, offering, offers
from handover.timing import leaving
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
    """An offer's own time is counted by the offer."""
    of_it = Timer.objects.filter(object_id=person.conversation.pk).exclude(kind="reservation")
    return set(of_it.values_list("kind", flat=True))


@pytest.mark.scenario("HO-P")
def test_what_rests_because_the_customer_is_silent_wakes_after_a_week_and_is_over_a_day_later(
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
    expiry.sweep()
    assert (maya.conversation.state, maya.conversation.owner_id) == ("open", ana.pk)
    later(hours=24, seconds=1)
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


@pytest.mark.parametrize("came", ["from the bot", "from the queue"])
def test_where_no_queue_is_left_they_keep_it_and_those_who_lead_are_told(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later, came: str
) -> None:
    if came == "from the bot":
        phone.says("hi")
    else:
        waits(maya, phone, sales)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    Queue.objects.update(is_archived=True)
    passes(later, minutes=5, seconds=1)
    assert (maya.conversation.owner_id, kinds("supervisor_called")) == (ana.pk, ["supervisor_called"])


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


def goes(later: Later, minutes: int) -> int:
    """Time, in which every page stays open."""
    presence.carry(timedelta(minutes=minutes))
    later(minutes=minutes)
    return leaving.sweep()


def test_who_has_gone_by_their_own_word_is_gone_though_the_page_is_open(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Which size?"), client_id="1")
    presence.declare(agent=ana, status="offline")
    assert goes(later, 60) == 0  # the customer owes the answer
    phone.says("Large")
    assert goes(later, 9) == 0
    assert goes(later, 2) == 1
    assert (maya.conversation.owner_kind, maya.conversation.mode) == ("queue", "ticket")


@pytest.mark.parametrize("status", ["online", "away", "busy"])
def test_who_is_only_away_by_their_own_word_keeps_it(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later, status: str
) -> None:
    given(maya, phone, sales, ana)
    presence.declare(agent=ana, status=status)
    assert goes(later, 60) == 0


def test_what_is_laid_on_the_desk_of_somebody_offline_is_there_for_a_while(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    chloe = factories.agent("Chloe Martin", supervises=(sales,))
    conversation = waits(maya, phone, sales)
    presence.declare(agent=ana, status="offline")
    assert goes(later, 60) == 0
    leading.force_assign(conversation_id=conversation.pk, agent=chloe, to=ana)
    assert leaving.sweep() == 0
    assert goes(later, 11) == 1


def test_passed_on_to_a_team_whose_last_agent_is_finishing_it_is_a_ticket_and_said_so(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent
) -> None:
    support = factories.queue("support")
    Agent.objects.filter(pk=factories.agent("Ben Okafor", queues=(support,)).pk).update(is_draining=True)
    conversation = given(maya, phone, sales, ana)
    phone.news()
    desk.transfer(conversation_id=conversation.pk, agent=ana, queue=support, note="Yours")
    assert maya.conversation.mode == "ticket"
    assert phone.news() == ["Your message is with our team. They will answer you here."]

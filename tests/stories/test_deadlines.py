"""By when must what happen while people have the conversation? A deadline of an earlier owner is void."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from conversations import timers
from conversations.content import Text
from conversations.models import Conversation, ConversationEvent, Timer
from conversations.sessions import Place
from handover import desk, owning, presence
from handover.inbox import rows
from handover.models import Agent, Queue, SlaClock, SlaPolicy
from handover.timing import leaving
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db

Later = Callable[..., None]
Owner = Conversation.Owner


@pytest.fixture
def sales(sales: Queue) -> Queue:
    sales.sla = SlaPolicy.objects.create(title="Fast", first_minutes=10, next_minutes=20, resolution_minutes=120)
    sales.save(update_fields=["sla"])
    return sales


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def waits(person: Person, endpoint: Endpoint, queue: Queue) -> Conversation:
    """The customer has spoken and waits in the queue."""
    endpoint.says("hi")
    conversation = person.conversation
    now = conversation.last_message_at
    owning.move(
        conversation=conversation, to=Owner.QUEUE, owner_id=queue.pk, queue_id=queue.pk, cause="handover", queued_at=now
    )
    return conversation


def given(person: Person, endpoint: Endpoint, queue: Queue, agent: Agent) -> Conversation:
    """Routing has given the conversation to the agent."""
    conversation = waits(person, endpoint, queue)
    owning.move(conversation=conversation, to=Owner.AGENT, owner_id=agent.pk, cause="assign")
    return conversation


def kinds(*names: str) -> list[str]:
    return list(ConversationEvent.objects.filter(kind__in=names).order_by("seq").values_list("kind", flat=True))


def passes(later: Later, **spans: int) -> None:
    """Time, in which everybody stays at their desk."""
    presence.carry(timedelta(**spans))
    later(**spans)
    timers.sweep()


def test_a_promise_is_warned_of_then_broken(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    waits(maya, phone, sales)
    passes(later, minutes=8, seconds=5)
    assert kinds("sla_warned", "sla_breached") == ["sla_warned"]
    passes(later, minutes=2)
    assert kinds("sla_warned", "sla_breached") == ["sla_warned", "sla_breached"]


def test_an_answer_keeps_the_promise_and_the_next_word_begins_another(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent
) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    assert SlaClock.objects.get(kind="first").met_at is not None
    assert SlaClock.objects.get(kind="resolution").left_seconds is not None
    phone.says("and now?")
    running = SlaClock.objects.filter(ended_at__isnull=True, due_at__isnull=False).order_by("kind")
    assert [clock.kind for clock in running] == ["next", "resolution"]


def test_closing_keeps_the_promise_of_a_resolution(maya: Person, phone: Endpoint, sales: Queue, ana: Agent) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.close(conversation_id=conversation.pk, agent=ana)
    assert SlaClock.objects.get(kind="resolution").met_at is not None
    assert not SlaClock.objects.filter(ended_at__isnull=True).exists()


def test_the_bot_promises_nothing(maya: Person, phone: Endpoint, sales: Queue, ana: Agent) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.release(conversation_id=conversation.pk, agent=ana)
    assert not SlaClock.objects.filter(ended_at__isnull=True).exists()


def test_who_is_given_a_conversation_and_says_nothing_loses_it_once(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    factories.agent("Ben Okafor", queues=(sales,))
    queued_at = given(maya, phone, sales, ana).queued_at
    passes(later, minutes=5, seconds=1)
    found = maya.conversation
    assert (found.owner_kind, found.mode, found.queued_at) == ("queue", "live", queued_at)
    assert found.reservations.get().agent == ana  # and is not asked again at once


def test_where_nobody_else_is_there_it_becomes_a_ticket(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    given(maya, phone, sales, ana)
    phone.news()
    passes(later, minutes=5, seconds=1)
    assert (maya.conversation.owner_kind, maya.conversation.mode) == ("queue", "ticket")
    assert "they will answer you here" in phone.news()[-1]


def test_the_second_time_those_who_lead_are_told(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    factories.agent("Ben Okafor", queues=(sales,))
    given(maya, phone, sales, ana)
    passes(later, minutes=5, seconds=1)
    owning.move(conversation=maya.conversation, to=Owner.AGENT, owner_id=ana.pk, cause="assign")
    passes(later, minutes=5, seconds=1)
    assert kinds("supervisor_called") == ["supervisor_called"]
    assert maya.conversation.owner_kind == "agent"


def test_an_agent_who_answered_in_time_keeps_it(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    passes(later, minutes=6)
    assert maya.conversation.owner_id == ana.pk


def test_an_agent_who_falls_silent_is_reminded_and_then_relieved(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    factories.agent("Ben Okafor", queues=(sales,))
    phone.says("are you there?")
    passes(later, minutes=5, seconds=1)
    assert kinds("agent_reminded") == ["agent_reminded"]
    passes(later, minutes=10)
    assert maya.conversation.owner_kind == "queue"


def test_a_silent_customer_on_the_web_is_asked_and_then_parked(
    maya: Person, sales: Queue, ana: Agent, later: Later
) -> None:
    web = maya.on_web()
    conversation = given(maya, web, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Which size?"), client_id="1")
    web.news()
    passes(later, minutes=15, seconds=1)
    assert web.news() == ["Are you still there? Just write when you are ready to go on."]
    passes(later, minutes=15, seconds=1)
    assert (maya.conversation.state, maya.conversation.owner_id) == ("parked", ana.pk)


def test_nobody_is_nudged_on_a_phone(maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Which size?"), client_id="1")
    phone.news()
    passes(later, minutes=16)
    assert phone.news() == []


def test_those_who_wait_hear_their_place_at_most_three_times(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    waits(maya, phone, sales)
    phone.news()
    for _ in range(6):
        passes(later, minutes=2, seconds=1)
    assert phone.news() == ["Thank you for waiting. You are number 1 in the queue."] * 3


def test_by_letter_the_place_is_told_once(maya: Person, sales: Queue, ana: Agent, later: Later) -> None:
    address = factories.identity(maya.customer, "email", "maya@example.com")
    letters = Endpoint(Place(address, "email-demo", "email", (address.pk,), "attested"))
    waits(maya, letters, sales)
    letters.news()
    for _ in range(6):
        passes(later, minutes=2, seconds=1)
    assert letters.news() == ["Thank you for waiting. You are number 1 in the queue."]


def test_a_word_keeps_the_place_of_a_silent_customer(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    Queue.objects.update(quiet_minutes=10, quiet_journey="leave_message")
    waits(maya, phone, sales)
    passes(later, minutes=9, seconds=1)
    phone.says("yes I am")
    passes(later, minutes=2)
    assert maya.conversation.owner_kind == "queue"


@pytest.mark.parametrize(
    ("then", "owner", "mode"), [("keep", "queue", "live"), ("ticket", "queue", "ticket"), ("bot", "bot", "live")]
)
def test_a_queue_says_what_becomes_of_those_whom_nobody_takes(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later, then: str, owner: str, mode: str
) -> None:
    Queue.objects.update(max_wait_minutes=1, when_exhausted=then)
    waits(maya, phone, sales)
    phone.news()
    passes(later, minutes=1, seconds=1)
    assert (maya.conversation.owner_kind, maya.conversation.mode) == (owner, mode)
    assert kinds("plan_exhausted") == ["plan_exhausted"]
    assert len(phone.news()) >= 1


def test_a_deadline_of_an_earlier_owner_does_nothing(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = given(maya, phone, sales, ana)
    before = conversation.owner_epoch
    Timer.objects.filter(kind="unanswered").update(guard=before - 1)
    passes(later, minutes=6)
    assert maya.conversation.owner_epoch == before
    assert not Timer.objects.filter(kind="unanswered").exists()


def goes(later: Later, **spans: int) -> int:
    """Time passes with every desk empty."""
    later(**spans)
    return leaving.sweep()


def test_what_a_gone_agent_never_answered_goes_back_after_ten_minutes(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    given(maya, phone, sales, ana)
    assert goes(later, minutes=9) == 0
    assert goes(later, minutes=2) == 1
    assert (maya.conversation.owner_kind, maya.conversation.mode) == ("queue", "ticket")


def test_what_they_answered_stays_for_half_an_hour(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    phone.says("and?")
    assert goes(later, minutes=20) == 0
    assert goes(later, minutes=11) == 1


def test_what_the_customer_owes_an_answer_for_stays(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = given(maya, phone, sales, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Which size?"), client_id="1")
    assert goes(later, hours=2) == 0


def test_who_works_here_no_longer_holds_nothing(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    given(maya, phone, sales, ana)
    Agent.objects.filter(pk=ana.pk).update(is_active=False)
    assert leaving.sweep() == 1


def test_a_line_of_the_list_shows_the_nearest_promise(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later
) -> None:
    conversation = waits(maya, phone, sales)
    [row] = rows.of([conversation])
    assert row.promise is not None and (row.promise.title, row.promise.state) == ("First answer", "kept")
    passes(later, minutes=11)
    assert 'class="promise promise-late"' in rows.html(rows.of([conversation])[0])


def test_a_line_of_a_conversation_that_promises_nothing_has_no_badge(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    assert "promise" not in rows.html(rows.of([maya.conversation])[0])

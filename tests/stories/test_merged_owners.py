"""Two turned out to be one while people and the bot had them: who speaks then, and what becomes of the other?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from channels_app import frames
from common import clock
from conversations import amendments, threads
from conversations.content import Text
from conversations.models import Conversation, ConversationEvent, Delivery, JourneyRun, Message, Timer
from customers import merging
from handover import capacity, desk, owning, refusals
from handover.models import Agent, Queue, Reservation, SlaClock, SlaPolicy
from handover.routing import offering
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("HO-46", "HO-I14")]


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.fixture
def page(sales: Queue) -> Endpoint:
    return cast.tom()


@pytest.fixture
def ben(sales: Queue) -> Agent:
    return factories.agent("Ben Okafor", queues=(sales,))


def joined(maya: Person, page: Endpoint) -> merging.Merged:
    tom = page.place.identity.customer
    done = merging.merge(a=maya.customer, b=tom, kind="manual", rule="by_hand", actor="user:1", request_id="join")
    page.place.identity.refresh_from_db()
    return done


def parted(done: merging.Merged) -> None:
    assert done.link is not None
    merging.split(links=[done.link], actor="user:1", request_id="part")


def of(endpoint: Endpoint) -> Conversation:
    """The open conversation of whoever speaks there."""
    person = type(endpoint.place.identity.customer).objects.get(pk=endpoint.place.identity.customer_id)
    return Conversation.objects.unclosed().of_person(person.root_id).get()


def taken(endpoint: Endpoint, agent: Agent) -> Conversation:
    endpoint.says("hi")
    return desk.claim(conversation_id=of(endpoint).pk, agent=agent)


def waits(endpoint: Endpoint, queue: Queue) -> Conversation:
    endpoint.says("hi")
    found = of(endpoint)
    return factories.give(found, queue, queue_id=queue.pk, queued_at=clock.now(), ranked_at=clock.now())


@transaction.atomic
def wait_for(endpoint: Endpoint, queue: Queue) -> Conversation:
    """Into the queue as the desk would, and offered to somebody there."""
    found = threads.lock(conversation_id=of(endpoint).pk)
    owning.move(conversation=found, to=Conversation.Owner.QUEUE, owner_id=queue.pk, cause="handover", queue_id=queue.pk)
    ben = Agent.objects.get(name="Ben Okafor")
    offering.lay(found, capacity.lock(ben.pk), 1.0, timedelta(seconds=45))
    return found


def as_it_is(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def moves(conversation: Conversation) -> list[ConversationEvent]:
    return list(conversation.events.filter(kind="sessions_moved").order_by("seq"))


def test_a_human_keeps_the_floor_and_the_bot_falls_silent_everywhere(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent
) -> None:
    for endpoint in (phone, page):
        endpoint.says("hi")
        endpoint.says("2")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    joined(maya, page)
    kept = maya.conversation  # there is one
    assert (kept.owner_kind, kept.owner_id) == ("agent", ana.pk)
    page.news()
    page.turn("hello?")
    assert of(page) == kept
    assert JourneyRun.objects.filter(status__in=("active", "waiting"), lane="foreground").count() <= 1
    assert all(message.author != "bot" for message in page.shown()[-1:])


def test_where_the_bot_had_both_it_goes_on_in_the_latest(maya: Person, phone: Endpoint, page: Endpoint) -> None:
    phone.says("hi")
    page.says("hi")
    latest = of(page)
    joined(maya, page)
    assert maya.conversation == latest


def test_of_what_two_agents_have_the_latest_goes_on_and_the_other_leads_to_it(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, ben: Agent
) -> None:
    hers, his = taken(phone, ana), taken(page, ben)
    said = dict(Message.objects.values_list("pk", "session_id"))
    joined(maya, page)
    hers = as_it_is(hers)
    assert (maya.conversation, hers.state, hers.close_reason) == (his, "closed", "joined")
    assert set(his.sessions.values_list("kind", flat=True)) == {"whatsapp", "web"}
    for one, other in ((hers, his), (his, hers)):
        (event,) = moves(one)
        assert (event.data["from"], event.data["into"]) == (hers.pk, his.pk)
        assert event.data["conversation"] == str(other.public_id)
    assert dict(Message.objects.values_list("pk", "session_id")) == said


def test_an_agents_goes_on_before_a_queues_though_that_is_later(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, sales: Queue
) -> None:
    held, waiting = taken(phone, ana), waits(page, sales)
    joined(maya, page)
    assert (maya.conversation, as_it_is(waiting).state) == (held, "closed")
    held = as_it_is(held)
    assert (held.owner_epoch, held.owner_id, held.waiting_on) == (1, ana.pk, "us")
    assert as_it_is(waiting).owner_epoch == 2


def test_a_queues_goes_on_before_the_bots_and_of_two_that_wait_nobody_loses_their_place(
    maya: Person, phone: Endpoint, page: Endpoint, sales: Queue
) -> None:
    first = waits(phone, sales)
    second = waits(page, sales)
    joined(maya, page)
    kept = maya.conversation
    assert kept == second
    assert (kept.queued_at, kept.ranked_at) == (first.queued_at, first.ranked_at)


def test_an_offer_deadlines_and_promises_of_the_other_end(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, ben: Agent, sales: Queue
) -> None:
    sales.sla = SlaPolicy.objects.create(title="Fast", first_minutes=5, resolution_minutes=60)
    sales.save(update_fields=["sla"])
    held = taken(phone, ana)
    page.says("agent")
    other = wait_for(page, sales)
    joined(maya, page)
    assert (Reservation.objects.get().status, as_it_is(other).state) == ("rescinded", "closed")
    assert SlaClock.objects.filter(conversation=other).exists()
    assert not SlaClock.objects.filter(conversation=other, ended_at=None).exists()
    assert not Timer.objects.filter(kind__startswith="queue", object_id=other.pk).exists()
    assert maya.conversation == held


def test_an_answer_that_waited_to_go_out_still_goes_to_where_it_was_written(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, ben: Agent
) -> None:
    taken(phone, ana)
    desk.reply(conversation_id=of(phone).pk, agent=ana, content=Text("On its way."), client_id="a")
    taken(page, ben)
    joined(maya, page)
    delivery = Delivery.objects.get(message__author="agent")
    assert (delivery.state, delivery.identity_id, delivery.fence_epoch) == ("queued", maya.phone.pk, None)


def test_the_next_word_of_either_comes_to_the_one_that_is_left(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, ben: Agent
) -> None:
    taken(phone, ana), taken(page, ben)
    before = Conversation.objects.count()
    joined(maya, page)
    phone.turn("and now?"), page.turn("hello?")
    kept = maya.conversation
    assert kept.owner_id == ben.pk and Conversation.objects.count() == before
    heard = kept.events.filter(kind="message", actor_kind="customer").count()
    assert heard == 3 and kept.sessions.filter(ended_at=None).count() == 2


def test_the_customers_page_says_who_speaks_there_now(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, sales: Queue
) -> None:
    waits(page, sales)
    taken(phone, ana)
    joined(maya, page)
    (*_, last) = frames.since(page.place.identity, page.place.channel, after=0)
    assert (last["type"], last["data"]) == ("owner_changed", {"owner": "agent", "name": "Ana Sousa"})


def test_of_two_runs_in_front_one_waits_for_the_other(maya: Person, phone: Endpoint, page: Endpoint) -> None:
    for endpoint in (phone, page):
        endpoint.says("I want to order a chair")
    joined(maya, page)
    runs = JourneyRun.objects.order_by("-touched_at")
    assert [(run.status, run.end_reason) for run in runs] == [("waiting", ""), ("suspended", "joined")]
    assert {run.conversation_id for run in runs} == {maya.conversation.pk}


def test_questions_before_a_human_comes_are_over_once_one_is_there(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent
) -> None:
    page.says("agent")
    asking = JourneyRun.objects.get(purpose="intake")
    taken(phone, ana)
    joined(maya, page)
    asking.refresh_from_db()
    assert (asking.status, asking.end_reason) == ("cancelled", "taken_over")
    assert not Timer.objects.filter(kind="intake").exists()


def test_questions_before_a_human_comes_go_on_where_the_bot_goes_on(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent
) -> None:
    page.says("agent")
    asked = of(page).handover
    phone.says("hi")
    joined(maya, page)
    assert maya.conversation.handover == asked and asked is not None
    assert JourneyRun.objects.get(purpose="intake").conversation_id == maya.conversation.pk


def test_what_becomes_of_a_message_is_noted_where_it_was_said(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, ben: Agent
) -> None:
    hers, his = taken(phone, ana), taken(page, ben)
    said = Message.objects.get(session__identity=maya.phone, author="customer")
    joined(maya, page)
    amendments.react(message=said, customer=maya.customer, emoji="+1", occurred_at=clock.now())
    assert hers.events.latest("seq").kind == "reaction"
    assert not his.events.filter(kind="reaction").exists()


def test_what_went_into_another_is_not_opened_again(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, ben: Agent
) -> None:
    hers, his = taken(phone, ana), taken(page, ben)
    joined(maya, page)
    desk.close(conversation_id=his.pk, agent=ben)
    with pytest.raises(refusals.GoesOn):
        desk.reopen(conversation_id=hers.pk, agent=ana)


def test_parted_again_the_leaving_one_has_the_bot_and_their_run_and_the_agent_the_other(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent
) -> None:
    page.says("I want to order a chair")
    page.says("2")
    held = taken(phone, ana)
    done = joined(maya, page)
    assert set(held.sessions.filter(ended_at=None).values_list("kind", flat=True)) == {"whatsapp", "web"}
    parted(done)
    page.place.identity.refresh_from_db()
    left = of(page)
    assert (left.owner_kind, left.customer_id) == ("bot", page.place.identity.customer_id)
    assert [one.kind for one in held.sessions.filter(ended_at=None)] == ["whatsapp"]
    assert moves(left)[0].data["why"] == moves(held)[-1].data["why"] == "parted"
    page.news()
    assert "budget" in words(page.says("hello")) and of(phone) == held


def test_nothing_is_moved_where_only_one_of_them_has_an_open_conversation(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent
) -> None:
    held = taken(phone, ana)
    parted(joined(maya, page))
    assert moves(held) == [] and of(phone) == held
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("verb", [desk.close, desk.release])
def test_what_went_into_another_one_is_closed_for_a_late_click(
    maya: Person, phone: Endpoint, page: Endpoint, ana: Agent, verb: Callable[..., Conversation]
) -> None:
    phone.says("hi")
    gone = taken(page, ana)
    desk.claim(conversation_id=of(phone).pk, agent=ana)
    joined(maya, page)
    over = Conversation.objects.get(close_reason="joined")
    assert over.pk in (gone.pk, maya.conversations[0].pk) and not over.sessions.exists()
    with pytest.raises(refusals.AlreadyClosed):
        verb(conversation_id=over.pk, agent=ana)

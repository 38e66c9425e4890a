"""Who has a conversation when an outside engine says so, late, twice, or with a wrong clock?"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from common import clock
from conversations import expiry
from conversations.content import Text
from conversations.models import Connection, Conversation, ConversationEvent, Message
from customers import merging
from handover import affinity, desk, engines, refusals
from handover.models import Affinity, Agent, EngineMark, Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return factories.queue("sales", is_default=True)


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def ben(sales: Queue) -> Agent:
    return factories.agent("Ben Okafor", queues=(sales,))


@pytest.fixture
def centre() -> Connection:
    return Connection.objects.create(key="callcentre", title="Call centre", base_url="https://calls.example")


@pytest.fixture
def waiting(sales: Queue) -> Conversation:
    return factories.waiting_in(sales)


def say(centre: Connection, conversation: Conversation, number: int, to: str, **more: Any) -> str:
    """The engine's event of that number; they happened a minute apart, the last one a minute ago."""
    at = more.pop("at", None) or clock.now() - timedelta(minutes=10 - number)
    return engines.tell(
        conversation_id=conversation.pk,
        engine=centre,
        event_id=f"event-{number}",
        occurred_at=at,
        to=to,  # type: ignore[arg-type]  # one of its words
        **more,
    )


def spoken_with() -> tuple[Person, Endpoint]:
    """Maya has written, and the bot has her conversation."""
    cast.library()
    maya = cast.maya()
    phone = maya.on_whatsapp()
    phone.says("hi")
    return maya, phone


def owner(conversation: Conversation) -> tuple[str, int | None]:
    return Conversation.objects.values_list("owner_kind", "owner_id").get(pk=conversation.pk)


@pytest.mark.scenario("HO-15")
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_whatever_order_events_come_the_newest_holds(
    centre: Connection, waiting: Conversation, ana: Agent, ben: Agent, order: tuple[int, ...]
) -> None:
    started = clock.now() - timedelta(minutes=10)
    told: list[dict[str, Any]] = [{"to": "external"}, {"to": "agent", "agent": ana}, {"to": "agent", "agent": ben}]
    for number in order:
        say(centre, waiting, number, at=started + timedelta(minutes=number), **told[number])
    assert owner(waiting) == ("agent", ben.pk)
    kept = Affinity.objects.get()
    assert (kept.agent, kept.handled_at) == (ben, started + timedelta(minutes=2))


@pytest.mark.scenario("HO-14")
def test_a_late_word_after_a_transfer_is_logged_and_changes_nothing(
    centre: Connection, waiting: Conversation, ana: Agent, ben: Agent
) -> None:
    say(centre, waiting, 1, "agent", agent=ana)
    say(centre, waiting, 3, "agent", agent=ben)
    assert say(centre, waiting, 2, "agent", agent=ana) == "stale"
    assert owner(waiting) == ("agent", ben.pk)
    logged = waiting.events.get(kind="ownership_stale")
    assert (logged.data["reason"], logged.source_event_id) == ("older", "event-2")


@pytest.mark.scenario("HO-14")
def test_what_our_desk_has_passed_on_an_engine_does_not_take_back(
    centre: Connection, waiting: Conversation, ana: Agent, ben: Agent
) -> None:
    say(centre, waiting, 1, "agent", agent=ana)
    seen = Conversation.objects.get(pk=waiting.pk).owner_epoch
    chloe = factories.agent("Chloe Martin", supervises=(Queue.objects.get(),))
    Agent.objects.filter(pk=ben.pk).update(manual_status="offline")
    desk.transfer(conversation_id=waiting.pk, agent=chloe, to=Agent.objects.get(pk=ben.pk), note="Yours")
    assert say(centre, waiting, 2, "agent", agent=ana) == "stale"
    assert say(centre, waiting, 3, "agent", agent=ana, epoch=seen) == "stale"
    assert owner(waiting) == ("agent", ben.pk)
    now = Conversation.objects.get(pk=waiting.pk).owner_epoch
    assert say(centre, waiting, 4, "agent", agent=ana, epoch=now) == "applied"


@pytest.mark.scenario("HO-14")
def test_what_one_engine_has_another_does_not_move(centre: Connection, waiting: Conversation, ana: Agent) -> None:
    other = Connection.objects.create(key="phone", title="Phone", base_url="https://phone.example")
    say(centre, waiting, 1, "external")
    now = Conversation.objects.get(pk=waiting.pk).owner_epoch
    assert say(other, waiting, 2, "bot") == "stale"
    assert say(other, waiting, 3, "agent", agent=ana, epoch=now) == "stale"
    assert owner(waiting) == ("external", centre.pk)
    assert say(centre, waiting, 4, "agent", agent=ana) == "applied"


@pytest.mark.scenario("HO-16", "HO-I5")
def test_an_event_dated_tomorrow_does_not_freeze_the_clock(
    centre: Connection, waiting: Conversation, ana: Agent
) -> None:
    assert say(centre, waiting, 1, "external", at=clock.now() + timedelta(days=1)) == "applied"
    mark: datetime = EngineMark.objects.get().occurred_at
    assert mark <= clock.now()
    assert say(centre, waiting, 2, "agent", agent=ana, at=clock.now() + timedelta(seconds=1)) == "applied"
    assert owner(waiting) == ("agent", ana.pk)


def test_the_same_event_again_has_no_effect(centre: Connection, waiting: Conversation) -> None:
    assert [say(centre, waiting, 1, "external") for _ in range(2)] == ["applied", "repeated"]
    assert waiting.events.filter(kind="owner_changed").count() == 2


@pytest.mark.scenario("HO-63")
def test_while_a_call_has_it_messages_are_kept_and_the_bot_is_silent(centre: Connection, sales: Queue) -> None:
    maya, phone = spoken_with()
    say(centre, maya.conversation, 1, "external")
    assert phone.says("I am on the phone with you") == []
    assert Message.objects.filter(session__conversation=maya.conversation, author="customer").count() == 2
    assert maya.conversation.events.filter(kind="message", actor_kind="customer").count() == 2
    assert say(centre, maya.conversation, 2, "bot") == "applied"
    assert (maya.conversation.owner_kind, bool(phone.news())) == ("bot", True)


@pytest.mark.scenario("HO-63")
def test_a_call_ends_by_a_claim_of_ours_or_by_the_day(centre: Connection, waiting: Conversation, ana: Agent) -> None:
    say(centre, waiting, 1, "external")
    desk.claim(conversation_id=waiting.pk, agent=ana)
    assert owner(waiting) == ("agent", ana.pk)
    other = factories.waiting_in(Queue.objects.get(), name="Tom Hardy")
    say(centre, other, 5, "external")
    clock.shift_by(lambda: timedelta(hours=24, minutes=1))
    try:
        expiry.sweep()
    finally:
        clock.shift_by(timedelta)
    other.refresh_from_db()
    assert (other.state, other.close_reason) == ("closed", "expired")


@pytest.mark.scenario("HO-64")
def test_an_older_word_of_the_crm_is_ignored(waiting: Conversation, ana: Agent, ben: Agent) -> None:
    person, now = waiting.customer, clock.now()
    affinity.write(conversation=waiting, agent=ana, at=now)
    told = {"customer": person, "scope": "", "agent": ben, "queue": None, "source": "crm"}
    assert not affinity.tell(handled_at=now - timedelta(hours=1), **told)  # type: ignore[arg-type]  # its fields
    assert Affinity.objects.get().agent == ana
    assert not waiting.events.filter(kind="affinity_changed").exists()
    assert affinity.tell(handled_at=now + timedelta(seconds=1), **told)  # type: ignore[arg-type]  # its fields
    assert (Affinity.objects.get().agent, Affinity.objects.get().source) == (ben, "crm")
    assert waiting.events.filter(kind="affinity_changed").count() == 1


@pytest.mark.scenario("HO-64")
def test_an_older_word_about_one_who_was_found_to_be_another_is_ignored_too(
    waiting: Conversation, sales: Queue, ana: Agent, ben: Agent
) -> None:
    other, now = factories.waiting_in(sales, name="M. Lindqvist"), clock.now()
    affinity.write(conversation=other, agent=ana, at=now)
    told = {"scope": "", "agent": ben, "queue": None, "source": "crm"}
    person = waiting.customer
    merging.merge(a=person, b=other.customer, kind="manual", rule="by_hand", actor="user:1", request_id="join")
    assert not affinity.tell(customer=person, handled_at=now - timedelta(days=2), **told)  # type: ignore[arg-type]
    person.refresh_from_db()
    assert [one.agent for one in affinity.of_person(root=person.root)] == [ana]
    assert not ConversationEvent.objects.filter(kind="affinity_changed").exists()
    assert affinity.tell(customer=person, handled_at=now + timedelta(seconds=1), **told)  # type: ignore[arg-type]


@pytest.mark.parametrize("then", [(), ("external",)])
def test_what_an_engine_ends_after_an_agent_had_it_goes_on_with_the_same_people(
    centre: Connection, sales: Queue, ana: Agent, then: tuple[str, ...]
) -> None:
    maya, phone = spoken_with()
    say(centre, maya.conversation, 1, "agent", agent=ana)
    for to in then:
        say(centre, maya.conversation, 2, to)
    closed = maya.conversation
    assert say(centre, closed, 3, "closed") == "applied"
    phone.says("Still me, it wobbles")
    assert (maya.conversation.pk, maya.conversation.closed_at) == (closed.pk, None)
    assert (maya.conversation.routing_plan or {})["rule"] == 5
    asked = closed.reservations.filter(status="pending").values_list("agent_id", flat=True)
    assert list(asked) == [ana.pk] or owner(closed) == ("agent", ana.pk)


@pytest.mark.parametrize("had", ["nobody", "external", "released"])
def test_what_an_engine_ends_without_an_agent_is_over(centre: Connection, sales: Queue, ana: Agent, had: str) -> None:
    maya, phone = spoken_with()
    if had == "external":
        say(centre, maya.conversation, 1, "external")
    elif had == "released":
        desk.claim(conversation_id=maya.conversation.pk, agent=ana)
        desk.release(conversation_id=maya.conversation.pk, agent=ana)
    closed = maya.conversation
    assert say(centre, closed, 3, "closed") == "applied"
    phone.says("Still me, it wobbles")
    assert (maya.conversation.pk != closed.pk, owner(maya.conversation)) == (True, ("bot", None))


def test_an_engine_that_passes_on_who_waits_for_an_agent_keeps_their_time(
    centre: Connection, sales: Queue, ana: Agent, ben: Agent
) -> None:
    maya, phone = spoken_with()
    say(centre, maya.conversation, 1, "agent", agent=ana)
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello"), client_id="1")
    phone.says("Which colour is it?")
    word = Message.objects.filter(author="customer").latest("pk").recorded_at
    assert say(centre, maya.conversation, 2, "queue", queue=sales) == "applied"
    assert maya.conversation.queued_at == word


def test_what_is_not_there_is_told_so(centre: Connection) -> None:
    with pytest.raises(refusals.NotThere):
        engines.tell(conversation_id=0, engine=centre, event_id="1", occurred_at=clock.now(), to="external")

"""A left message: it waits, becomes live, is lent to the bot and comes back, or is withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from common import clock
from conversations import expiry, timers
from conversations.content import Text
from conversations.models import Conversation, ConversationEvent, Delivery
from handover import desk, hours, leading
from handover.models import Agent, BusinessHours, Queue, SlaClock, SlaPolicy
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]
LEFT = "They will answer you here"


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    """Nobody is there, and Maya has left a message."""
    phone = maya.on_whatsapp()
    for said in ("hi", "agent", "1", "Please call me"):
        phone.says(said)
    return phone


def stands(maya: Person) -> tuple[str, int | None, str]:
    found = maya.conversation
    return found.owner_kind, found.owner_id, found.mode


def causes() -> list[str]:
    return [event.data["cause"] for event in ConversationEvent.objects.filter(kind="owner_changed").order_by("seq")]


@pytest.mark.scenario("HO-65")
def test_a_ticket_waits_in_the_queue_though_nobody_is_there(maya: Person, phone: Endpoint, sales: Queue) -> None:
    assert stands(maya) == ("queue", sales.pk, "ticket")
    assert phone.says("hello?") == []


def test_asking_again_while_nobody_is_there_is_acknowledged(maya: Person, phone: Endpoint, sales: Queue) -> None:
    assert phone.says("agent") == ["Your message is with our team. They will answer you here."]
    assert stands(maya) == ("queue", sales.pk, "ticket")


def test_asking_again_when_somebody_is_there_makes_it_live(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent
) -> None:
    assert "I am passing you to our team." in words(phone.says("agent"))
    assert stands(maya) == ("queue", sales.pk, "live")
    assert causes() == ["handover", "ticket_live"]
    assert not Delivery.objects.filter(state="queued").exclude(fence_epoch=maya.conversation.owner_epoch).exists()


@pytest.mark.scenario("HO-65")
def test_menu_gives_the_bot_back_and_the_ticket_returns(
    maya: Person, phone: Endpoint, sales: Queue, later: Later
) -> None:
    assert "Your message stays with our team" in words(phone.says("menu"))
    assert stands(maya) == ("bot", None, "ticket")
    later(minutes=16)
    timers.sweep()
    assert stands(maya) == ("queue", sales.pk, "ticket")
    assert causes() == ["handover", "ticket_lent", "ticket_returned"]
    assert phone.news() == []


@pytest.mark.scenario("HO-65")
def test_it_does_not_return_while_the_customer_is_talking(maya: Person, phone: Endpoint, later: Later) -> None:
    phone.says("menu")
    later(minutes=10)
    phone.says("1")
    later(minutes=10)
    timers.sweep()
    assert stands(maya) == ("bot", None, "ticket")
    later(minutes=6)
    timers.sweep()
    assert stands(maya)[0] == "queue"


def test_the_first_words_after_it_returned_are_acknowledged_once(phone: Endpoint, later: Later) -> None:
    phone.says("menu")
    later(minutes=16)
    timers.sweep()
    assert LEFT in words(phone.says("2"))
    assert phone.says("2") == []


def test_it_does_not_return_once_an_agent_has_answered(maya: Person, phone: Endpoint, ana: Agent, later: Later) -> None:
    phone.says("menu")
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello, Ana here."), client_id="1")
    later(minutes=16)
    timers.sweep()
    assert stands(maya) == ("agent", ana.pk, "live")


def test_what_the_bot_was_lent_does_not_expire(maya: Person, phone: Endpoint, later: Later) -> None:
    phone.says("menu")
    later(hours=25)
    expiry.sweep()
    timers.sweep()
    assert stands(maya)[0] == "queue"


@pytest.mark.parametrize("way", ["taken", "assigned", "passed on"])
def test_a_message_of_two_days_ago_is_not_over_when_somebody_takes_it(
    maya: Person, phone: Endpoint, sales: Queue, ana: Agent, later: Later, way: str
) -> None:
    chloe, found = factories.agent("Chloe Martin", supervises=(sales,)), maya.conversation
    later(days=2)
    support = factories.queue("support")
    factories.agent("Ben Okafor", queues=(support,))
    if way == "taken":
        desk.claim(conversation_id=found.pk, agent=ana)
    elif way == "assigned":
        leading.force_assign(conversation_id=found.pk, agent=chloe, to=ana)
    else:
        desk.transfer(conversation_id=found.pk, agent=ana, queue=support, note="Yours")
    assert (expiry.sweep(), stands(maya)[2]) == (0, "live")


@pytest.mark.scenario("HO-65")
@pytest.mark.parametrize("way", ["asked for again", "lent"])
def test_a_message_keeps_the_place_that_it_has(
    maya: Person, phone: Endpoint, sales: Queue, later: Later, way: str
) -> None:
    left_at = maya.conversation.queued_at
    later(hours=3)
    if way == "lent":
        phone.says("menu")
        later(minutes=16)
        timers.sweep()
    else:
        cast.ana(sales)
        phone.says("agent")
    found = maya.conversation
    assert (found.mode, found.owner_kind) == ("ticket" if way == "lent" else "live", "queue")
    assert (found.queued_at, found.ranked_at) == (left_at, left_at)


@pytest.mark.scenario("HO-69")
def test_cancel_withdraws_it_and_says_so(maya: Person, phone: Endpoint, later: Later) -> None:
    assert phone.says("cancel")[0] == "I have withdrawn your message."
    assert stands(maya) == ("bot", None, "live")
    assert causes() == ["handover", "ticket_withdrawn"]
    later(minutes=16)
    timers.sweep()
    assert stands(maya)[0] == "bot"
    assert Conversation.objects.count() == 1


@pytest.fixture
def opens(sales: Queue) -> datetime:
    """The team is there tomorrow from nine to five, and promises an answer within half an hour."""
    opens = (clock.now() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    weekly = {hours.DAYS[opens.weekday()]: ["09:00-17:00"]}
    sales.hours = BusinessHours.objects.create(title="One day", time_zone="UTC", weekly=weekly, holidays=[])
    sales.sla = SlaPolicy.objects.create(title="Half an hour", first_minutes=30)
    sales.save(update_fields=["hours", "sla"])
    return opens


@pytest.mark.scenario("HO-65")
def test_who_leaves_a_message_is_told_from_when_on_it_is_read(
    opens: datetime, maya: Person, phone: Endpoint, sales: Queue
) -> None:
    told = f"Our team is back {opens:%d.%m. %H:%M}."
    assert [one.content["text"] for one in phone.shown()].count(told) == 1
    assert phone.says("agent") == [f"Your message is with our team. They will answer you here. {told}"]
    assert SlaClock.objects.get(kind="first").due_at == opens + timedelta(minutes=30)


@pytest.mark.scenario("HO-65")
def test_what_the_bot_was_lent_returns_when_the_team_opens(
    opens: datetime, maya: Person, phone: Endpoint, sales: Queue, later: Later
) -> None:
    phone.says("menu")
    later(minutes=16)
    timers.sweep()
    assert stands(maya) == ("bot", None, "ticket")
    later(seconds=(opens - clock.now()).total_seconds() + 1)
    timers.sweep()
    assert stands(maya) == ("queue", sales.pk, "ticket")

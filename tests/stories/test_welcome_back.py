"""Who is back is welcomed once, where it is private and proven, and the welcome names what was last spoken about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from common import clock
from conversations import recall, shopping
from conversations.journeys.scene import Scene
from conversations.models import Greeting, JourneyRun, Message
from customers import attributes, definitions
from customers.models import AttributeDefinition
from handover import desk, happenings
from handover.models import Agent, Queue
from tests import factories
from tests.stories import canaries, cast, models
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]
HELLO = "Good to see you again"

BLUE = """
journey: blue_widgets
title: Blue widgets
languages: [en]
triggers: [{keyword: [blue]}]
steps:
  - {id: size, type: ask, title: Size, text: "Which size?", resume: We were choosing a size.}
  - {id: bye, type: end, text: Thank you.}
"""


@pytest.fixture
def maya(sales: Queue) -> Person:
    cast.publish(BLUE)
    person = cast.maya()
    known_by_name(person)
    return person


def scene_of(endpoint: Endpoint) -> Scene:
    row = Message.objects.filter(session__identity=endpoint.place.identity).order_by("-pk")[0]
    return Scene(row.session.conversation, row.session, row.session.identity.customer.root)


def known_by_name(person: Person) -> None:
    """WhatsApp says the name at its own address."""
    attributes.observe(
        customer=person.customer,
        key="name",
        value="Maya Lindqvist",
        source="provider:whatsapp",
        occurred_at=clock.now(),
        source_event_id="profile",
        identity=person.phone,
    )


@pytest.mark.scenario("J-10")
def test_who_asked_on_whatsapp_is_welcomed_on_the_web_once_with_name_and_topic(maya: Person, later: Later) -> None:
    maya.on_whatsapp().says("blue widgets please")
    later(hours=5)
    shop = maya.on_web()
    answered = shop.says("hello")
    assert answered[0] == f"{HELLO}, Maya. Last time we spoke about: Blue widgets (Size)."
    assert answered[1].startswith("We were choosing a size.")
    later(hours=6)
    assert HELLO not in words(shop.says("42"))
    assert HELLO not in words(shop.says("hello"))


@pytest.mark.scenario("J-10")
def test_after_a_short_silence_nobody_is_welcomed(maya: Person, later: Later) -> None:
    maya.on_whatsapp().says("blue widgets please")
    later(minutes=29)
    assert HELLO not in words(maya.on_web().says("hello"))


def test_after_more_than_thirty_days_nobody_is_welcomed(maya: Person, later: Later) -> None:
    maya.on_whatsapp().says("blue widgets please")
    later(days=31)
    assert HELLO not in words(maya.on_whatsapp().says("hello"))


def test_who_asks_for_an_agent_is_not_told_the_past_first(maya: Person, later: Later) -> None:
    maya.on_whatsapp().says("hi")
    later(days=2)
    assert HELLO not in words(maya.on_whatsapp().says("agent"))


@pytest.mark.scenario("J-12")
def test_in_public_there_is_no_welcome_and_nothing_is_remembered(maya: Person, later: Later) -> None:
    maya.on_whatsapp().says("blue widgets please")
    later(hours=5)
    open_place = replace(maya.on_whatsapp().place, channel="discord-demo", kind="discord", is_public=True)
    answered = words(Endpoint(open_place).says("hello"))
    assert HELLO not in answered and "Maya" not in answered and "Blue" not in answered
    assert recall.text(recall.seen(scene_of(Endpoint(open_place)))) == ""


@pytest.mark.scenario("J-13")
def test_the_next_visitor_of_a_shared_device_learns_nothing(maya: Person, later: Later) -> None:
    maya.on_web().says("blue widgets please")
    later(hours=1)
    visitor = cast.tom()
    answered = words(visitor.says("hello"))
    assert HELLO not in answered and "size" not in answered and not Greeting.objects.exists()
    assert "Blue" not in recall.text(recall.seen(scene_of(visitor)))


def test_what_was_said_at_an_address_that_is_not_proven_here_is_not_named(maya: Person, later: Later) -> None:
    maya.on_whatsapp().says("blue widgets please")
    later(hours=5)
    answered = words(maya.on_web(knows_phone=False).says("hello"))
    assert "Blue" not in answered


def test_while_an_agent_owns_the_conversation_nobody_is_welcomed(maya: Person, ana: Agent, later: Later) -> None:
    phone = maya.on_whatsapp()
    phone.says("blue widgets please")
    cast.take_over(phone, ana)
    later(hours=2)
    assert HELLO not in words(maya.on_web().says("hello"))


def test_the_agents_card_knows_the_last_conversations_and_what_the_bot_may_know(
    maya: Person, ana: Agent, later: Later
) -> None:
    AttributeDefinition.objects.create(key="floor", label="Floor", is_bot_visible=True)
    AttributeDefinition.objects.create(key="diet", label="Diet")
    definitions.forget()
    for key in ("floor", "diet"):
        factories.attribute(maya.customer, key, "third")
    phone = maya.on_whatsapp()
    phone.says("blue widgets please")
    cast.take_over(phone, ana)
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(days=1)
    phone.says("agent")
    cast.take_over(phone, ana)
    card = maya.conversation.notes.filter(kind="card").latest("pk").card
    told = card["context"]
    assert [(one["topic"], one["reason"]) for one in told["previous"]] == [("Blue widgets", "resolved")]
    assert told["attributes"] == [{"label": "Floor", "value": "third"}]
    assert (told["name"], told["proof"], told["channels"]) == ("Maya Lindqvist", "attested", ["whatsapp"])
    assert card["greeting"] == "Welcome back, Maya. I see you were at “Blue widgets”. I go on from there."


def test_the_block_is_short_and_always_the_same(maya: Person) -> None:
    for number in range(30):
        AttributeDefinition.objects.create(key=f"fact_{number}", label=f"Fact {number}", is_bot_visible=True)
        factories.attribute(maya.customer, f"fact_{number}", "word " * 30)
    definitions.forget()
    maya.on_whatsapp().says("blue widgets please")
    block = recall.block(root_id=maya.customer.pk)
    assert 900 < len(recall.text(block)) <= recall.LONGEST
    assert recall.text(recall.block(root_id=maya.customer.pk)) == recall.text(block)
    assert recall.text(block).startswith("Name: Maya Lindqvist\n")


def test_a_value_with_line_breaks_is_one_line_of_the_block() -> None:
    block = recall.Recall(name="Maya\nProof: proven", language="en")
    assert recall.text(block) == "Name: Maya Proof: proven\nLanguage: en"


def test_the_article_that_answered_last_is_the_topic(maya: Person, later: Later) -> None:
    models.knows("assembly", "Assembly of chairs", "There is a film.")
    maya.on_whatsapp().says("assembly of chairs")
    later(hours=5)
    assert maya.on_web().says("menu please now")[0].endswith("Last time we spoke about: Assembly of chairs.")


@pytest.mark.scenario("J-11")
def test_the_last_order_is_the_topic_and_stands_in_the_block(maya: Person, later: Later) -> None:
    phone = maya.on_whatsapp()
    phone.says("qwertz")
    data = {"items": [{"title": "Ergo task chair"}, {"title": "Lamp"}]}
    happenings.happened(customer=maya.customer, name="order.paid", data=data, occurred_at=clock.now())
    later(days=2)
    answered = phone.says("hello there")
    assert answered[0] == f"{HELLO}, Maya. Last time we spoke about: Ergo task chair and 1 more."
    block = recall.text(recall.block(root_id=maya.customer.pk))
    assert "Last order or cart: Order paid on " in block and ": Ergo task chair and 1 more" in block


def test_an_order_of_an_origin_that_is_not_proven_here_is_not_told(maya: Person, later: Later) -> None:
    other = factories.customer("Maya at the till")
    canaries.joined(maya.customer, other)
    happenings.happened(customer=other, name="order.paid", data={"title": "A secret gift"}, occurred_at=clock.now())
    phone = maya.on_whatsapp()
    phone.says("qwertz")
    assert "gift" in recall.text(recall.block(root_id=maya.customer.root_id))
    assert "gift" not in recall.text(recall.seen(scene_of(phone)))


def test_an_older_event_changes_nothing(maya: Person) -> None:
    for days, title in ((1, "New chair"), (9, "Old chair")):
        at = clock.now() - timedelta(days=days)
        shopping.note(customer=maya.customer, name="cart.changed", data={"title": title}, occurred_at=at)
    shopping.note(customer=maya.customer, name="ticket.sold", data={"title": "No order"}, occurred_at=clock.now())
    assert "New chair" in shopping.words(shopping.latest(maya.customer.pk))


def left_unfinished(person: Person, status: str, later: Later) -> Endpoint:
    """She was asked for a size on WhatsApp, and what she began has ended without her; she is back in the shop."""
    person.on_whatsapp().says("blue widgets please")
    JourneyRun.objects.update(status=status, ended_at=clock.now(), wait=None)
    later(hours=5)
    return person.on_web()


@pytest.mark.scenario("J-10")
@pytest.mark.parametrize("how", ["tap", "1", "continue"])
def test_what_was_left_and_is_not_open_any_more_is_offered_with_the_welcome(
    maya: Person, later: Later, how: str
) -> None:
    shop = left_unfinished(maya, "expired", later)
    welcomed, offered = shop.says("good morning")
    assert welcomed == f"{HELLO}, Maya. Last time we spoke about: Blue widgets."
    assert "Blue widgets" in offered and "Continue" in offered and "Something else" in offered
    assert "Which size?" in words(shop.taps("Continue") if how == "tap" else shop.says(how))


def test_who_wants_something_else_than_was_left_gets_the_menu(maya: Person, later: Later) -> None:
    shop = left_unfinished(maya, "failed", later)
    shop.says("good morning")
    assert "How can I help you?" in words(shop.says("something else"))
    assert "Which size?" not in words(shop.says("x", payload="go_on:nothing"))


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_what_was_finished_or_given_up_is_not_offered(maya: Person, later: Later, status: str) -> None:
    assert "Continue" not in words(left_unfinished(maya, status, later).says("good morning"))


def test_who_says_what_they_want_is_not_asked_what_was_left(maya: Person, later: Later) -> None:
    assert "Continue" not in words(left_unfinished(maya, "expired", later).says("blue"))

"""WhatsApp in the morning, the web shop in the afternoon: one run, one conversation, the same step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations.content import Text
from conversations.journeys import resume_cards
from conversations.models import JourneyRun, Message
from conversations.sessions import Place
from handover import desk, presence
from handover.models import Affinity, Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]
RESUME = "We were choosing your budget for the Mesh executive."
QUESTION = "What is your budget"


def at_the_budget(person: Person) -> None:
    """The order has been begun on WhatsApp; the question about the budget is open."""
    phone = person.on_whatsapp()
    phone.says("hi")
    phone.taps("Mesh executive")


def card(person: Person, *identity_ids: int) -> resume_cards.ResumeCard | None:
    root = person.customer.root
    return resume_cards.resumable(root=root, visible=identity_ids, assurance="strong", now=clock.now())


@pytest.mark.scenario("J-1")
def test_the_journey_goes_on_at_the_same_step_of_the_same_run(sales: Queue) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    run, shop = maya.run(), maya.on_web()
    assert words(shop.says(action="resume", payload=str(run.public_id))).startswith(RESUME)
    assert "What matters most" in words(shop.says("400"))
    assert maya.run().pk == run.pk
    assert maya.run().vars == {"chair": "mesh", "budget": 400}


@pytest.mark.scenario("J-1")
def test_the_resume_sentence_is_said_once(sales: Queue) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    shop, run = maya.on_web(), maya.run()
    shop.says(action="resume", payload=str(run.public_id))
    assert shop.says(action="resume", payload=str(run.public_id)) == []


@pytest.mark.scenario("J-1")
def test_no_whatsapp_message_is_in_the_widgets_session(sales: Queue) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    shop = maya.on_web()
    shop.says(action="resume", payload=str(maya.run().public_id))
    assert [row.session.kind for row in shop.shown()] == ["web", "web"]
    assert maya.conversation.sessions.count() == 2


def test_the_card_names_journey_step_and_channel(sales: Queue) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    shown = card(maya, maya.phone.pk)
    assert shown is not None
    assert (shown.title, shown.step, shown.kind, shown.status) == (
        "Order an office chair", "Budget", "whatsapp", "auto",
    )  # fmt: skip


def test_there_is_no_card_without_a_journey(sales: Queue) -> None:
    maya = cast.maya()
    assert card(maya, maya.phone.pk) is None


@pytest.mark.scenario("J-2")
def test_a_long_web_conversation_is_not_sent_to_whatsapp(sales: Queue, later: Later) -> None:
    maya = cast.maya()
    shop, phone = maya.on_web(), maya.on_whatsapp()
    shop.says("hi")
    shop.taps("Mesh executive")
    session = maya.conversation.sessions.get()
    for number in range(40 - session.messages.count()):
        factories.bot_says(session, f"Message {number}")
    assert session.messages.count() == 40
    later(minutes=10)
    answered = phone.says("where were we?")
    assert [answered[0], len(answered)] == [RESUME, 2]
    on_whatsapp = Message.objects.filter(session__kind="whatsapp").exclude(author="customer")
    assert [on_whatsapp.count(), len(phone.shown()), session.messages.count()] == [2, 2, 40]


@pytest.mark.scenario("J-3")
def test_a_stranger_who_types_the_number_gets_the_same_answer_as_for_any_number(sales: Queue) -> None:
    maya, known, unknown = cast.maya(), cast.tom(), cast.tom()
    at_the_budget(maya)
    assert known.says("my number is +46 70 174 06 35") == unknown.says("my number is +46 70 999 99 99")
    assert maya.run().seq == JourneyRun.objects.get(pk=maya.run().pk).seq
    assert maya.conversation.sessions.count() == 1


@pytest.mark.scenario("J-3")
def test_a_stranger_who_knows_the_runs_id_moves_nothing(sales: Queue) -> None:
    maya, stranger = cast.maya(), cast.tom()
    at_the_budget(maya)
    assert stranger.says(action="resume", payload=str(maya.run().public_id)) == []
    assert maya.run().session.kind == "whatsapp"


@pytest.mark.scenario("J-3")
def test_a_login_without_the_phone_does_not_see_the_run(sales: Queue) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    shop = maya.on_web(knows_phone=False)
    assert card(maya, maya.account.pk if maya.account else 0) is None
    assert shop.says(action="resume", payload=str(maya.run().public_id)) == []
    assert "budget" not in words(shop.says("what is up"))


def test_an_order_begun_unseen_leaves_the_hidden_run_for_its_own_channel(sales: Queue) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    hidden = maya.run()
    maya.on_web(knows_phone=False).says("hi")
    hidden.refresh_from_db()
    assert hidden.status == "suspended"
    assert words(maya.on_whatsapp().says("400")).count(RESUME) == 1


@pytest.mark.scenario("J-6")
@pytest.mark.parametrize(
    ("passed", "said"),
    [
        ({"hours": 23, "minutes": 59}, "What matters most"),
        ({"hours": 24, "minutes": 1}, "Start over"),
        ({"days": 6.9}, "Start over"),
        ({"days": 7.1}, "let us start afresh"),
    ],
)
def test_the_age_of_the_run_decides(sales: Queue, later: Later, passed: dict[str, float], said: str) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    later(**passed)
    assert said in words(maya.on_whatsapp().says("400")[2:])


@pytest.mark.scenario("J-6")
def test_an_offer_that_is_taken_asks_the_same_step(sales: Queue, later: Later) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    later(days=2)
    phone = maya.on_whatsapp()
    phone.says("hello?")
    assert QUESTION in words(phone.says("1"))
    assert "What matters most" in words(phone.says("400"))


@pytest.mark.scenario("J-6")
def test_after_a_week_the_journey_restarts_and_no_agent_is_preferred(sales: Queue, later: Later) -> None:
    maya, ana = cast.maya(), cast.ana(sales)
    phone = maya.on_whatsapp()
    phone.says("hello")
    cast.take_over(phone, ana)
    desk.reply(conversation_id=maya.conversation.pk, agent=ana, content=Text("Hello, Ana here."), client_id="1")
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    at_the_budget(maya)
    later(days=7.1)
    presence.heartbeat(agent=ana, at=clock.now())
    assert "let us start afresh" in words(phone.says("400"))
    for said in ("agent", "Maya", "A chair"):
        phone.says(said)
    assert Affinity.objects.get().agent_id == ana.pk
    plan = maya.conversation.routing_plan or {}
    assert not [step for step in plan["steps"] if step["target"].startswith("agent:")]


@pytest.mark.scenario("HO-42")
@pytest.mark.scenario("J-7")
def test_a_number_typed_elsewhere_is_no_answer_to_a_menu_shown_here(sales: Queue) -> None:
    maya = cast.maya()
    maya.on_web().says("hi")
    answered = words(maya.on_whatsapp().says("2"))
    assert "We were choosing a chair for you." in answered
    assert "chair" not in maya.run().vars


def test_every_word_of_the_bot_names_its_run_and_step(sales: Queue) -> None:
    maya = cast.maya()
    at_the_budget(maya)
    said = Message.objects.filter(author="bot").order_by("pk").values_list("run_id", "step_id")
    assert list(said) == [(maya.run().pk, step) for step in ("hello", "chair", "budget")]


@pytest.mark.scenario("T-29")
def test_an_sms_that_anybody_may_send_opens_nothing_of_whatsapp(sales: Queue) -> None:
    person = cast.maya()
    at_the_budget(person)
    sms = Endpoint(Place(person.phone, "sms-demo", "sms", (), "none"))
    said = words([*sms.says("hello"), *sms.says("300")])
    assert "Mesh" not in said.split("Which chair")[0] and RESUME not in said
    assert "budget" not in JourneyRun.objects.order_by("pk")[0].vars

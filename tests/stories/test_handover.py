"""The way to a human: presence, pre-chat questions, the queue; offline, abandoned and broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from conversations import timers
from conversations.journeys import publishing
from conversations.journeys.effects import HandOver
from conversations.journeys.scene import Scene
from conversations.models import Journey, JourneyRun
from handover import desk, intake
from handover.models import Affinity, Agent, Note, Queue
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def asks_for_an_agent(phone: Endpoint) -> list[str]:
    """From the order's second question to the end of the pre-chat questions."""
    for said in ("hi", "2", "agent", "Maya"):
        phone.says(said)
    return phone.says("Delivery to the third floor")


def owner(maya: Person) -> tuple[str, int | None]:
    return maya.conversation.owner_kind, maya.conversation.owner_id


def goes_away(agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(manual_status="offline")


def test_after_the_pre_chat_the_queue_owns_and_the_customer_is_told(maya: Person, phone: Endpoint, ana: Agent) -> None:
    assert asks_for_an_agent(phone) == ["I am passing you to our team. Somebody will answer you right here."]
    queue = ana.queues.get()
    assert owner(maya) == ("queue", queue.pk)
    assert phone.says("are you there?") == []


@pytest.mark.scenario("HO-53")
def test_skill_referrer_and_channel_reach_conversation_and_card(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    card = Note.objects.get(kind="card").card
    assert (card["skill"], card["referrer"], card["channel"]) == ("sales", "order_chair", "whatsapp-demo")
    assert (maya.conversation.skill, maya.conversation.referrer) == ("sales", "order_chair")


def test_the_card_tells_journey_step_and_every_answer(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_an_agent(phone)
    card = Note.objects.get(kind="card").card
    assert card["journey"]["title"] == "Order an office chair"
    assert [row["label"] for row in card["answers"]] == ["Chair", "Name", "Topic"]
    assert card["intake"][-1]["value"] == "Delivery to the third floor"
    assert (card["reason"], card["step"]["label"]) == ("asked", "Budget")


def test_what_is_known_is_not_asked_before_the_chat(maya: Person, ana: Agent) -> None:
    phone = maya.on_whatsapp()
    asks_for_an_agent(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    phone.says("chair")
    assert "first name" not in words(phone.says("agent"))


@pytest.mark.scenario("HO-28")
def test_agent_twice_is_one_handover(maya: Person, phone: Endpoint, ana: Agent) -> None:
    for said in ("hi", "agent", "agent"):
        phone.says(said)
    asked = maya.conversation.events.filter(kind="handover_requested")
    assert asked.count() == 1
    assert JourneyRun.objects.filter(purpose="intake").count() == 1


@pytest.mark.scenario("HO-24")
def test_the_last_agent_leaves_during_the_pre_chat(maya: Person, phone: Endpoint, ana: Agent) -> None:
    for said in ("hi", "2", "agent", "Maya"):
        phone.says(said)
    goes_away(ana)
    assert "Nobody from our team is online right now." in words(phone.says("a question"))
    assert owner(maya) == ("bot", None)
    assert not Note.objects.exists()


@pytest.mark.scenario("HO-65")
def test_with_nobody_online_the_offline_branch_runs_and_nothing_is_asked(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    answered = words(phone.says("agent"))
    assert "Nobody from our team is online right now." in answered
    assert "first name" not in answered
    assert owner(maya) == ("bot", None)
    assert maya.conversation.queued_at is None


@pytest.mark.scenario("HO-25")
def test_a_presence_check_that_takes_too_long_counts_as_offline(maya: Person, phone: Endpoint, ana: Agent) -> None:
    def too_slow(queue: Queue) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return True

    phone.says("hi")
    session = maya.conversation.sessions.select_related("identity").get()
    scene = Scene(maya.conversation, session, maya.customer)
    opening = intake.begin(
        scene=scene, parent=None, asked=HandOver(skill="sales", intake="prechat_sales"), is_staffed=too_slow
    )
    assert opening.outcome == "offline"
    assert owner(maya) == ("bot", None)


@pytest.mark.scenario("HO-27", "HO-I10")
@pytest.mark.scenario("T-P9")
@pytest.mark.parametrize(
    ("table", "rule"),
    [
        ("handover_note", "kind <> 'card'"),
        ("conversations_message", "author <> 'system'"),
        ("conversations_conversationevent", "kind <> 'owner_changed'"),
        ("conversations_conversation", "owner_kind <> 'agent'"),
    ],
)
def test_a_failure_anywhere_in_the_handover_leaves_the_bot_in_charge(
    maya: Person, phone: Endpoint, ana: Agent, table: str, rule: str
) -> None:
    ana.queues.update(delivery="auto")
    Affinity.objects.create(customer=maya.customer, scope="sales", agent=ana, handled_at=ana.last_seen_at)
    for said in ("hi", "2", "agent", "Maya"):
        phone.says(said)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT broken CHECK ({rule}) NOT VALID")
    assert "could not reach our team" in words(phone.says("a question"))
    assert owner(maya) == ("bot", None)
    assert not Note.objects.exists()
    kinds = maya.conversation.events.values_list("kind", flat=True)
    assert ("handover_failed" in kinds, "owner_changed" in kinds) == (True, False)


@pytest.mark.scenario("HO-26")
def test_an_abandoned_pre_chat_is_suspended_and_nothing_is_queued(
    maya: Person, phone: Endpoint, ana: Agent, later: Later
) -> None:
    for said in ("hi", "2", "agent"):
        phone.says(said)
    later(minutes=31)
    assert timers.sweep() == 1
    assert maya.run("prechat_sales").status == "suspended"
    assert owner(maya) == ("bot", None)


@pytest.mark.scenario("HO-26")
def test_an_answered_pre_chat_is_not_abandoned(maya: Person, phone: Endpoint, ana: Agent, later: Later) -> None:
    for said in ("hi", "2", "agent"):
        phone.says(said)
    later(minutes=20)
    phone.says("Maya")
    later(minutes=20)
    assert timers.sweep() == 0
    assert maya.run("prechat_sales").status == "waiting"


@pytest.mark.scenario("HO-55")
def test_a_pre_chat_journey_that_is_gone_leaves_the_bot_in_charge(maya: Person, phone: Endpoint, ana: Agent) -> None:
    Journey.objects.filter(key="prechat_sales").update(is_enabled=False)
    publishing.forget()
    phone.says("hi")
    assert "could not reach our team" in words(phone.says("agent"))
    assert owner(maya) == ("bot", None)

"""One journey on one channel: interruptions, mistakes, corrections, versions, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations import recall
from conversations.journeys import publishing
from conversations.models import JourneyRun, StepLog
from customers import attributes
from handover.models import Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]

STUBBORN = """
journey: stubborn
title: A form
languages: [en]
triggers: [{keyword: [form]}]
policy: {interruptible: false}
steps:
  - {id: age, type: ask, text: "How old are you?", expect: {kind: number}, resume: We were here., on_invalid: bye}
  - {id: bye, type: end, text: Thank you.}
"""

GREETING = """
journey: main_menu
title: Main menu
languages: [en]
vars: {shop: {default: Nordic}}
steps:
  - {id: hello, type: message, text: "Welcome to {{ vars.shop }}"}
  - {id: menu, type: menu, text: What next?, options: [{id: bye, label: Goodbye}]}
  - {id: bye, type: end, text: Bye.}
"""


def last_journey(person: Person) -> str | None:
    run = recall.open_run(person.customer.pk)
    return str(recall.last_journey(run)["label"]) if run else None


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.mark.scenario("J-5")
def test_last_journey_is_there_from_the_start_and_gone_at_the_end(maya: Person, phone: Endpoint) -> None:
    assert last_journey(maya) is None
    phone.says("hi")
    assert last_journey(maya) == "Chair"
    for answer in ("2", "400", "my back", "1"):
        phone.says(answer)
    assert maya.run().status == "completed"
    assert last_journey(maya) is None


@pytest.mark.scenario("J-5")
def test_last_journey_is_gone_after_a_cancel(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    phone.says("2")
    phone.says("cancel")
    phone.says("yes")
    assert maya.run().status == "cancelled"
    assert last_journey(maya) is None


@pytest.mark.scenario("J-5")
def test_last_journey_is_kept_while_dropped_and_gone_when_expired(maya: Person, phone: Endpoint, later: Later) -> None:
    phone.says("hi")
    later(days=6)
    assert last_journey(maya) == "Chair"
    later(days=2)
    phone.says("hello again")
    assert maya.run().status == "expired"
    assert last_journey(maya) is None


@pytest.mark.scenario("J-16")
def test_a_button_of_an_earlier_question_has_expired(phone: Endpoint) -> None:
    phone.says("hi")
    menu = phone.shown()[-1].content["options"][0]["payload"]
    phone.says("2")
    answered = words(phone.says("Ergo task chair", payload=menu))
    assert answered.startswith("That menu has expired.")
    assert "What is your budget" in answered


@pytest.mark.scenario("J-16")
def test_a_button_of_an_ended_run_has_expired(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    menu = phone.shown()[-1].content["options"][0]["payload"]
    phone.says("cancel")
    answered = words(phone.says("Ergo task chair", payload=menu))
    assert answered.startswith("That menu has expired.")
    assert "How can I help you?" in answered


@pytest.mark.scenario("J-17")
def test_another_journeys_word_pushes_it_and_its_end_brings_the_same_step_back(maya: Person, phone: Endpoint) -> None:
    cast.publish(STUBBORN)
    phone.says("hi")
    phone.says("2")
    assert "How old are you?" in words(phone.says("form"))
    answered = phone.says("42")
    assert answered[0] == "Thank you."
    assert answered[1].startswith("We were choosing your budget")
    assert "What matters most" in words(phone.says("400"))


@pytest.mark.scenario("J-18")
def test_a_journey_that_may_not_be_interrupted_asks_again(phone: Endpoint) -> None:
    cast.publish(STUBBORN)
    phone.says("form")
    assert phone.says("chair") == ["How old are you?"]


@pytest.mark.scenario("J-19")
def test_three_wrong_answers_lead_to_on_invalid_and_the_card_carries_them(maya: Person, phone: Endpoint) -> None:
    cast.ana(factories.queue("sales"))
    phone.says("hi")
    phone.says("2")
    for wrong in ("a lot", "loads", "plenty"):
        answered = phone.says(wrong)
    assert "first name" in words(answered)
    phone.says("Maya")
    phone.says("I do not know my budget")
    note = maya.conversation.notes.get(kind="card")
    assert note.card["attempts"] == ["a lot", "loads", "plenty"]


@pytest.mark.scenario("J-20")
def test_change_clears_the_answer_and_asks_it_again(maya: Person, phone: Endpoint) -> None:
    for said in ("hi", "2", "400"):
        phone.says(said)
    assert "What is your budget" in words(phone.says("change budget"))
    assert maya.run().vars == {"chair": "mesh"}
    assert "What matters most" in words(phone.says("500"))


@pytest.mark.scenario("J-22")
@pytest.mark.parametrize("said", ["2", "executive", "Mesh executive", "Silla de malla"])
def test_a_spanish_customer_may_answer_by_number_alias_or_label(maya: Person, phone: Endpoint, said: str) -> None:
    attributes.observe(
        customer=maya.customer,
        key="language",
        value="es",
        source="provider",
        occurred_at=clock.now(),
        source_event_id="1",
        identity=maya.phone,
    )
    assert "¿Qué silla te interesa?" in words(phone.says("hola"))
    assert "presupuesto" in words(phone.says(said))


@pytest.mark.scenario("J-25")
def test_a_run_keeps_its_version_and_new_runs_take_the_new_one(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    phone.says("2")
    text = (publishing.LIBRARY / "order_chair.yaml").read_text()
    cast.publish(text.replace("Which chair are you thinking of?", "Which chair shall it be?"))
    assert "What matters most" in words(phone.says("400"))
    for said in ("my back", "1"):
        phone.says(said)
    assert "Which chair shall it be?" in words(phone.says("hi"))


def test_what_was_learned_is_an_attribute_with_its_address(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    phone.says("2")
    known = maya.customer.attributes.select_related("observation").get(key="chair_interest")
    assert (known.observation.value, known.observation.identity_id) == ("mesh", maya.phone.pk)


def test_every_executed_step_is_logged_with_its_outcome(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    phone.says("2")
    log = StepLog.objects.order_by("pk").values_list("step_id", "outcome")
    assert list(log) == [("hello", "said"), ("chair", "asked"), ("chair", "chosen"), ("budget", "asked")]


def test_journey_events_tell_start_step_and_end(maya: Person, phone: Endpoint) -> None:
    for said in ("hi", "2", "400", "my back", "1"):
        phone.says(said)
    kinds = maya.conversation.events.filter(kind__startswith="journey").order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["journey_started", *["journey_step"] * 3, "journey_ended"]


def test_the_main_menu_answers_what_nothing_else_does_and_is_not_come_back_to(maya: Person, phone: Endpoint) -> None:
    assert "How can I help you?" in words(phone.says("qwertz"))
    assert "Which chair" in words(phone.says("1"))
    phone.says("2")
    assert words(phone.says("menu")).count("How can I help you?") == 1
    assert "What is your budget" in words(phone.says("hello"))
    assert maya.run("main_menu").status == "cancelled"


def test_the_word_menu_begins_the_main_menu_with_what_it_knew_at_first(maya: Person, phone: Endpoint) -> None:
    cast.publish(GREETING)
    for _ in range(3):
        assert phone.says("menu")[0] == "Welcome to Nordic"
    run = maya.run("main_menu")
    run.given = {"shop": "Baltic"}  # as when another system has begun it
    run.save(update_fields=["given"])
    assert phone.says("menu")[0] == "Welcome to Baltic"


def test_at_most_three_runs_wait_beneath_another(maya: Person, phone: Endpoint) -> None:
    text = STUBBORN.replace("interruptible: false", "interruptible: true")
    for name in ("one", "two", "three", "four", "five"):
        cast.publish(text.replace("stubborn", name).replace("[form]", f"[{name}]"))
        phone.says(name)
    states = JourneyRun.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == ["cancelled", "suspended", "suspended", "suspended", "waiting"]

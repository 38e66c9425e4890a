"""A guest writes in Spanish and is answered in Spanish, without having been asked for a language."""

from __future__ import annotations

import pytest

from config.demo import answers
from conversations.models import Miss
from conversations.sessions import Place
from customers import attributes
from customers.models import Observation
from handover.models import Queue
from tests import factories
from tests.stories import cast, test_answers
from tests.stories.cast import Endpoint, Person, words

MENU, MENU_ES = "How can I help you?", "¿En qué te ayudo?"
ASKS_AGE = test_answers.FORM.replace("{kind: number}", "{kind: text}")


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def guest(kind: str) -> Endpoint:
    """Somebody who writes for the first time."""
    if kind == "whatsapp":
        return cast.maya().on_whatsapp()
    identity = factories.identity(factories.customer(), "telegram_user", "4711", scope="bot")
    return Endpoint(Place(identity, f"{kind}:1", kind, (identity.pk,), "none"))


def spoken(person: Person) -> object:
    return attributes.values(person.customer.root_id).get("language")


@pytest.mark.scenario("J-2")
@pytest.mark.parametrize(
    ("kind", "text"), [("whatsapp", "devolución"), ("telegram", "hola"), ("sms", "¿Dónde está mi pedido?")]
)
def test_a_new_guest_is_answered_in_the_language_of_the_words(sales: Queue, kind: str, text: str) -> None:
    here = guest(kind)
    here.says(text)
    assert Observation.objects.get(key="language").source == "inferred:words"
    assert attributes.values(here.place.identity.customer.root_id)["language"] == "es"
    assert MENU_ES in words(here.says("menú"))


def test_a_journey_begun_by_a_spanish_word_speaks_spanish_at_once(phone: Endpoint) -> None:
    assert "Hola" in words(phone.says("hola"))


def test_english_is_the_default_and_is_not_written_down(maya: Person, phone: Endpoint) -> None:
    phone.says("where is my order")
    assert not Observation.objects.filter(key="language").exists()


def test_what_somebody_has_said_is_not_overridden_by_a_guess(maya: Person, phone: Endpoint) -> None:
    factories.attribute(maya.customer, "language", "en")
    assert "Hola" not in words(phone.says("hola"))
    assert spoken(maya) == "en"


@pytest.mark.scenario("J-2")
def test_the_name_of_a_language_changes_it_and_the_open_question_is_asked_again(maya: Person, phone: Endpoint) -> None:
    assert MENU_ES in words(phone.says("buenas tardes"))
    said = words(phone.says("English"))
    assert "in English from now on" in said and MENU in said
    said = words(phone.says("español"))
    assert "seguimos en español" in said and MENU_ES in said
    assert spoken(maya) == "es"


def test_words_that_are_an_answer_tell_no_language(maya: Person, phone: Endpoint) -> None:
    cast.publish(ASKS_AGE)
    phone.says("form")
    phone.says("Maria del Carmen")
    assert spoken(maya) is None


COURSE = """
journey: course
title: A course
languages: [en]
triggers: [{keyword: [course]}]
steps:
  - {id: which, type: ask, text: Which language course do you want?, expect: {kind: KIND}}
  - {id: bye, type: end, text: "Noted: {{ vars.which }}"}
"""


@pytest.mark.parametrize("name", ["English", "spanish", "Deutsch!"])
def test_a_question_that_takes_any_words_takes_the_name_of_a_language(maya: Person, phone: Endpoint, name: str) -> None:
    cast.publish(COURSE.replace("KIND", "text"))
    phone.says("course")
    assert phone.says(name) == [f"Noted: {name}"]
    assert spoken(maya) is None


@pytest.mark.parametrize(("kind", "said"), [("text", "in English"), ("text", "auf Deutsch"), ("number", "Español")])
def test_who_wishes_for_a_language_there_or_gives_no_answer_by_its_name_gets_it(
    maya: Person, phone: Endpoint, kind: str, said: str
) -> None:
    cast.publish(COURSE.replace("KIND", kind))
    phone.says("course")
    assert phone.says(said)[-1] == "Which language course do you want?"
    assert spoken(maya) in ("en", "de", "es")


def test_the_name_of_a_language_answers_no_question_that_was_asked_elsewhere(maya: Person, phone: Endpoint) -> None:
    cast.publish(COURSE.replace("KIND", "text"))
    phone.says("course")
    web = maya.on_web()
    assert "seguimos en español" in words(web.says("español"))
    assert "which" not in maya.run("course").vars


def test_an_article_that_answers_tells_the_language_of_the_question(maya: Person, phone: Endpoint) -> None:
    test_answers.publish("embalaje", "Embalaje reciclado", "Usamos cartón.", "es")
    assert phone.says("embalaje reciclado") == ["Usamos cartón."]
    assert spoken(maya) == "es"
    assert MENU_ES in words(phone.says("menu"))


@pytest.mark.scenario("J-49")
def test_a_single_doubtful_title_is_offered_with_a_way_out(maya: Person, phone: Endpoint) -> None:
    test_answers.publish(
        "hours", "Opening hours", "We are open from nine to five; come for a look at chairs and desks."
    )
    said = words(phone.says("look, purple elephants"))
    assert "Do you mean this?" in said and "2) Something else" in said
    assert MENU in words(phone.says("2"))


@pytest.mark.scenario("J-49")
@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("thank you", "You are welcome."),
        ("ok", "Good. Write"),
        ("bye", "Goodbye."),
        ("gracias", "De nada."),
        ("hasta luego", "Hasta luego."),
        ("auf Wiedersehen", "Auf Wiedersehen."),
    ],
)
def test_a_courtesy_is_answered_in_kind_and_is_no_question(phone: Endpoint, text: str, answer: str) -> None:
    phone.says("hi")
    phone.says("cancel")
    phone.says("1")
    assert phone.says(text)[0].startswith(answer)
    assert Miss.objects.count() == 0


@pytest.mark.scenario("J-1")
@pytest.mark.parametrize("before", ["", "menu"])
def test_a_keyword_of_several_words_inside_a_sentence_starts_its_journey(
    maya: Person, phone: Endpoint, before: str
) -> None:
    cast.publish(test_answers.FORM.replace("[form]", "[form, fill a form]"))
    if before:
        phone.says(before)
    assert "How old are you?" in words(phone.says("I would like to fill a form today please"))


def test_a_sure_article_is_said_before_such_a_keyword(phone: Endpoint) -> None:
    cast.publish(test_answers.FORM.replace("[form]", "[fill a form]"))
    test_answers.publish("forms", "How do I fill a form?", "With a pen.")
    assert phone.says("how do I fill a form?") == ["With a pen."]
    phone.says("menu")
    assert phone.says("how do I fill a form?") == ["With a pen."]


def test_the_demos_question_about_a_return_finds_its_article_at_the_main_menu(phone: Endpoint) -> None:
    answers.seed()
    phone.says("menu")
    said = words(phone.says("how much does it cost to return a chair"))
    assert "1) Return policy" in said


def set_to(tags: str, kind: str = "telegram") -> Endpoint:
    """Somebody whose app is set to a language."""
    here = guest(kind)
    here.says("/start" if kind == "telegram" else "?", language=tags)
    return here


def language_of(here: Endpoint) -> object:
    return attributes.values(here.place.identity.customer.root_id).get("language")


@pytest.mark.scenario("J-22")
@pytest.mark.parametrize("tags", ["es", "es-MX", "fr-FR, es;q=0.8, en;q=0.2"])
def test_who_has_said_nothing_yet_is_spoken_to_in_the_language_of_their_app(sales: Queue, tags: str) -> None:
    here = set_to(tags)
    assert Observation.objects.get(key="language").source == "inferred:profile"
    assert MENU_ES in words(here.says("menu"))


@pytest.mark.parametrize("tags", ["", "en-GB", "sv", "zh-hans,ja;q=0.9", "*", "es;q=0", "x" * 5000, "e,;q=9,-,_"])
def test_a_setting_that_tells_nothing_new_is_not_kept(sales: Queue, tags: str) -> None:
    here = set_to(tags)
    assert not Observation.objects.filter(key="language").exists() and MENU in words(here.says("menu"))


@pytest.mark.parametrize(("text", "spoken"), [("where is my order", "en"), ("wo ist meine Bestellung", "de")])
def test_words_tell_more_than_a_setting_also_in_the_same_message(sales: Queue, text: str, spoken: str) -> None:
    first, later = guest("whatsapp"), set_to("es", "sms")
    first.says(text, language="es"), later.says(text, language="es")
    assert (language_of(first), language_of(later)) == (spoken, spoken)
    later.says("42", language="es")
    assert language_of(later) == spoken


def test_what_was_stated_stays_whatever_the_app_is_set_to(sales: Queue) -> None:
    here = set_to("es")
    here.says("deutsch", language="es")
    here.says("7", language="es")
    assert language_of(here) == "de"


def test_an_app_that_is_set_anew_changes_what_only_an_app_has_told(sales: Queue) -> None:
    here = set_to("es")
    here.says("7", language="de")
    assert language_of(here) == "de"
    here.says("7", language="es")
    assert language_of(here) == "es"
    here.says("7", language="en")
    assert language_of(here) == "en"

"""A job has failed, and the customer writes elsewhere or in another language: is its menu there, with its letters?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conversations import capabilities
from conversations.content import from_json
from conversations.journeys import render
from conversations.models import JourneyRun
from conversations.sessions import Place
from handover.models import Queue
from tests import factories
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db

MENU = "The restart failed: no line. What now?"
SPANISH = (
    modem.MODEM.replace("languages: [en]", "languages: [en, es]")
    + """
translations:
  es:
    failed.text: "El reinicio falló: {{ task.error }}. ¿Y ahora?"
    failed.options.retry: Reintentar
    failed.options.cancel: Cancelar
    failed.options.human: Agente
"""
)


@pytest.fixture
def maya(sales: Queue) -> Person:
    modem.published()
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    """Begun on WhatsApp; she has gone on to the shop's page, and is told there that it failed."""
    phone, web = maya.on_whatsapp(), maya.on_web()
    phone.says("gadget")
    modem.answered()
    web.says("hello there")
    web.news()
    failed()
    assert web.news()[0].startswith(MENU)
    phone.news()
    return phone


def failed() -> None:
    modem.report(modem.newest(), 1, "failed", text="no line")
    modem.time_passes()


@pytest.mark.scenario("J-38")
@pytest.mark.parametrize("word", ["R", "retry"])
def test_back_on_the_phone_the_menu_is_shown_there_and_then_takes_its_letters(phone: Endpoint, word: str) -> None:
    said = phone.says(word)
    assert [words.startswith(MENU) for words in said] == [True]  # it was not shown here: not taken for an answer
    assert modem.newest().attempt == 1
    phone.says(word)
    assert modem.newest().attempt == 2


@pytest.mark.scenario("J-38")
def test_other_words_there_get_the_menu_once_and_then_what_they_mean(phone: Endpoint) -> None:
    first = phone.says("anything new?")
    assert sum(words.startswith(MENU) for words in first) == 1
    assert "1) Red" in cast.words(first)
    assert phone.says("1") == ["And why?"]


@pytest.mark.scenario("J-38")
def test_a_button_that_was_tapped_elsewhere_counts_at_once(phone: Endpoint) -> None:
    run = JourneyRun.objects.get(lane="background")
    wait = run.wait or {}
    said = phone.says("Cancel", payload=f"{run.public_id.hex}:{wait['token']}:cancel")
    assert said == ["The restart is off."]


def test_somebody_who_may_not_see_it_is_not_asked(phone: Endpoint) -> None:
    assert MENU not in cast.words(cast.tom().says("R"))


def by_sms(maya: Person) -> Endpoint:
    return Endpoint(Place(maya.phone, "sms-demo", "sms", (maya.phone.pk,), "strong"))


def rendered(phone: Endpoint) -> str:
    """The last message as an SMS shows it."""
    content = from_json(phone.shown()[-1].content)
    return render.render(content, capabilities.of("sms")).messages[0].plain_text()


@pytest.mark.scenario("J-39")
def test_the_letters_are_those_of_the_customers_language(maya: Person) -> None:
    cast.publish(SPANISH)
    factories.attribute(maya.customer, "language", "es")
    phone = by_sms(maya)
    phone.says("gadget")
    modem.answered()
    failed()
    for line in ("El reinicio falló: no line. ¿Y ahora?", "R) Reintentar", "C) Cancelar", "A) Agente"):
        assert line in rendered(phone)
    phone.says("R")
    assert modem.newest().attempt == 2


@pytest.mark.scenario("J-39")
def test_where_free_text_is_asked_for_the_spanish_letters_have_their_mark(maya: Person) -> None:
    cast.publish(SPANISH)
    factories.attribute(maya.customer, "language", "es")
    phone = by_sms(maya)
    phone.says("gadget")
    modem.answered()
    phone.says("1")
    failed()
    assert "#R) Reintentar" in rendered(phone)
    phone.news()
    assert phone.says("#R") == []
    assert modem.newest().attempt == 2


FRONT = """
journey: front
title: Front
languages: [en]
triggers: [{keyword: [front]}]
steps:
  - id: go
    type: task
    connection: telco
    send: {method: POST, path: /jobs}
    deadline: 15m
    progress: "At step {{ task.step }}."
    on: {failed: bad, timeout: bad}
  - {id: rest, type: wait, for: 5m}
  - {id: ready, type: end, text: The line is ready.}
  - {id: bad, type: end, text: It did not work.}
"""


@pytest.mark.scenario("J-9")
def test_who_changes_the_channel_while_a_job_runs_hears_its_state_and_its_end_there(maya: Person) -> None:
    cast.publish(FRONT)
    phone, web = maya.on_whatsapp(), maya.on_web()
    phone.says("front")
    modem.answered()
    phone.news()
    assert web.says("anything new?") == ["I am still working on that. You will hear from me here."]
    modem.report(modem.newest(), 1, step=2)
    modem.time_passes()
    assert web.news() == ["At step 2."]
    modem.report(modem.newest(), 2, "failed")
    modem.time_passes()
    assert (web.news(), phone.news()) == (["It did not work."], [])


@pytest.mark.scenario("J-9")
def test_who_changes_the_channel_while_a_time_is_waited_for_hears_so_and_goes_on_there(
    maya: Person, later: Callable[..., None]
) -> None:
    cast.publish(FRONT)
    phone, web = maya.on_whatsapp(), maya.on_web()
    phone.says("front")
    modem.answered()
    modem.report(modem.newest(), 1, "done")
    modem.time_passes()
    phone.news()
    assert web.says("anything new?") == ["I am still working on that. You will hear from me here."]
    later(minutes=6)
    modem.time_passes()
    assert (web.news(), phone.news()) == (["The line is ready."], [])


THEN = modem.MODEM.replace("Your modem is online again.", "Your modem is online again., then: color")
THEN = THEN.replace("The restart is off.", "The restart is off., then: color")


def test_what_follows_an_end_is_not_begun_by_a_report_alone_but_by_the_customers_choice(maya: Person) -> None:
    cast.publish(THEN.replace("The restart has begun., then: color", "The restart has begun."))
    phone = maya.on_whatsapp()
    phone.says("gadget")
    modem.report(modem.newest(), 1, "done")
    modem.time_passes()
    assert "Your modem is online again." in cast.words(phone.news())
    assert not JourneyRun.objects.filter(version__journey__key="color").exists()
    phone.says("gadget")
    failed()
    assert "Which color?" in cast.words(phone.taps("Cancel"))

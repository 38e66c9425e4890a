"""Does the backlog of questions without an answer keep who has asked?"""

from __future__ import annotations

import pytest

from conversations.answers import misses
from conversations.journeys.scene import Scene
from conversations.models import Miss, Session
from handover.models import Queue
from tests import factories
from tests.stories import cast

TOLD = {
    "Hi, my name is zora quint, where is my chair?": "Hi, my name is …, where is my chair?",
    "My name's Zora and I want a chair": "My name's … and I want a chair",
    "I am Zora Quint. Where is my chair": "I am …. Where is my chair",
    "i'm zora, where is my chair": "i'm …, where is my chair",
    "Me llamo Zora Quint y busco una silla": "Me llamo … y busco una silla",
    "Soy Zora, busco una silla": "Soy …, busco una silla",
    "Ich heiße Zora Quint und suche einen Stuhl": "Ich heiße … und suche einen Stuhl",
    "ich bin Zora Quint, wo ist mein Stuhl": "ich bin …, wo ist mein Stuhl",
    "pay from GB29 NWBK 6016 1331 9268 19, please": "pay from …, please",
    "pay from gb29nwbk60161331926819 please": "pay from … please",
    "pay from DE89 3704 0044 0532 0130 00": "pay from …",
    "my card 4111 1111 1111 1111 is gone": "my card … is gone",
    "I am looking for a chair": "I am looking for a chair",
    "ich bin nicht zufrieden": "ich bin nicht zufrieden",
    "soy una clienta": "soy una clienta",
}


@pytest.mark.scenario("J-49")
@pytest.mark.parametrize(("asked", "kept"), TOLD.items())
def test_a_name_that_is_told_an_account_and_a_card_are_not_kept(asked: str, kept: str) -> None:
    assert misses.redacted(asked) == kept


@pytest.mark.scenario("J-49")
def test_a_name_that_may_not_be_shown_here_is_not_kept_either(sales: Queue) -> None:
    maya = cast.maya()
    maya.on_whatsapp().says("hi")
    factories.attribute(maya.customer, "name", "Zora Quint")
    Session.objects.update(assurance="none")
    scene = Scene(maya.conversation, maya.conversation.sessions.get(), maya.customer)
    kept = misses.note(scene=scene, text="does quint get purple elephants", language="en")
    assert kept is not None and kept.question == "does … get purple elephants"


@pytest.mark.scenario("J-49")
@pytest.mark.parametrize("word", ["menu", "Menú", "hauptmenü", "help", "zurück", "start over"])
def test_a_word_that_works_everywhere_is_no_question_that_nobody_answered(sales: Queue, word: str) -> None:
    phone = cast.maya().on_whatsapp()
    assert "How can I help you?" in cast.words(phone.says(word)) or "¿En qué" in cast.words(phone.says(word))
    assert not Miss.objects.exists()
    phone.says("menu")
    phone.says("purple elephants")
    assert Miss.objects.get().question == "purple elephants"


def test_what_names_a_person_is_not_kept() -> None:
    asked = "I am Maya Lindqvist, order #A-4711, maya@example.com, +46 70 174 06 35: where are purple elephants?"
    kept = misses.redacted(asked, ["Maya Lindqvist"])
    assert kept == "I am …, order …: where are purple elephants?"

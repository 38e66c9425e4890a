"""Are the words that always work understood as people write them, and is everything else left to the question?"""

from __future__ import annotations

from typing import Any

import pytest

from conversations.journeys import commands
from conversations.journeys.state import Command, Heard
from tests.conversations.playing import MORNING, Player, journey

SAID = {
    "agent": "An agent; talk to a real person; please, an agent; Hablar con un humano; quiero hablar con un agente; "
    "una agente, por favor; einen Mitarbeiter bitte; Mit einem Menschen sprechen; bitte einen Mitarbeiter",
    "menu": "the menu; Show me the menu, please; back to the main menu; El menú; volver al menú; por favor, el menú "
    "principal; das Menü; Zurück zum Hauptmenü!; bitte zum Menü",
    "cancel": "cancel this; please cancel; Cancelar esto; cancélalo; cancelar, por favor; das abbrechen; Brich ab",
    "back": "one step back; Back to the previous question; volver atrás; la pregunta anterior; un paso atrás, "
    "por favor; einen Schritt zurück; bitte zurück; zurück zur vorigen Frage",
    "restart": "start again; Start from the beginning; volver a empezar; Empezar otra vez, por favor; neu anfangen; "
    "noch einmal von vorn, bitte",
}
PLAIN = (
    "back pain; back to the shop; the menu of the day; menú del día; cancel my subscription; cancelar mi pedido; "
    "my agent; un agente me llamó; Menschen; zurück nach Hause; abbrechen ist keine Lösung; start again tomorrow; "
    "from the beginning; desde el principio; von Anfang an; please; por favor; bitte"
)
CHANGES = {
    "size": "change size; change my size; Change the size, please; I want to change my size; I'd like to "
    "change the size; please change our size",
    "talla": "cambiar talla; cambiar la talla; Cambiar mi talla; cambia mi talla, por favor; cambie la talla; "
    "quiero cambiar mi talla; quisiera cambiar la talla; Me gustaría cambiar mi talla; por favor cambiar las talla",
    "grosse": "Größe ändern; die Größe ändern; meine Größe ändern, bitte; ändern Größe; ändere die Größe; "
    "ändere Größe; Ändere meine Größe; bitte die Größe ändern; ich möchte meine Größe ändern; "
    "ich will die Größe ändern",
}
SIZE = {"id": "size", "type": "ask", "title": "Size", "text": "Which size?", "resume": "Here."}
NOTE = {"id": "note", "type": "ask", "text": "Anything else?", "resume": "There."}
WORDS = {"es": {"size.title": "Talla"}, "de": {"size.title": "Größe"}}


def heard(text: str) -> Heard:
    return Heard(text, MORNING)


def each(table: dict[str, str]) -> list[tuple[str, Any]]:
    return [(text.strip(), name) for name, texts in table.items() for text in texts.split(";")]


def at_the_note() -> Player:
    """Asked for anything else, after a size was given."""
    return Player(journey(SIZE, NOTE, languages=["en", "es", "de"], translations=WORDS)).says("42")


@pytest.mark.scenario("J-22")
@pytest.mark.parametrize(("text", "name"), each(SAID))
def test_a_command_is_heard_with_its_articles_and_a_please(text: str, name: Any) -> None:
    assert commands.recognise(heard(text)) == Command(name)


@pytest.mark.parametrize("text", PLAIN.split("; "))
def test_a_sentence_that_only_begins_with_such_a_word_stays_an_answer(text: str) -> None:
    assert commands.recognise(heard(text)) is None
    assert at_the_note().says(text).vars == {"size": "42", "note": text}


@pytest.mark.scenario("J-20")
@pytest.mark.parametrize(("text", "name"), each(CHANGES))
def test_what_is_to_be_changed_is_asked_again(text: str, name: str) -> None:
    assert commands.correction(heard(text)) == Command("change", name)
    player = at_the_note().says(text)
    assert (player.run.step_id, player.vars) == ("size", {})


@pytest.mark.parametrize(
    "text",
    [
        "change the delivery date to Monday", "cambiar de opinión", "cambiar mi dirección de envío", "andere Größe",
        "Adresse ändern", "daran kann ich nichts ändern", "size", "Talla", "die andern", "change", "ändern",
        "change my size " + "very " * 20,
    ],
)  # fmt: skip
def test_a_change_of_nothing_that_was_asked_is_an_answer(text: str) -> None:
    assert at_the_note().says(text).vars == {"size": "42", "note": text.strip()}

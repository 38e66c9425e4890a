"""Is this one of the words that work everywhere, in any language we speak?"""

from __future__ import annotations

from conversations.journeys.matching import normal
from conversations.journeys.state import Command, CommandName, Heard

PREFIX = "command:"
_WORDS: dict[CommandName, str] = {
    "agent": "agent; human; real person; talk to an agent; talk to a human; talk to a person; talk to someone; "
    "speak to an agent; speak to a human; speak to a person; speak to someone; i need an agent; i need a human; "
    "i need a person; i want to talk to someone; operator; agente; humano; hablar con alguien; hablar con un agente; "
    "hablar con una persona; necesito una persona; quiero hablar con alguien; mitarbeiter; mensch; "
    "mit jemandem sprechen; ich brauche einen menschen",
    "menu": "menu; main menu; menú; menú principal; menü; hauptmenü",
    "cancel": "cancel; quit; exit; cancelar; salir; abbrechen",
    "back": "back; go back; atrás; volver; zurück",
    "restart": "restart; start over; reiniciar; empezar de nuevo; neustart; von vorn",
    "help": "help; ayuda; hilfe",
}
_BY_WORD = {normal(word): name for name, words in _WORDS.items() for word in words.split(";")}
_PLEASE = tuple(" " + normal(word) for word in ("please", "por favor", "bitte"))
_CHANGE = tuple(normal(word) + " " for word in ("change", "change my", "change the", "cambiar", "cambiar el", "ändern"))


def recognise(heard: Heard) -> Command | None:
    """The global command that a message is, by tapped payload or as its only words; None if it is none."""
    if heard.payload.startswith(PREFIX):
        tapped = heard.payload.removeprefix(PREFIX)
        return next((Command(name) for name in _WORDS if name == tapped), None)
    said = normal(heard.text)
    asked = next((said.removesuffix(word) for word in _PLEASE if said.endswith(word)), said)
    if asked in _BY_WORD:
        return Command(_BY_WORD[asked])
    for prefix in sorted(_CHANGE, key=len, reverse=True):
        if said.startswith(prefix) and len(said) <= 80:
            return Command("change", said.removeprefix(prefix))
    return None

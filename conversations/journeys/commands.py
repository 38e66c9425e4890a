"""Is this one of the words that work everywhere, in any language we speak?"""

from __future__ import annotations

import re

from conversations.journeys.matching import normal
from conversations.journeys.state import Command, CommandName, Heard

PREFIX = "command:"
_WORDS: dict[CommandName, str] = {
    "agent": "agent; human; real person; an agent; a human; a real person; talk to an agent; talk to a human; "
    "talk to a person; talk to a real person; talk to someone; speak to an agent; speak to a human; speak to a person; "
    "speak to a real person; speak to someone; i need an agent; i need a human; i need a person; "
    "i want to talk to someone; i want to talk to an agent; i want to talk to a human; i want to talk to a person; "
    "operator; agente; humano; un agente; una agente; un humano; hablar con alguien; hablar con un agente; "
    "hablar con una agente; hablar con una persona; hablar con un humano; necesito una persona; necesito un agente; "
    "quiero hablar con alguien; quiero hablar con un agente; quiero hablar con una persona; mitarbeiter; mensch; "
    "mitarbeiterin; ein mitarbeiter; einen mitarbeiter; ein mensch; einen menschen; mit jemandem sprechen; "
    "mit einem mitarbeiter sprechen; mit einem menschen sprechen; ich brauche einen menschen; "
    "ich brauche einen mitarbeiter; ich möchte mit jemandem sprechen; ich möchte mit einem mitarbeiter sprechen; "
    "ich möchte mit einem menschen sprechen",
    "menu": "menu; main menu; the menu; the main menu; show menu; show me the menu; back to the menu; "
    "back to the main menu; menú; menú principal; el menú; el menú principal; ver el menú; volver al menú; "
    "volver al menú principal; menü; hauptmenü; das menü; das hauptmenü; zum menü; zum hauptmenü; zurück zum menü; "
    "zurück zum hauptmenü",
    "cancel": "cancel; cancel this; cancel that; cancel it; quit; exit; cancelar; cancelar esto; cancélalo; "
    "cancelarlo; salir; abbrechen; das abbrechen; brich ab; brich das ab",
    "back": "back; go back; one step back; a step back; the previous question; back to the previous question; atrás; "
    "volver; volver atrás; ir atrás; un paso atrás; la pregunta anterior; volver a la pregunta anterior; zurück; "
    "geh zurück; einen schritt zurück; die vorige frage; die vorherige frage; zurück zur vorigen frage; "
    "zurück zur vorherigen frage",
    "restart": "restart; start over; start again; begin again; start from the beginning; reiniciar; empezar de nuevo; "
    "volver a empezar; empezar otra vez; empezar desde el principio; neustart; von vorn; von vorne; "
    "noch einmal von vorn; nochmal von vorn; neu anfangen; neu beginnen",
    "help": "help; ayuda; hilfe",
}
_BY_WORD = {normal(word): name for name, words in _WORDS.items() for word in words.split(";")}
_PLEASE = tuple(normal(word) for word in ("please", "por favor", "bitte"))
# Each with the words that stand before a name: of whatever follows, only what names a step is a correction.
_CHANGES = (
    r"(?:(?:i want|i would like|i d like) to )?change (?:(?:my|the|our) )?(?P<name>.+)",
    r"(?:quiero |quisiera |me gustaria )?cambi(?:ar|a|e) (?:(?:el|la|los|las|mi|mis|nuestro|nuestra) )?(?P<name>.+)",
    r"andern (?:(?:die|das|den|mein|meine|meinen|unser|unsere|unseren) )?(?P<name>.+)",
    r"andere (?:die|das|den|mein|meine|meinen|unser|unsere|unseren) (?P<name>.+)",
    r"(?:ich (?:mochte|will|wurde gern|wurde gerne) )?"
    r"(?:(?:die|das|den|mein|meine|meinen|unser|unsere|unseren) )?(?P<name>.+) andern",
)
_CHANGE = tuple(re.compile(words) for words in _CHANGES)
_ORDER = re.compile(r"\bändere?\b", re.IGNORECASE)  # without its dots "andere" is another word
LONGEST = 80  # characters of a correction


def recognise(heard: Heard) -> Command | None:
    """The global command that a message is, by tapped payload or as its only words; None if it is none."""
    if heard.payload.startswith(PREFIX):
        tapped = heard.payload.removeprefix(PREFIX)
        return next((Command(name) for name in _WORDS if name == tapped), None)
    said = _plainly(heard.text)
    return Command(_BY_WORD[said]) if said in _BY_WORD else None


def correction(heard: Heard) -> Command | None:
    """`change` with what a message wants to change ("cambiar mi talla"); it means so only where that names a step."""
    said = _plainly(_ORDER.sub("ändern", heard.text[: 2 * LONGEST]))
    if heard.payload.startswith(PREFIX) or len(said) > LONGEST:
        return None
    found = next(filter(None, (pattern.fullmatch(said) for pattern in _CHANGE)), None)
    return Command("change", found["name"]) if found else None


def _plainly(text: str) -> str:
    """Without a "please" before or behind."""
    said = normal(text)
    for word in _PLEASE:
        if said != word:
            said = said.removeprefix(word + " ").removesuffix(" " + word)
    return said

"""Is this message only a courtesy: thanks, "ok" or a goodbye? Then nothing has to be looked for."""

from __future__ import annotations

import unicodedata
from typing import Literal

from conversations.journeys.matching import normal

WORDS_MOST = 4
_THANKS = "thanks thank thx ty cheers gracias dank danke merci obrigado obrigada dankeschön"
_AROUND = (
    "you a lot so much very many ok okay great perfect super bye for your help the "
    "muchas muchísimas mil vale perfecto genial por la ayuda todo "
    "vielen schön sehr ihnen dir euch alles klar prima tschüss für die hilfe"
)
_THANKING = frozenset(normal(word) for word in _THANKS.split())
_GOING = frozenset(
    map(normal, ("bye", "goodbye", "cya", "later", "adiós", "chao", "luego", "pronto", "tschüss", "ciao"))
)
_BYE = "bye goodbye cya see you later have a nice day good adiós chao hasta luego pronto mañana tschüss ciao bis bald"
_OK = "ok okay alright all right fine great perfect vale bien muy entendido perfecto genial alles klar gut super prima"
_WIEDERSEHEN = "auf wiedersehen"
_LEAVING = frozenset(normal(word) for word in _BYE.split())
_NODDING = frozenset(normal(word) for word in _OK.split())
_ALLOWED = _THANKING | frozenset(normal(word) for word in _AROUND.split())


def is_thanks(text: str) -> bool:
    """True for at most four words of thanks and nothing else, or for emoji alone."""
    if not any(character.isalnum() for character in text):
        return any(unicodedata.category(character) == "So" for character in text)
    said = normal(text).split()
    return len(said) <= WORDS_MOST and set(said) <= _ALLOWED and not _THANKING.isdisjoint(said)


def of(text: str) -> Literal["welcome", "goodbye", "noted", ""]:
    """The key of the sentence that answers a message which is only thanks, a goodbye or "ok"; empty for all else."""
    if is_thanks(text):
        return "welcome"
    said = normal(text).split()
    if not said or len(said) > WORDS_MOST:
        return ""
    if normal(text) == _WIEDERSEHEN or (set(said) <= _LEAVING | _NODDING and not _GOING.isdisjoint(said)):
        return "goodbye"
    return "noted" if set(said) <= _NODDING else ""

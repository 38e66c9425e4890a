"""Is this message only a word of thanks? Then nothing has to be answered."""

from __future__ import annotations

import unicodedata

from conversations.journeys.matching import normal

WORDS_MOST = 4
_THANKS = "thanks thank thx ty cheers gracias dank danke merci obrigado obrigada dankeschön"
_AROUND = (
    "you a lot so much very many ok okay great perfect super bye for your help the "
    "muchas muchísimas mil vale perfecto genial por la ayuda todo "
    "vielen schön sehr ihnen dir euch alles klar prima tschüss für die hilfe"
)
_THANKING = frozenset(normal(word) for word in _THANKS.split())
_ALLOWED = _THANKING | frozenset(normal(word) for word in _AROUND.split())


def is_thanks(text: str) -> bool:
    """True for at most four words of thanks and nothing else, or for emoji alone."""
    if not any(character.isalnum() for character in text):
        return any(unicodedata.category(character) == "So" for character in text)
    said = normal(text).split()
    return len(said) <= WORDS_MOST and set(said) <= _ALLOWED and not _THANKING.isdisjoint(said)

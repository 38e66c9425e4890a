"""Who said these words? The full history of what was written, searched without opening what does not match."""

from __future__ import annotations

from conversations.words.finding import Hit, find
from conversations.words.gathering import Standing, gather, renew, standing, wait_for_gatherer
from conversations.words.lexemes import Piece, Wanted, snippet, wanted
from conversations.words.sources import MESSAGE, NOTE, Spoken, know, read

__all__ = [
    "MESSAGE",
    "NOTE",
    "Hit",
    "Piece",
    "Spoken",
    "Standing",
    "Wanted",
    "find",
    "gather",
    "know",
    "read",
    "renew",
    "snippet",
    "standing",
    "wait_for_gatherer",
    "wanted",
]

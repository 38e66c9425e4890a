"""Who said these words, or is called by them? The full history, searched without opening what does not match."""

from __future__ import annotations

from conversations.words.finding import Answer, find
from conversations.words.gathering import Standing, gather, renew, standing, wait_for_gatherer
from conversations.words.lexemes import Piece, Wanted, snippet, wanted
from conversations.words.phrases import Hit
from conversations.words.sources import MESSAGE, NAME, NOTE, Spoken, know, read

__all__ = [
    "MESSAGE",
    "NAME",
    "NOTE",
    "Answer",
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

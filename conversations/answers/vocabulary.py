"""Which words do our articles use, and which of them was meant by one that they do not? Remembered until a publication.

A word that nobody wrote is compared with those of a like length and letters only: of ten thousand words a few dozen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from django.db import connection

from conversations.models import ArticleEdition

ALIKE = 0.8
SHORTEST = 4  # letters of a word that may be a misspelling
MENDED_MOST = 6  # words of one question
LIVE_FOR = 2.0  # seconds until a publication by another process is seen here

STATISTICS = """
SELECT word, ndoc FROM ts_stat(format(
    'SELECT words FROM conversations_article WHERE state = ''published'' AND language = %%L', %s::text))
"""

_editions: tuple[float, dict[str, int]] | None = None
_kept: dict[str, tuple[int, Vocabulary]] = {}


@dataclass(frozen=True)
class Vocabulary:
    """The words of one language, each with how many articles have it."""

    documents: Mapping[str, int] = field(default_factory=dict)
    by_length: Mapping[int, list[tuple[int, str]]] = field(default_factory=dict)
    mended: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, int]]) -> Vocabulary:
        documents = dict(rows)
        by_length: dict[int, list[tuple[int, str]]] = {}
        for word in documents:
            by_length.setdefault(len(word), []).append((letters(word), word))
        return cls(documents, by_length)

    def mend(self, asked: list[str]) -> list[str]:
        """The words, each unknown one replaced by the only known word that is spelled almost like it."""
        left, found = MENDED_MOST, []
        for word in asked:
            if word in self.documents or len(word) < SHORTEST or word.isdecimal() or not left:
                found.append(word)
                continue
            left -= 1
            if word not in self.mended:
                if len(self.mended) > 10_000:  # questions come from outside: they must not fill the memory
                    self.mended.clear()
                self.mended[word] = self._nearest(word)
            found.append(self.mended[word])
        return found

    def _nearest(self, word: str) -> str:
        """The best match of 0.8 or more, if no other is as good."""
        mask, size = letters(word), len(word)
        matcher = SequenceMatcher(None, b=word, autojunk=False)
        best, found = ALIKE, [word]
        # 2 * common / (both lengths) >= 0.8 leaves no other lengths than these, and few letters that only one has.
        lengths = range(max(SHORTEST, -(-2 * size // 3)), size * 3 // 2 + 1)
        for length in sorted(lengths, key=lambda one: abs(one - size)):
            if 2 * min(size, length) < best * (size + length):
                continue
            most = int((size + length) * (1 - best) + 1e-6)
            for known in [one for theirs, one in self.by_length.get(length, ()) if (mask ^ theirs).bit_count() <= most]:
                matcher.set_seq1(known)
                if matcher.quick_ratio() < best or (ratio := matcher.ratio()) < best:
                    continue
                found = [known] if ratio > best or found == [word] else [*found, known]
                best = ratio
        return found[0] if len(found) == 1 else word


@lru_cache(maxsize=65_536)
def letters(word: str) -> int:
    """Which letters a word has, as bits."""
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 63)
    return mask


def of(language: str) -> Vocabulary:
    """The words of the published articles of a language; read again after a publication anywhere."""
    number = editions().get(language, 0)
    known = _kept.get(language)
    if known is None or known[0] != number:
        known = _kept[language] = number, _read(language)
    return known[1]


def editions() -> dict[str, int]:
    """The languages that something was ever published in, with the number of their edition."""
    global _editions
    if _editions is None or time.monotonic() - _editions[0] > LIVE_FOR:
        rows = ArticleEdition.objects.order_by("language").values_list("language", "number")
        _editions = time.monotonic(), dict(rows)
    return _editions[1]


def forget() -> None:
    """What was remembered is read again at the next question."""
    global _editions
    _editions = None
    _kept.clear()


def _read(language: str) -> Vocabulary:
    with connection.cursor() as cursor:
        cursor.execute(STATISTICS, [language])
        return Vocabulary.of(cursor.fetchall())

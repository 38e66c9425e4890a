"""Which option does this text mean?

Number, alias and label mean the same on every channel; case, accents, emoji and punctuation do not matter.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

FUZZY = 0.85
_NUMBER = re.compile(r"^\D{0,2}(\d{1,3})\D{0,2}$")


@dataclass(frozen=True, slots=True)
class Row:
    """One option as it can be typed: its label in every language, and its aliases."""

    id: str
    label: str
    words: tuple[str, ...] = ()
    description: str = ""


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """Casefolded, without accents, emoji and punctuation; of a text that is nothing but those, its casefolded self."""
    decomposed = unicodedata.normalize("NFKD", text[:500].casefold())
    letters = (c if unicodedata.category(c)[0] in "LN" else " " for c in decomposed if not _ignored(c))
    words = "".join(letters).split()
    return " ".join(words) or text[:500].strip().casefold()


def exact(rows: Sequence[Row], text: str) -> str | None:
    """The id of the option whose alias, label, id or number this is; None if it is none of them."""
    wanted = normal(text)
    if not wanted:
        return None
    for row in rows:
        if any(normal(word) == wanted for word in (row.label, *row.words)):
            return row.id
    number = numeral(text)
    return rows[number - 1].id if number and number <= len(rows) else None


def fuzzy(rows: Sequence[Row], text: str) -> str | None:
    """The id of the only option that is spelled almost like this (ratio of 0.85 or more); None if unsure."""
    wanted = normal(text)
    if not 3 <= len(wanted) <= 60:
        return None
    near = {row.id for row in rows for word in (row.label, *row.words) if _alike(normal(word), wanted)}
    return near.pop() if len(near) == 1 else None


def numeral(text: str) -> int:
    """The number that a text is (`2`, `2)`, `#2`, a keycap, a full-width digit), else 0."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text.strip()[:20]) if not _ignored(c))
    found = _NUMBER.match(plain) if not any(c.isalpha() for c in plain) else None
    return int(found[1]) if found and "-" not in plain else 0


def letters(labels: Sequence[str], used: Iterable[str] = ()) -> tuple[str, ...]:
    """One letter for each label: its first that is free, else the next of the alphabet; no two labels share one.

    Letters that are `used` elsewhere are left alone as long as there are others.
    """
    found: list[str] = []
    elsewhere = set(used)
    pairs = [first + second for first in string.ascii_uppercase for second in string.ascii_uppercase]
    for label in labels:
        own = [char.upper() for char in normal(label) if char in string.ascii_lowercase]
        free = [char for char in (*own, *string.ascii_uppercase) if char not in found]
        found.append(next((char for char in (*free, *pairs) if char not in elsewhere and char not in found), ""))
    return tuple(found)


def _alike(word: str, wanted: str) -> bool:
    matcher = SequenceMatcher(None, word, wanted, autojunk=False)
    return matcher.real_quick_ratio() >= FUZZY and matcher.quick_ratio() >= FUZZY and matcher.ratio() >= FUZZY


def _ignored(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Cf", "Sk")

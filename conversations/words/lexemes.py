"""Which words does a text consist of, whatever its language, and where do they stand in it? Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

WORD = re.compile(r"\w+")
# Written without spaces: each two neighbours are a word of their own.
JOINED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff]+")
LONGEST = 64  # characters of a word that count
MOST = 1500  # words of one text
ASKED = 200  # characters of a search
TERMS = 12  # words of a search
PREFIX_FROM = 2  # characters of the last word that may be only its beginning
AROUND = 70  # characters of a snippet before and after what was found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for: all of these words, and one that begins so ('' if the last word was finished)."""

    words: tuple[str, ...]
    prefix: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.prefix)

    def query(self) -> str:
        """The same for `tsquery`. Words consist of letters, digits and underscores only."""
        return " & ".join([f"'{word}'" for word in self.words] + ([f"'{self.prefix}':*"] if self.prefix else []))

    def has(self, word: str) -> bool:
        return word in self.words or bool(self.prefix and word.startswith(self.prefix))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet."""

    text: str
    is_hit: bool = False


def folded(text: str) -> str:
    """As words are compared: compatible forms made one, marks stripped, no case."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def of(text: str) -> list[str]:
    """The different words of a text, at most `MOST`."""
    found: dict[str, None] = {}
    for match in WORD.finditer(folded(text)):
        found.update(dict.fromkeys(_parts(match.group())))
        if len(found) >= MOST:
            break
    return list(found)[:MOST]


def wanted(text: str) -> Wanted:
    """Reads a search; the last word may be a beginning, unless a space, a full stop or a quotation mark ends it."""
    cut = text[:ASKED]
    terms = of(cut)[:TERMS]
    is_open = bool(terms) and bool(WORD.search(cut[-1:])) and not JOINED.search(terms[-1])
    if is_open and len(terms[-1]) >= PREFIX_FROM:
        return Wanted(tuple(terms[:-1]), terms[-1])
    return Wanted(tuple(terms))


def snippet(text: str, asked: Wanted) -> list[Piece]:
    """The part of a text around the first words that were asked for, these marked; the beginning if none is there."""
    hits = [match.span() for match in WORD.finditer(text) if any(map(asked.has, _parts(folded(match.group()))))]
    first = hits[0][0] if hits else 0
    begin = max(0, first - AROUND)
    begin = text.find(" ", begin, first) + 1 or begin if begin else 0
    end = min(len(text), (hits[0][1] if hits else 0) + 2 * AROUND - (first - begin))
    return list(_pieces(text, begin, end, hits))


def _pieces(text: str, begin: int, end: int, hits: list[tuple[int, int]]) -> Iterator[Piece]:
    place, ahead = begin, "…" if begin else ""
    for start, stop in hits:
        if start >= end:
            break
        yield Piece(ahead + _flat(text[place:start]))
        yield Piece(text[start:stop], is_hit=True)
        place, ahead = stop, ""
    yield Piece(ahead + _flat(text[place : max(end, place)]) + ("…" if end < len(text) else ""))


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _parts(word: str) -> list[str]:
    """The word, cut; of scripts without spaces each pair of neighbours, and what stands between them."""
    runs = list(JOINED.finditer(word))
    if not runs:
        return [word[:LONGEST]]
    parts = [part[:LONGEST] for part in JOINED.split(word) if part]
    for run in (match.group() for match in runs):
        parts += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
    return parts

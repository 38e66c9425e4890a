"""Which words does a text consist of, whatever its language, and where do they stand in it? Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(r"\w+")
# Written without spaces: each two neighbours are a word of their own.
JOINED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff]+")
QUOTED = re.compile('["“”„«»]([^"“”„«»]+)["“”„«»]')
LONGEST = 64  # characters of a word that count
MOST = 1500  # words of one text
ASKED = 200  # characters of a search
TERMS = 12  # words of a search
PREFIX_FROM = 2  # characters of the last word that may be only its beginning
AROUND = 70  # characters of a snippet before and after what was found
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for: all of these words, and one that begins so ('' if the last word was finished).

    `phrases`: of these words, those that must stand side by side.
    """

    words: tuple[str, ...]
    prefix: str = ""
    phrases: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.prefix)

    def query(self) -> str:
        """The same for `tsquery`. Words consist of letters, digits and underscores only."""
        return " & ".join(part for part in self.parts() if part)

    def parts(self) -> tuple[str, str]:
        """That of the whole words, and that of the beginning; '' for none."""
        return " & ".join(f"'{word}'" for word in self.words), f"'{self.prefix}':*" if self.prefix else ""

    def has(self, word: str) -> bool:
        return word in self.words or bool(self.prefix and word.startswith(self.prefix))

    @property
    def quoted(self) -> frozenset[str]:
        """The words of the phrases: they are meant whole."""
        return frozenset(word for phrase in self.phrases for word in phrase)

    def is_in(self, text: str) -> bool:
        """Does each phrase stand in a text that holds all the words?"""
        said = [part for match in WORD.finditer(folded(text)) for part in _parts(match.group())]
        return all(any(_places(said, phrase)) for phrase in self.phrases)


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
    """Reads a search; what stands in quotation marks is a phrase.

    The last word may be a beginning, unless a space, a full stop or a quotation mark ends it.
    """
    cut = text[:ASKED]
    terms = of(cut)[:TERMS]
    is_open = bool(terms) and bool(WORD.search(cut[-1:])) and not JOINED.search(terms[-1])
    if is_open and len(terms[-1]) >= PREFIX_FROM:
        return Wanted(tuple(terms[:-1]), terms[-1], _phrases(cut, terms[:-1]))
    return Wanted(tuple(terms), "", _phrases(cut, terms))


def snippet(text: str, asked: Wanted) -> list[Piece]:
    """The part of a text around the first words that were asked for, these marked; the beginning if none is there."""
    tokens = [(match.span(), _parts(folded(match.group()))) for match in WORD.finditer(text)]
    side_by_side = _in_phrases(tokens, asked.phrases)
    loose = Wanted(tuple(word for word in asked.words if word not in asked.quoted), asked.prefix)
    hits = [span for span, parts in tokens if span in side_by_side or any(map(loose.has, parts))]
    first, after = min(side_by_side) if side_by_side else hits[0] if hits else (0, 0)
    begin = max(0, first - AROUND)
    begin = text.find(" ", begin, first) + 1 or begin if begin else 0
    end = min(len(text), after + 2 * AROUND - (first - begin))
    return list(_pieces(text, begin, end, [hit for hit in hits if hit[0] >= begin]))


def _phrases(text: str, known: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """What stands in quotation marks, of the words that count."""
    said = ([part for match in WORD.finditer(folded(one)) for part in _parts(match.group())] for one in _quoted(text))
    return tuple(kept for one in said if (kept := tuple(part for part in one if part in known)))


def _quoted(text: str) -> list[str]:
    return [match.group(1) for match in QUOTED.finditer(text)]


def _in_phrases(tokens: Sequence[tuple[Span, list[str]]], phrases: Sequence[tuple[str, ...]]) -> set[Span]:
    """Where the words of phrases stand that stand side by side."""
    if not phrases:
        return set()
    said = [(part, span) for span, parts in tokens for part in parts]
    words = [part for part, _ in said]
    return {span for one in phrases for at in _places(words, one) for _, span in said[at : at + len(one)]}


def _places(said: Sequence[str], phrase: tuple[str, ...]) -> Iterator[int]:
    return (at for at, word in enumerate(said) if word == phrase[0] and tuple(said[at : at + len(phrase)]) == phrase)


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

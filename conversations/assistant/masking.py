"""What of a text may leave the house? Personal data is replaced by marks before, and the marks by words after. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

KINDS = ("email", "card", "phone", "order", "name")

# Each expression looks at a character a bounded number of times, whatever people write.
_EMAIL = re.compile(r"(?<![^\s@<>\"(),;:])[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]{1,253}\.[A-Za-z]{2,63}")
_CARD = re.compile(r"(?<![\w+])(?:\d[ -]?){12,18}\d(?!\w)")
_PHONE = re.compile(r"(?<!\w)(?:\+|00)?\(?\d[\d ()./-]{5,18}\d(?!\w)")
# Letters and digits with at least four digits, or what follows the word itself: ORD-2026-0815, #4711, order 4711.
_ORDER = re.compile(
    r"#\d{3,}|(?:(?<=\border )|(?<=\border no )|(?<=\border number )|(?<=\bpedido )|(?<=\bbestellung ))\d{3,}[A-Z0-9-]*"
    r"|(?P<mixed>\b[A-Z0-9][A-Z0-9-]{4,}\b)",
    re.IGNORECASE,
)
_FOUR_DIGITS, _LETTER = re.compile(r"\d{4}"), re.compile(r"[A-Za-z]")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4}")
_DIGITS = re.compile(r"\d")
_SHORTEST_NAME = 2
_SHORTEST_SECRET = 3
_LONGEST_WORD = 64  # characters of a word that was cut through
# What the customer is told where the model has written a mark.
_SPOKEN = {
    "email": "your e-mail address", "card": "your card", "phone": "your number", "order": "your order", "name": "you",
    "private": "what you told us",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Masking:
    """Which kinds are hidden, and how the customer is called (every name that is known, the first one first).

    `secrets` are values that are hidden whatever the kinds are: what was answered to private questions.
    """

    kinds: Collection[str] = KINDS
    names: Sequence[str] = ()
    first_name: str = ""
    secrets: Collection[str] = ()
    _called: re.Pattern[str] | None = field(init=False, default=None)
    _private: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        parts = {part for name in self.names for part in (name, *name.split())}
        if "name" in self.kinds:
            object.__setattr__(self, "_called", _any_of(parts, _SHORTEST_NAME))
        object.__setattr__(self, "_private", _any_of(self.secrets, _SHORTEST_SECRET))

    def hide(self, text: str, longest: int | None = None) -> str:
        """The text with marks such as `[phone]` in the place of what it must not tell, of `longest` characters at most.

        It is cut before it is looked at, and at the end nothing stays that may be half of something.
        """
        if longest is not None and len(text) > longest:
            return self._hidden(_cut(text, longest))[:longest]
        return self._hidden(text)

    def _hidden(self, text: str) -> str:
        if self._private:
            text = self._private.sub("[private]", text)
        if "email" in self.kinds:
            text = _EMAIL.sub("[email]", text)
        if "card" in self.kinds:
            text = _CARD.sub("[card]", text)
        if "order" in self.kinds:
            text = _ORDER.sub(_order, text)
        if "phone" in self.kinds:
            text = _PHONE.sub(_phone, text)
        return self._called.sub("[name]", text) if self._called else text

    def show(self, text: str) -> str:
        """A reply with the first name, or a plain word, where it has a mark."""
        for kind, word in _SPOKEN.items():
            text = text.replace(f"[{kind}]", self.first_name if kind == "name" and self.first_name else word)
        return text


def _any_of(words: Collection[str], shortest: int) -> re.Pattern[str] | None:
    """Any of these as a whole, whatever its case and the blanks in it, the longest first."""
    found = sorted({" ".join(word.split()) for word in words}, key=len, reverse=True)
    listed = "|".join(r"\s+".join(map(re.escape, word.split())) for word in found if len(word) >= shortest)
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE) if listed else None


def _cut(text: str, longest: int) -> str:
    """The beginning, without the word at its end and the numbers before that, which may go on behind the cut."""
    kept = text[:longest].rstrip()
    words = kept.split(" ")
    dropped = words.pop()
    while words and any(char.isdigit() or char in "@#" for char in words[-1]):
        dropped = words.pop()
    return " ".join(words) if words or len(dropped) <= _LONGEST_WORD else kept[:-_LONGEST_WORD]


def _order(found: re.Match[str]) -> str:
    """Letters with at least four digits in a row, or what follows the word itself."""
    mixed = found["mixed"]
    return mixed if mixed and not (_FOUR_DIGITS.search(mixed) and _LETTER.search(mixed)) else "[order]"


def _phone(found: re.Match[str]) -> str:
    """A date is none, and neither is a number of fewer than seven digits."""
    text = found[0]
    if _DATE.fullmatch(text.strip()) or len(_DIGITS.findall(text)) < 7:
        return text
    return "[phone]"

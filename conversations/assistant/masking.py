"""What of a text may leave the house? Personal data is replaced by marks before, and the marks by words after. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

KINDS = ("email", "card", "phone", "order", "name")

_EMAIL = re.compile(r"[^\s@<>\"(),;:]{1,64}@[^\s@<>\"(),;:]{1,63}\.[A-Za-z]{2,63}")
_CARD = re.compile(r"(?<![\w+])(?:\d[ -]?){12,18}\d(?!\w)")
_PHONE = re.compile(r"(?<!\w)(?:\+|00)?\(?\d[\d ()./-]{5,18}\d(?!\w)")
# Letters and digits with at least four digits, or what follows the word itself: ORD-2026-0815, #4711, order 4711.
_ORDER = re.compile(
    r"#\d{3,}|\b(?=[A-Z0-9-]*\d{4})(?=[A-Z0-9-]*[A-Z])[A-Z0-9][A-Z0-9-]{4,24}\b"
    r"|(?<=\border )\d{3,}|(?<=\border no )\d{3,}|(?<=\border number )\d{3,}|(?<=\bpedido )\d{3,}"
    r"|(?<=\bbestellung )\d{3,}",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4}")
_DIGITS = re.compile(r"\d")
_SHORTEST_NAME = 2
# What the customer is told where the model has written a mark.
_SPOKEN = {
    "email": "your e-mail address", "card": "your card", "phone": "your number", "order": "your order", "name": "you",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Masking:
    """Which kinds are hidden, and how the customer is called (every name that is known, the first one first)."""

    kinds: Collection[str] = KINDS
    names: Sequence[str] = ()
    first_name: str = ""
    _called: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        parts = {part for name in self.names for part in (name, *name.split()) if len(part) >= _SHORTEST_NAME}
        if parts and "name" in self.kinds:
            listed = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
            object.__setattr__(self, "_called", re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE))

    def hide(self, text: str) -> str:
        """The text with marks such as `[phone]` in the place of what it must not tell."""
        if "email" in self.kinds:
            text = _EMAIL.sub("[email]", text)
        if "card" in self.kinds:
            text = _CARD.sub("[card]", text)
        if "order" in self.kinds:
            text = _ORDER.sub("[order]", text)
        if "phone" in self.kinds:
            text = _PHONE.sub(_phone, text)
        return self._called.sub("[name]", text) if self._called else text

    def show(self, text: str) -> str:
        """A reply with the first name, or a plain word, where it has a mark."""
        for kind, word in _SPOKEN.items():
            text = text.replace(f"[{kind}]", self.first_name if kind == "name" and self.first_name else word)
        return text


def _phone(found: re.Match[str]) -> str:
    """A date is none, and neither is a number of fewer than seven digits."""
    text = found[0]
    if _DATE.fullmatch(text.strip()) or len(_DIGITS.findall(text)) < 7:
        return text
    return "[phone]"

"""Is this text a valid answer to `expect`, and in which form is it kept?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from conversations.content import Content
from conversations.journeys import patterns, things
from conversations.journeys.matching import normal
from conversations.journeys.sentences import labels, sentence

MAX_TEXT = 4000
KINDS = ("text", "number", "date", "email", "phone", "choice", "boolean", "location", "file")
_EMAIL = re.compile(r"[^\s@<>\"(),;:]{1,64}@(?:[^\s@<>\"(),;:.]{1,63}\.){1,8}[^\s@<>\"(),;:.\d]{2,63}")
_PHONE = re.compile(r"\+?\d{7,15}")
_DIGITS = re.compile(r"(?:(?<!\w)-)?\d[\d.,'\u00a0 ]*")
_DMY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_FROM_TODAY = re.compile(r"today(?:([+-])(\d{1,4})d)?")
_DAYS = {"today": 0, "tomorrow": 1, "hoy": 0, "manana": 1, "heute": 0, "morgen": 1}
_YES_WORDS = ("y", "yep", "yeah", "ok", "okay", "true", "si", "ja", "jawohl", "claro", "correct", "👍")
_NO_WORDS = ("n", "nope", "nah", "false", "nein", "nee", "👎")
_YES = frozenset(normal(word) for word in (*_YES_WORDS, *labels("yes")))
_NO = frozenset(normal(word) for word in (*_NO_WORDS, *labels("no")))


@dataclass(frozen=True, slots=True)
class Valid:
    """The answer in the form that is stored: text, number, boolean, ISO date, E.164; for places and files `things`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not, as a kind sentence in the customer's language."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a validator may know besides the text."""

    expect: Mapping[str, Any]
    now: datetime
    language: str = "en"
    phone: Callable[[str], str | None] | None = None
    content: Content | None = None  # what came with the words

    def refuse(self, key: str, **values: object) -> Refused:
        return Refused(sentence(key, self.language, **values))


def check(text: str, asked: Asked) -> Valid | Refused:
    """The stored form of an answer to `expect: {kind, ...}`, or a refusal; never an exception."""
    said = text.replace("\x00", "").strip()[:MAX_TEXT]
    validate = _VALIDATORS.get(str(asked.expect.get("kind", "text")), _text)
    return validate(said, asked)


def _text(said: str, asked: Asked) -> Valid | Refused:
    low, high = asked.expect.get("min", 1), asked.expect.get("max", MAX_TEXT)
    if asked.expect.get("or_file") and (sent := things.file(asked.content)) is not None:
        return Valid((said or f"[{sent['label']}]")[:high])
    if not said:
        return asked.refuse("invalid_text")
    if len(said) < low:
        return asked.refuse("invalid_short", min=low)
    if len(said) > high:
        return asked.refuse("invalid_long", max=high)
    return _patterned(said, said, asked)


def _number(said: str, asked: Asked) -> Valid | Refused:
    found = spelled_number(said, asked.language)
    if found is None:
        return asked.refuse("invalid_number")
    if asked.expect.get("whole") and not isinstance(found, int):
        return asked.refuse("invalid_whole")
    low, high = asked.expect.get("min"), asked.expect.get("max")
    if low is not None and found < low:
        return asked.refuse("invalid_min", min=low)
    if high is not None and found > high:
        return asked.refuse("invalid_max", max=high)
    return Valid(found)


def spelled_number(said: str, language: str = "en") -> int | float | None:
    """The one number in a short text ("about 1.200,50 euros"); None if there is none, or more than one."""
    found = [part.strip().rstrip(".,'") for part in _DIGITS.findall(_western(said[:200]))]
    if len(found) != 1:
        return None
    digits = re.sub(r"['\u00a0 ]", "", found[0])
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = "," if comma > point else "."
    else:
        decimal = _decimal_mark(digits, "," if comma >= 0 else ".", language)
    if comma >= 0 and point >= 0 and not _grouped(digits.rpartition(decimal)[0], "." if decimal == "," else ","):
        return None
    plain = "".join(c if c in "-0123456789" else "." if c == decimal else "" for c in digits)
    if plain.count(".") > 1 or len(plain) > 15:
        return None
    value = float(plain)
    return int(value) if value.is_integer() else value


def _grouped(digits: str, mark: str) -> bool:
    """True if every mark is followed by exactly three digits, as between thousands."""
    return all(len(group) == 3 for group in digits.split(mark)[1:])


def _decimal_mark(digits: str, mark: str, language: str) -> str:
    """`1,200` and `1.200` are thousands where people write them so; any other single mark begins the decimals."""
    groups = digits.lstrip("-").split(mark)
    thousands = len(groups) > 1 and all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3
    customary = mark == ("," if language[:2] == "en" else ".")
    return "" if thousands and (customary or len(groups) > 2) else mark


def _date(said: str, asked: Asked) -> Valid | Refused:
    found = spelled_date(said, asked.now.date())
    if found is None:
        return asked.refuse("invalid_date")
    low, high = (day_of(asked.expect.get(name), asked.now.date()) for name in ("min", "max"))
    if low is not None and found < low:
        return asked.refuse("invalid_past" if low == asked.now.date() else "invalid_early", min=low.isoformat())
    if high is not None and found > high:
        return asked.refuse("invalid_late", max=high.isoformat())
    return Valid(found.isoformat())


def day_of(bound: Any, today: date) -> date | None:
    """The day that a bound of the author means: `2026-12-24`, `today`, `today+30d`, `today-1d`; None if it is none."""
    if found := _FROM_TODAY.fullmatch(str(bound)):
        return today + timedelta(days=int(f"{found[1] or ''}{found[2] or 0}"))
    found = _ISO.fullmatch(str(bound))
    return _day(int(found[1]), int(found[2]), int(found[3])) if found else None


def spelled_date(said: str, today: date) -> date | None:
    """A date as `2026-12-24`, `24.12.2026`, `24/12/2026` (day first; month first if only that exists), or a word."""
    days = _DAYS.get(normal(said))
    if days is not None:
        return today + timedelta(days=days)
    said = _western(said[:40])
    if iso := _ISO.fullmatch(said):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if dmy := _DMY.fullmatch(said):
        first, second, year = int(dmy[1]), int(dmy[2]), int(dmy[3])
        return _day(year, second, first) or _day(year, first, second)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _western(said: str) -> str:
    """Digits of any script as 0-9; other characters unchanged."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in said)


def _email(said: str, asked: Asked) -> Valid | Refused:
    address = said.removeprefix("mailto:").strip("<> ")
    if len(address) > 254 or not _EMAIL.fullmatch(address) or ".." in address:
        return asked.refuse("invalid_email")
    return _patterned(address, address.lower(), asked)


def _phone(said: str, asked: Asked) -> Valid | Refused:
    digits = re.sub(r"[\s()./\u00a0-]", "", _western(said[:40]))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    found = asked.phone(said[:40]) if asked.phone else digits
    if not found or not _PHONE.fullmatch(digits):
        return asked.refuse("invalid_phone")
    return Valid(found)


def _boolean(said: str, asked: Asked) -> Valid | Refused:
    word = normal(said)
    if word in _YES or word in _NO:
        return Valid(word in _YES)
    return asked.refuse("invalid_boolean")


def _choice(said: str, asked: Asked) -> Valid | Refused:
    return asked.refuse("invalid_choice")  # options were matched before; whatever is left is none of them


def _location(said: str, asked: Asked) -> Valid | Refused:
    found = things.place(asked.content, _western(said))
    return Valid(found) if found else asked.refuse("invalid_location")


def _file(said: str, asked: Asked) -> Valid | Refused:
    accepted = asked.expect.get("accept", ())
    found = things.file(asked.content)
    if found is None or (accepted and found["kind"] not in accepted):
        return asked.refuse("invalid_picture" if list(accepted) == ["image"] else "invalid_file")
    return Valid(found)


def _patterned(said: str, value: Any, asked: Asked) -> Valid | Refused:
    pattern = asked.expect.get("pattern")
    if pattern and not patterns.fits(str(pattern), said):
        return asked.refuse("invalid_pattern")
    return Valid(value)


_VALIDATORS: dict[str, Callable[[str, Asked], Valid | Refused]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "email": _email,
    "phone": _phone,
    "choice": _choice,
    "boolean": _boolean,
    "location": _location,
    "file": _file,
}

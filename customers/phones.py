"""Which number is meant by what somebody typed or a provider sent, and which other forms reach the same phone?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata

BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")
SCHEME = re.compile(r"^(tel|whatsapp|sms):", re.IGNORECASE)
EXTENSION = re.compile(r"\s*(?:;\s*ext=|ext(?:ension)?\.?|x|#)\s*(\d{1,9})\s*$", re.IGNORECASE)
SPREADSHEET = re.compile(r"^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$")
PROVIDER_DIGITS = range(5, 21)
INTERNATIONAL = re.compile(r"\+[1-9][0-9]{0,14}(?:[ -][0-9]{1,14}){0,6}")
INTERNATIONAL_DIGITS = range(7, 16)


@dataclass(frozen=True, slots=True)
class Number:
    """A phone: E.164, the extension if one was given, or (without a country) the bare text that matches nothing."""

    e164: str
    extension: str = ""
    has_country: bool = True


@dataclass(frozen=True, slots=True)
class NotAPhone:
    """Why a text cannot be an identity."""

    reason: str


def from_provider(raw: str) -> Number | NotAPhone:
    """A provider's own id (`553188888888`): digits with the country, never judged by validity."""
    digits = _ascii(SCHEME.sub("", raw.strip())).lstrip("+")
    if not digits.isdecimal() or len(digits) not in PROVIDER_DIGITS:
        return NotAPhone("not_a_phone")
    return Number("+" + digits)


def from_text(raw: str, region: str | None = None) -> Number | NotAPhone:
    """What a person, a file or a site wrote; `region` (ISO code) only fills in for a missing country."""
    if found := _international(raw):
        return found
    text = _ascii(SCHEME.sub("", raw.strip()))
    if SPREADSHEET.match(text):
        return NotAPhone("spreadsheet_number")
    text, extension = _split_extension(text)
    if any(character.isalpha() for character in text):
        return NotAPhone("letters")
    # Before parsing: the library reads 00 + country as a carrier code in some regions.
    text = re.sub(r"^\(?00", "+", text)
    if not text.startswith("+") and region is None:
        return _without_country(text, extension)
    return _parsed(text, region, extension)


def variants(e164: str) -> frozenset[str]:
    """Every form under which the same phone may write, this one included; the same set from each of them."""
    for country, digit, length in (("+52", "1", 10), ("+54", "9", 10)):
        if e164.startswith(country):
            return _with_and_without(e164, country, digit, length)
    if e164.startswith("+55"):
        return _brazilian(e164)
    return frozenset({e164})


def tail(e164: str) -> str:
    """The last 8 digits: what an agent may search for."""
    return e164[-8:] if len(e164) > 8 else ""


def _international(raw: str) -> Number | None:
    """A number that the parser would give back as it is, without asking it: it takes forty times as long.

    So it is when the digits after the country do not begin with what is dialled there before a number at home.
    """
    if not INTERNATIONAL.fullmatch(raw):
        return None
    e164 = raw.replace(" ", "").replace("-", "")
    for width in (2, 3, 4):
        dialled = _dialled_first(e164[1:width])
        if dialled is not None:
            national = e164[width:]
            is_plain = len(e164) - 1 in INTERNATIONAL_DIGITS and not national.startswith("0")
            return Number(e164) if is_plain and not dialled.match(national) else None
    return None


@lru_cache(maxsize=2000)
def _dialled_first(country: str) -> re.Pattern[str] | None:
    """What is dialled before a number inside the country of this calling code; None when it is no calling code."""
    if int(country) not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        return None
    region = phonenumbers.region_code_for_country_code(int(country))
    facts = PhoneMetadata.metadata_for_region_or_calling_code(int(country), region)
    prefix = facts.national_prefix_for_parsing if facts else None
    return re.compile(prefix or r"(?!)")


def _ascii(text: str) -> str:
    """Arabic, full-width and other digits as 0-9, a full-width plus as +."""
    text = text.replace("\uff0b", "+")
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _split_extension(text: str) -> tuple[str, str]:
    found = EXTENSION.search(text)
    return (text[: found.start()], found.group(1)) if found else (text, "")


def _without_country(text: str, extension: str) -> Number | NotAPhone:
    digits = re.sub(r"\D", "", text)
    if len(digits) not in PROVIDER_DIGITS:
        return NotAPhone("not_a_phone")
    return Number(digits, extension, has_country=False)


def _parsed(text: str, region: str | None, extension: str) -> Number | NotAPhone:
    typed_country = text.startswith("+")
    try:
        number = phonenumbers.parse(text, None if typed_country else region)
    except phonenumbers.NumberParseException:
        return NotAPhone("not_a_phone")
    expected = re.sub(r"\D", "", text) if typed_country else str(phonenumbers.country_code_for_region(region or ""))
    if not expected.startswith(str(number.country_code)):
        return NotAPhone("other_country")
    return Number(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), extension)


def _with_and_without(e164: str, country: str, digit: str, length: int) -> frozenset[str]:
    national = e164[len(country) :]
    if len(national) == length:
        return frozenset({e164, country + digit + national})
    if len(national) == length + 1 and national.startswith(digit):
        return frozenset({e164, country + national[1:]})
    return frozenset({e164})


def _brazilian(e164: str) -> frozenset[str]:
    """With and without the 9 after the area code: only for mobiles, or a landline gets a false twin."""
    area, subscriber = e164[3:5], e164[5:]
    if len(subscriber) == 8 and subscriber[0] in "6789":
        return frozenset({e164, f"+55{area}9{subscriber}"})
    if len(subscriber) == 9 and subscriber[0] == "9" and subscriber[1] in "6789":
        return frozenset({e164, f"+55{area}{subscriber[1:]}"})
    return frozenset({e164})

"""Is this a value of that type? Read as it comes from a form, a file or a machine; refused by name. Pure.

Refused   the value is not what the attribute takes: names the attribute and what it takes
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from common.problems import Problem
from customers import normalise, phones
from customers.attribute_rules import Definition
from customers.normalise import Key

LONGEST = 2000
MOST = 100  # members of a list
DEEPEST = 20  # lists and objects in one another
WIDEST = 20_000  # characters of a value that nobody has defined, as JSON
EXACT = 2**53  # beyond that a browser counts wrong
KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_.]{0,99}")  # the name of an attribute, at every door
NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")
YES, NO = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})


class Refused(Problem):
    code, title, status = "attribute_invalid", "This value does not fit the attribute.", 400


class _No(Exception):
    """What the type takes instead."""


def read(definition: Definition, value: Any) -> Any:
    """The value as it is kept, or `Refused`. None clears; what nobody has defined takes any JSON that all can read."""
    if not definition.is_defined:
        return _undefined(definition, value)
    if value is None:
        return None
    try:
        return _READERS[definition.type](definition, value)
    except _No as wanted:
        raise Refused(
            _("%(title)s takes %(kind)s.") % {"title": definition.title, "kind": wanted}, attribute=definition.key
        ) from wanted


def check_name(key: str) -> None:
    """`Refused` unless an attribute can be called that."""
    if not KEY.fullmatch(key):
        raise Refused(_("An attribute's name is a letter, then up to 99 letters, digits, dots and underscores."))


def is_number(value: Any) -> bool:
    """A number that every program reads as the same one: no yes/no, no infinity, no integer of a thousand digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -EXACT <= value <= EXACT if isinstance(value, int) else math.isfinite(value)


def _undefined(definition: Definition, value: Any) -> Any:
    check_name(definition.key)
    if not _is_plain(value, DEEPEST):
        said = _("%(title)s takes texts, numbers up to 2^53, yes/no, and lists and objects of them.")
        raise Refused(said % {"title": definition.title})
    if len(json.dumps(value)) > WIDEST:
        said = _("%(title)s takes at most %(most)s characters.") % {"title": definition.title, "most": WIDEST}
        raise Refused(said, attribute=definition.key)
    return value


def _is_plain(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, dict):
        parts: list[Any] = [*value, *value.values()]
    elif isinstance(value, list | tuple):
        parts = [*value]
    else:
        return value is None or isinstance(value, bool) or is_number(value)
    return depth > 0 and all(_is_plain(part, depth - 1) for part in parts)


def _text(definition: Definition, value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
        raise _No(_("a text of at most %(most)s characters") % {"most": LONGEST})
    return value.strip()


def _number(definition: Definition, value: Any) -> int | float:
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        text = value.strip()
        value = float(text) if "." in text else int(text)
    if not is_number(value):
        raise _No(_("a number, such as 12 or 12.5"))
    found: int | float = value
    return found


def _boolean(definition: Definition, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    plain = str(value).strip().casefold() if isinstance(value, str | int) else ""
    if plain not in YES | NO:
        raise _No(_("yes or no"))
    return plain in YES


def _date(definition: Definition, value: Any) -> str:
    try:
        return date.fromisoformat(_text(definition, value)).isoformat()
    except ValueError as error:
        raise _No(_("a date, such as 2026-05-03")) from error


def _datetime(definition: Definition, value: Any) -> str:
    try:
        at = datetime.fromisoformat(_text(definition, value))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError) as error:
        raise _No(_("a date and time, such as 2026-05-03T12:00:00Z")) from error


def _choice(definition: Definition, value: Any) -> str:
    by_name = {choice.casefold(): choice for choice in definition.choices}
    found = by_name.get(str(value).strip().casefold()) if isinstance(value, str | int | float) else None
    if found is None:
        raise _No(_("one of %(list)s") % {"list": ", ".join(definition.choices)})
    return found


def _list(definition: Definition, value: Any) -> list[str]:
    parts = re.split(r"[,;\n]", value) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(one, str) for one in parts):
        raise _No(_("a list of texts"))
    kept = list(dict.fromkeys(one.strip() for one in parts if one.strip()))
    if len(kept) > MOST or any(len(one) > 200 for one in kept):
        raise _No(_("at most %(most)s texts of at most 200 characters") % {"most": MOST})
    return [_choice(definition, one) for one in kept] if definition.choices else kept


def _email(definition: Definition, value: Any) -> str:
    text = _text(definition, value)
    if not isinstance(normalise.key("email", text), Key):
        raise _No(_("one e-mail address, such as ann@example.com"))
    return text


def _phone(definition: Definition, value: Any) -> str:
    """In E.164 where the country is known, else as it was written."""
    text = _text(definition, value)
    number = phones.from_text(text)
    if isinstance(number, phones.NotAPhone):
        raise _No(_("a phone number, such as +46 70 174 06 35"))
    return number.e164 if number.has_country and not number.extension else text


def _url(definition: Definition, value: Any) -> str:
    text = _text(definition, value)
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise _No(_("a web address, such as https://example.com")) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in text):
        raise _No(_("a web address, such as https://example.com"))
    return text


_READERS: dict[str, Callable[[Definition, Any], Any]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "choice": _choice,
    "list": _list,
    "email": _email,
    "phone": _phone,
    "url": _url,
}

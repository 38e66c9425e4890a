"""How is what a provider sends read without ever stumbling over it: JSON, texts, objects and times?"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from common import plain_json

NOTHING: Mapping[str, Any] = MappingProxyType({})
KEY_LIMIT = 200
NESTED_MAX = 200  # no provider nests so deep, and whatever walks what was read, or writes it again, has stack enough
SURROGATE = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)


class Malformed(Exception):
    """The raw bytes are authentic and no JSON."""


def loads(raw: str | bytes) -> Any:
    """JSON that can be stored: NUL is dropped, half a surrogate pair replaced, an integer of so many digits that nobody
    can reckon with it kept as their text. Raises `Malformed`."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        data = json.loads(text, parse_int=_integer)
        _check_depth(text, data)
        return _storable(data) if SURROGATE.search(text) else data
    except (ValueError, RecursionError) as error:
        raise Malformed(type(error).__name__) from error


def _integer(text: str) -> int | str:
    try:
        return plain_json.whole(text)
    except ValueError:
        return text[:KEY_LIMIT]


def _check_depth(text: str, data: Any) -> None:
    """Raises `ValueError` if it is nested deeper than `NESTED_MAX`; looked at level by level, and seldom at all."""
    if text.count("[") + text.count("{") <= NESTED_MAX:
        return
    level = [data] if isinstance(data, dict | list) else []
    for _ in range(NESTED_MAX + 1):
        inside = [value.values() if isinstance(value, dict) else value for value in level]
        level = [item for values in inside for item in values if isinstance(item, dict | list)]
        if not level:
            return
    raise ValueError("nested too deep")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def dumps(value: Any) -> str:
    """JSON in ASCII, without blanks."""
    return json.dumps(value, separators=(",", ":"), default=dict)


def safe_key(text: str) -> str:
    """A dedup key that fits its column: what is too long or not printable is replaced by its hash."""
    if 0 < len(text) <= KEY_LIMIT and text.isascii() and text.isprintable():
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def moment(value: object, otherwise: datetime) -> datetime:
    """A provider's time: seconds or (from 1e12 on) milliseconds, as number or text; nonsense gives `otherwise`."""
    try:
        number = float(value) if isinstance(value, int | float | str) else 0.0
        if not 1_000_000_000 <= (seconds := number / 1000 if number >= 1e12 else number) < 10_000_000_000:
            return otherwise
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def mapping(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else NOTHING


def items(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list; whatever else it holds is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(data: Mapping[str, Any], name: str) -> str:
    """A member as text; numbers count, anything else does not."""
    value = data.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""

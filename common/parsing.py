"""Is this body JSON that every later step can hold? Finite numbers, real characters, a depth that a person writes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import unquote

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

from common.files import File

DEEPEST = 32
FILE_NAME_HEADER = "X-File-Name"
FILE_MAX = 25 * 1024 * 1024 + 1  # bytes that are read: one more than may be kept, so that it shows


def plain(raw: bytes) -> Any:
    """The value that UTF-8 JSON stands for; raises `ValueError` for what the module refuses."""
    try:
        data = json.loads(raw.decode(), parse_constant=_refused, parse_float=_finite)  # UnicodeError is a ValueError
        _walk(data, 0)
    except RecursionError as error:
        raise ValueError("too deep") from error
    return data


class PlainJSONParser(JSONParser):
    """JSON in UTF-8; NaN, numbers beyond a float, lone surrogates, NUL and deep nesting are a 400 of `parse_error`."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return plain(stream.read())
        except ValueError as error:
            raise ParseError("This is not plain JSON.") from error


class RawParser(BaseParser):
    """The body as it is: one file, its type in `Content-Type`, its name in a header, so that it stands in no log."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Mapping[str, File]:
        name = parser_context["request"].headers.get(FILE_NAME_HEADER, "")[:20_000]
        return {"file": File(stream.read(FILE_MAX), media_type or "", unquote(name, errors="replace"))}


def _refused(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refused("too large")


def _walk(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        _refused("too deep")
    if isinstance(value, str) and b"\0" in value.encode():
        _refused("NUL")
    parts = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for part in parts:
        _walk(part, depth + 1)

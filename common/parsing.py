"""How are the bodies of requests to the API read? As JSON that every later step can hold, or as one file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

from common import plain_json
from common.files import File

FILE_NAME_HEADER = "X-File-Name"
FILE_MAX = 25 * 1024 * 1024 + 1  # bytes that are read: one more than may be kept, so that it shows


class PlainJSONParser(JSONParser):
    """JSON in UTF-8; NaN, numbers beyond a float, lone surrogates, NUL and deep nesting are a 400 of `parse_error`."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return plain_json.read(stream.read())
        except ValueError as error:
            raise ParseError("This is not plain JSON.") from error


class RawParser(BaseParser):
    """The body as it is: one file, its type in `Content-Type`, its name in a header, so that it stands in no log."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Mapping[str, File]:
        name = parser_context["request"].headers.get(FILE_NAME_HEADER, "")[:20_000]
        return {"file": File(stream.read(FILE_MAX), media_type or "", unquote(name, errors="replace"))}

"""How is a posted body given to anymail's views? As the Django request that it was, with the form read by ourselves.

Django's own reading is bound to a setting meant for browsers (1 MB of fields); a mail in a form has 30.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from channels_app.adapters.base import NOTHING

FORM = "application/x-www-form-urlencoded"
FIELDS_MAX = 2000


def request(body: bytes, content_type: str, headers: Mapping[str, str] = NOTHING, url: str = "") -> HttpRequest:
    """The request that brought this body; `headers` by their names in any case."""
    made = HttpRequest()
    parts = urlsplit(url)
    made.method = "POST"
    made.path = made.path_info = parts.path or "/"
    made.META = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
    made.META |= {"QUERY_STRING": parts.query, "SERVER_NAME": parts.hostname or "localhost", "SERVER_PORT": "443"}
    for name, value in headers.items():
        made.META["HTTP_" + name.upper().replace("-", "_")] = value
    made.META.pop("HTTP_CONTENT_TYPE", None)
    made.content_type = content_type.partition(";")[0].strip().lower()
    made.content_params = {}
    made._body = body  # what `request.body` returns once it was read
    fields, files = form(body, content_type)
    made.POST, made.FILES = fields, files  # type: ignore[assignment]  # the stubs want an immutable one
    return made


def form(body: bytes, content_type: str) -> tuple[QueryDict, MultiValueDict[str, SimpleUploadedFile]]:
    """The fields and files of a form of either type; anything else has none."""
    kind = content_type.partition(";")[0].strip().lower()
    files: MultiValueDict[str, SimpleUploadedFile] = MultiValueDict()
    if kind == FORM:
        return _plain_fields(body), files
    fields = QueryDict(mutable=True)
    if kind == "multipart/form-data":
        for part in _parts(body, content_type):
            name = part.get_param("name", header="content-disposition")
            if not isinstance(name, str):
                continue
            content = _content(part)
            filename = part.get_filename()
            if filename is None:
                fields.appendlist(name, content.decode("utf-8", "replace"))
            else:
                typed = SimpleUploadedFile(filename or "file", content, part.get_content_type())
                files.appendlist(name, typed)
    return fields, files


def _plain_fields(body: bytes) -> QueryDict:
    try:
        # Not by QueryDict itself: it obeys a setting that is meant for browsers.
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        pairs = []
    fields = QueryDict(mutable=True)
    for name, value in pairs:
        fields.appendlist(name, value)
    return fields


def _parts(body: bytes, content_type: str) -> list[Message]:
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", "replace")
    try:
        found = BytesParser().parsebytes(head + body).get_payload()
    except RecursionError:  # a file in it is a mail of endless nesting: the form has no fields then
        return []
    return [part for part in found[:FIELDS_MAX] if isinstance(part, Message)] if isinstance(found, list) else []


def _content(part: Message) -> bytes:
    if part.is_multipart():  # a mail as a file of the form
        return b"".join(bytes(inner) for inner in part.get_payload() if isinstance(inner, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def encoded(fields: Mapping[str, str]) -> bytes:
    """A plain form of these fields."""
    return urlencode(fields).encode()

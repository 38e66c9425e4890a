"""What are the fields of a Twilio call? Read from the raw bytes, whatever the content type says."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from channels_app.adapters import base
from channels_app.adapters.base import Malformed, Request

FIELDS_MAX = 300


def fields(request: Request) -> list[tuple[str, str]]:
    """Every field of the form in its order, empty ones included; none of a JSON body. `Malformed`."""
    if is_json(request):
        return []
    try:
        said = request.body.decode("utf-8", "replace")
        return parse_qsl(said, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="replace")
    except ValueError as error:
        raise Malformed("too many fields") from error


def read(request: Request) -> dict[str, str]:
    """The fields by name, the first of a repeated one; of a JSON body its texts. `Malformed`."""
    if is_json(request):
        data = base.mapping(base.loads(request.body))
        return {name: base.text(data, name) for name in data}
    found: dict[str, str] = {}
    for name, value in fields(request):
        found.setdefault(name, value.replace("\0", ""))
    return found


def query(request: Request, name: str) -> str:
    """A parameter of the URL, '' if it is not there."""
    try:
        found = parse_qsl(urlsplit(request.url).query, max_num_fields=FIELDS_MAX)
    except ValueError:
        return ""
    return next((value for key, value in found if key == name), "")


def is_json(request: Request) -> bool:
    return request.header("content-type").partition(";")[0].strip().lower() == "application/json"

"""Which limits does WhatsApp set for each type of message? Pure; every rule raises `Fault` with Meta's code.

Fault   the request is refused: 100 (shape), 131008 (missing), 131009 (value)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PARAMETER, MISSING, INVALID = 100, 131008, 131009
TEXT_MAX, CAPTION_MAX, BODY_MAX = 4096, 1024, 1024
HEADER_MAX, FOOTER_MAX = 60, 60
BUTTONS_MAX, BUTTON_TITLE_MAX, BUTTON_ID_MAX = 3, 20, 256
SECTIONS_MAX, ROWS_MAX, ROW_ID_MAX, ROW_TITLE_MAX, ROW_DESCRIPTION_MAX = 10, 10, 200, 24, 72
CONTACTS_MAX = 5
INTERACTIVE = (
    "button", "list", "cta_url", "location_request_message", "flow", "request_contact_info", "call_permission_request",
    "product", "product_list", "catalog_message", "order_details", "order_status",
)  # fmt: skip
MEDIA = ("image", "audio", "video", "document", "sticker")


class Fault(Exception):
    """Meta would refuse the request with this code."""

    def __init__(self, code: int, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


def check(kind: str, body: Mapping[str, Any]) -> None:
    """Checks the part of a send request that is named like its type."""
    part = body[kind]
    if kind in MEDIA:
        _media(kind, part)
    elif kind == "contacts":
        _between(part, 1, CONTACTS_MAX, "contacts")
    else:
        _CHECKS[kind](part)


def _text(part: Mapping[str, Any]) -> None:
    body = part.get("body")
    if not isinstance(body, str) or not body.strip():
        raise Fault(PARAMETER, "The parameter text['body'] is required.")
    if len(body) > TEXT_MAX:
        raise Fault(PARAMETER, f"Param text['body'] must be at most {TEXT_MAX} characters long.")


def _media(kind: str, part: Mapping[str, Any]) -> None:
    if bool(part.get("id")) == bool(part.get("link")):
        raise Fault(PARAMETER, f"Exactly one of {kind}['id'] and {kind}['link'] is required.")
    if kind in ("audio", "sticker") and "caption" in part:
        raise Fault(PARAMETER, f"Unexpected key caption on param {kind}.")
    _length(part.get("caption"), 0, CAPTION_MAX, f"{kind}['caption']")


def _location(part: Mapping[str, Any]) -> None:
    for name, limit in (("latitude", 90), ("longitude", 180)):
        try:
            value = float(part[name])
        except (KeyError, TypeError, ValueError) as error:
            raise Fault(PARAMETER, f"The parameter location['{name}'] is required.") from error
        if abs(value) > limit:
            raise Fault(INVALID, f"location['{name}'] is out of range.")


def _reaction(part: Mapping[str, Any]) -> None:
    _required(part, "message_id", "reaction")


def _template(part: Mapping[str, Any]) -> None:
    _required(part, "name", "template")
    language = part.get("language")
    if not isinstance(language, Mapping) or not language.get("code"):
        raise Fault(PARAMETER, "The parameter template['language']['code'] is required.")


def _interactive(part: Mapping[str, Any]) -> None:
    kind, action = part.get("type"), part.get("action")
    if kind not in INTERACTIVE:
        raise Fault(INVALID, "Param interactive['type'] is not supported.")
    body = part.get("body")
    if kind != "product" and (not isinstance(body, Mapping) or not body.get("text")):
        raise Fault(MISSING, "interactive['body'] is required.")
    if isinstance(body, Mapping):
        _length(body.get("text"), 1, BODY_MAX, "interactive['body']['text']")
    for name, limit in (("header", HEADER_MAX), ("footer", FOOTER_MAX)):
        words = part.get(name)
        if isinstance(words, Mapping) and words.get("type", "text") == "text":
            _length(words.get("text"), 1, limit, f"interactive['{name}']['text']")
    if not isinstance(action, Mapping):
        raise Fault(MISSING, "interactive['action'] is required.")
    if kind == "button":
        _buttons(action)
    elif kind == "list":
        _list(action)


def _buttons(action: Mapping[str, Any]) -> None:
    buttons = action.get("buttons")
    if not isinstance(buttons, list):
        raise Fault(MISSING, "interactive['action']['buttons'] is required.")
    _between(buttons, 1, BUTTONS_MAX, "buttons")
    named = [button.get("reply") for button in buttons if isinstance(button, Mapping)]
    replies: list[Mapping[str, Any]] = [reply for reply in named if isinstance(reply, Mapping)]
    if len(replies) != len(buttons):
        raise Fault(MISSING, "Every button needs a reply.")
    for reply in replies:
        _length(reply.get("title"), 1, BUTTON_TITLE_MAX, "Button title")
        _length(reply.get("id"), 1, BUTTON_ID_MAX, "Button id")
    _unique([reply["title"] for reply in replies], "Button titles")
    _unique([reply["id"] for reply in replies], "Button ids")


def _list(action: Mapping[str, Any]) -> None:
    _length(action.get("button"), 1, BUTTON_TITLE_MAX, "List button")
    sections = action.get("sections")
    if not isinstance(sections, list):
        raise Fault(MISSING, "interactive['action']['sections'] is required.")
    _between(sections, 1, SECTIONS_MAX, "sections")
    rows = [row for section in sections if isinstance(section, Mapping) for row in section.get("rows") or ()]
    _between(rows, 1, ROWS_MAX, "rows")
    if len(sections) > 1:
        for section in sections:
            _length(section.get("title"), 1, ROW_TITLE_MAX, "Section title")
    for row in rows:
        _length(row.get("id"), 1, ROW_ID_MAX, "Row id")
        _length(row.get("title"), 1, ROW_TITLE_MAX, "Row title")
        _length(row.get("description"), 0, ROW_DESCRIPTION_MAX, "Row description")
    _unique([row["id"] for row in rows], "Row ids")


def _required(part: Mapping[str, Any], name: str, where: str) -> None:
    if not part.get(name):
        raise Fault(PARAMETER, f"The parameter {where}['{name}'] is required.")


def _length(value: object, least: int, most: int, name: str) -> None:
    if value is None and least == 0:
        return
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise Fault(INVALID, f"{name} length invalid. Min length: {least}, Max length: {most}")


def _between(items: Sequence[object], least: int, most: int, name: str) -> None:
    if not least <= len(items) <= most:
        raise Fault(INVALID, f"Invalid {name} count. Min allowed {name}: {least}, Max allowed {name}: {most}")


def _unique(values: Sequence[str], name: str) -> None:
    if len(set(values)) != len(values):
        raise Fault(INVALID, f"{name} must be unique.")


_CHECKS = {
    "text": _text,
    "location": _location,
    "reaction": _reaction,
    "template": _template,
    "interactive": _interactive,
}

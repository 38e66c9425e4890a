"""Would Discord take this message? Its limits, with the errors it answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from channels_app.sandbox.discord_emulator.objects import mapping
from channels_app.sandbox.kit import Answer

CONTENT_MAX, ROWS_MAX, BUTTONS_MAX, LABEL_MAX, ID_MAX = 2000, 5, 5, 80, 100
OPTIONS_MAX, OPTION_MAX, PLACEHOLDER_MAX, NONCE_MAX = 25, 100, 150, 25
FILE_MAX, REQUEST_MAX = 10 * 1024 * 1024, 25 * 1024 * 1024
ROW, BUTTON, SELECT, LINK_STYLE = 1, 2, 3, 5
Fault = tuple[str, str]  # where, what


def refusal(status: int, code: int, message: str, **more: Any) -> Answer:
    """An error as Discord words it."""
    return Answer(status, {"message": message, "code": code} | more)


UNAUTHORIZED = refusal(401, 0, "401: Unauthorized")
NOT_FOUND = refusal(404, 0, "404: Not Found")
UNKNOWN_CHANNEL = refusal(404, 10003, "Unknown Channel")
UNKNOWN_USER = refusal(400, 10013, "Unknown User")
UNKNOWN_INTERACTION = refusal(404, 10062, "Unknown interaction")
CANNOT_SEND = refusal(403, 50007, "Cannot send messages to this user")
EMPTY = refusal(400, 50006, "Cannot send an empty message")
NO_AGENT = refusal(403, 40333, "internal network error")
TOO_LARGE = refusal(413, 40005, "Request entity too large")
BROKEN = refusal(500, 0, "500: Internal Server Error")
OVERLOADED = refusal(503, 130000, "API resource is currently overloaded. Try again a little later.")


def check(body: Any, files: Sequence[int]) -> Answer | None:
    """Why this message is not taken; None when it is. `files` are their sizes in bytes."""
    if not isinstance(body, Mapping):
        return refusal(400, 50109, "The request body contains invalid JSON.")
    if any(size > FILE_MAX for size in files) or sum(files) > REQUEST_MAX:
        return TOO_LARGE
    if faults := list(_faults(body)):
        return invalid(faults)
    if not body.get("content") and not files and not body.get("embeds") and not body.get("components"):
        return EMPTY
    return None


def invalid(faults: Sequence[Fault]) -> Answer:
    """50035 with the tree of fields."""
    tree: dict[str, Any] = {}
    for path, text in faults:
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
        node["_errors"] = [{"code": "BASE_TYPE_BAD_LENGTH", "message": text}]
    return refusal(400, 50035, "Invalid Form Body", errors=tree)


def _faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    if len(str(body.get("content") or "")) > CONTENT_MAX:
        yield "content", f"Must be {CONTENT_MAX} or fewer in length."
    if len(str(body.get("nonce") or "")) > NONCE_MAX:
        yield "nonce", f"Must be {NONCE_MAX} or fewer in length."
    rows = body.get("components") or []
    if not isinstance(rows, list) or len(rows) > ROWS_MAX:
        yield "components", f"Must be between 1 and {ROWS_MAX} in length."
        return
    names: list[str] = []
    for number, row in enumerate(rows):
        yield from _row(mapping(row), f"components.{number}", names)


def _row(row: Mapping[str, Any], path: str, names: list[str]) -> Iterator[Fault]:
    inside = row.get("components")
    if row.get("type") != ROW or not isinstance(inside, list) or not 1 <= len(inside) <= BUTTONS_MAX:
        yield path, "Must be an action row of 1 to 5 components."
        return
    for number, found in enumerate(inside):
        one, place = mapping(found), f"{path}.components.{number}"
        name = str(one.get("custom_id") or "")
        if one.get("style") != LINK_STYLE and not 1 <= len(name) <= ID_MAX:
            yield f"{place}.custom_id", f"Must be between 1 and {ID_MAX} in length."
        if name in names:
            yield f"{place}.custom_id", "Component custom id cannot be duplicated"
        names.append(name)
        yield from _select(one, place) if one.get("type") == SELECT else _button(one, place)


def _button(one: Mapping[str, Any], place: str) -> Iterator[Fault]:
    if one.get("type") != BUTTON:
        yield f"{place}.type", "Value must be one of {2, 3}."
    if not 1 <= len(str(one.get("label") or "")) <= LABEL_MAX:
        yield f"{place}.label", f"Must be between 1 and {LABEL_MAX} in length."


def _select(one: Mapping[str, Any], place: str) -> Iterator[Fault]:
    options = one.get("options")
    if not isinstance(options, list) or not 1 <= len(options) <= OPTIONS_MAX:
        yield f"{place}.options", f"Must be between 1 and {OPTIONS_MAX} in length."
        return
    values = [str(mapping(option).get("value") or "") for option in options]
    if len(set(values)) < len(values):
        yield f"{place}.options", "The specified option value is already used"
    for number, option in enumerate(options):
        for name, least in (("label", 1), ("value", 1), ("description", 0)):
            if not least <= len(str(mapping(option).get(name) or "")) <= OPTION_MAX:
                yield f"{place}.options.{number}.{name}", f"Must be between {least} and {OPTION_MAX} in length."
    if len(str(one.get("placeholder") or "")) > PLACEHOLDER_MAX:
        yield f"{place}.placeholder", f"Must be {PLACEHOLDER_MAX} or fewer in length."

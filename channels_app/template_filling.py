"""Which places does a template have, how does it read when they are filled, and may it be sent like that? Pure.

Problem
+-- NotUsable     409 template_unusable     not approved (any more), or made of parts that nobody can fill here
+-- NotFilled     400 template_parameters   `missing` and `unknown` name the places
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from common.problems import Problem
from conversations.content import Template

PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
LONGEST = 1024  # characters of one value
MEDIA = ("image", "video", "document")
PLAIN_BUTTONS = ("quick_reply", "phone_number", "request_contact_info", "url")
LINKS = {"image": "Link to the image", "video": "Link to the video", "document": "Link to the document"}
LABELS = {"header": "Heading", "body": "Text", "button": "Button"}


class NotUsable(Problem):
    code, title, status = "template_unusable", "This template cannot be sent.", 409


class NotFilled(Problem):
    code, title, status = "template_parameters", "Fill in every place of the template, and only those.", 400


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to be filled: `key` names it in forms and the API, `name` is the provider's where it is not a number."""

    key: str
    label: str
    part: str  # header, body, button
    kind: str = "text"  # text, image, video, document (a link), coupon_code
    name: str = ""
    index: int = 0  # of the button
    example: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the preview: words, or the slot that stands there."""

    text: str
    slot: str = ""


def slots(components: Sequence[Mapping[str, Any]]) -> list[Slot]:
    """The places in the order in which they are read."""
    return [slot for component in components for slot in _slots_of(component)]


def obstacle(status: str, components: Sequence[Mapping[str, Any]]) -> str:
    """Why this template cannot be sent from here, '' if it can."""
    if status != "approved":
        return _("It is %(state)s at the provider.") % {"state": status or _("not approved")}
    for component in components:
        kind, form = _word(component, "type"), _word(component, "format")
        if kind not in ("header", "body", "footer", "buttons"):
            return _("It has a part that cannot be filled in here: %(part)s.") % {"part": kind.replace("_", " ")}
        if kind == "header" and form not in ("", "text", *MEDIA):
            return _("Its heading cannot be filled in here: %(part)s.") % {"part": form}
        if kind == "buttons" and (odd := [b for b in _buttons(component) if _word(b, "type") not in _FILLABLE]):
            kind = _word(odd[0], "type").replace("_", " ")
            return _("It has a button that cannot be filled in here: %(part)s.") % {"part": kind}
    return ""


def preview(components: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Piece]]]:
    """(part, pieces) for the parts that show words, and a line for each button."""
    shown: list[tuple[str, list[Piece]]] = []
    for component in components:
        kind = _word(component, "type")
        if kind == "header" and (form := _word(component, "format")) in MEDIA:
            shown.append((kind, [Piece("", "header")] if form else []))
        elif kind in ("header", "body", "footer"):
            shown.append((kind, list(_pieces(kind, _text(component)))))
        elif kind == "buttons":
            shown += [("button", [Piece(str(button.get("text", "")))]) for button in _buttons(component)]
    return shown


def fill(
    *, name: str, language: str, status: str, components: Sequence[Mapping[str, Any]], values: Mapping[str, str]
) -> Template:
    """The template as it is sent, or `NotUsable` / `NotFilled`; values are cut to one line, as providers want them."""
    if why := obstacle(status, components):
        raise NotUsable(why)
    places = slots(components)
    given = {key: said for key, value in values.items() if (said := " ".join(value.split())[:LONGEST])}
    missing = [slot.key for slot in places if slot.key not in given]
    unknown = sorted(set(values) - {slot.key for slot in places})
    wrong = [slot.key for slot in places if slot.kind in MEDIA and not given.get(slot.key, "").startswith("https://")]
    if missing or unknown or wrong:
        raise NotFilled(_complaint(places, missing, unknown, wrong), missing=missing, unknown=unknown)
    body = tuple(given[slot.key] for slot in places if slot.part == "body")
    is_plain = all(slot.part == "body" and not slot.name for slot in places)
    parts = () if is_plain else tuple(_sent(places, given))
    return Template(name, language, body, _words(components, given), parts)


def _complaint(places: Sequence[Slot], missing: list[str], unknown: list[str], wrong: list[str]) -> str:
    labels = {slot.key: slot.label for slot in places}
    if missing:
        return _("Missing: %(list)s.") % {"list": ", ".join(labels[key] for key in missing)}
    if unknown:
        return _("This template has no %(list)s.") % {"list": ", ".join(unknown)}
    return _("%(place)s needs a link that begins with https://.") % {"place": labels[wrong[0]]}


def _slots_of(component: Mapping[str, Any]) -> Iterator[Slot]:
    kind, form = _word(component, "type"), _word(component, "format")
    if kind == "header" and form in MEDIA:
        yield Slot("header", _(LINKS[form]), "header", form)
    elif kind in ("header", "body"):
        examples = _examples(component, kind)
        for name in _names(_text(component)):
            word = name.replace("_", " ")
            label = f"{_(LABELS[kind])} {word}" if name.isdigit() else word.capitalize()
            yield Slot(
                f"{kind}_{name}", label, kind, name="" if name.isdigit() else name, example=examples.get(name, "")
            )
    elif kind == "buttons":
        for index, button in enumerate(_buttons(component)):
            words = str(button.get("text") or "")
            if _word(button, "type") == "copy_code":
                yield Slot(f"button_{index}", _("Code to copy"), "button", "coupon_code", index=index)
            elif _word(button, "type") == "url" and PLACE.search(str(button.get("url") or "")):
                yield Slot(
                    f"button_{index}", _("End of the link of “%(button)s”") % {"button": words}, "button", index=index
                )


def _sent(places: Sequence[Slot], given: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The components of the request, as WhatsApp takes them."""
    for part in ("header", "body"):
        parameters = [_parameter(slot, given[slot.key]) for slot in places if slot.part == part]
        if parameters:
            yield {"type": part, "parameters": parameters}
    for slot in (slot for slot in places if slot.part == "button"):
        kind = "copy_code" if slot.kind == "coupon_code" else "url"
        parameter = _parameter(slot, given[slot.key])
        yield {"type": "button", "sub_type": kind, "index": str(slot.index), "parameters": [parameter]}


def _parameter(slot: Slot, value: str) -> dict[str, Any]:
    if slot.kind in MEDIA:
        return {"type": slot.kind, slot.kind: {"link": value}}
    if slot.kind == "coupon_code":
        return {"type": "coupon_code", "coupon_code": value}
    named = {"parameter_name": slot.name} if slot.name else {}
    return {"type": "text", **named, "text": value}


def _words(components: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> str:
    """What the customer reads, as plain text for our own timeline."""
    lines = []
    for part, pieces in preview(components):
        line = "".join(given.get(piece.slot, "") if piece.slot else piece.text for piece in pieces).strip()
        lines.append(f"[{line}]" if part == "button" and line else line)
    return "\n".join(filter(None, lines))


def _pieces(kind: str, text: str) -> Iterator[Piece]:
    end = 0
    for found in PLACE.finditer(text):
        if found.start() > end:
            yield Piece(text[end : found.start()])
        yield Piece(found.group(0), f"{kind}_{found.group(1)}")
        end = found.end()
    if end < len(text):
        yield Piece(text[end:])


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(PLACE.findall(text)))


def _examples(component: Mapping[str, Any], kind: str) -> dict[str, str]:
    """The author's examples by place; the provider keeps them in four shapes."""
    given = component.get("example")
    given = given if isinstance(given, Mapping) else {}
    named = given.get(f"{kind}_text_named_params")
    if isinstance(named, list):
        pairs = [one for one in named if isinstance(one, Mapping)]
        return {str(one.get("param_name")): str(one.get("example", "")) for one in pairs}
    listed = given.get(f"{kind}_text")
    listed = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], list) else listed
    return {str(n): str(value) for n, value in enumerate(listed, start=1)} if isinstance(listed, list) else {}


def _buttons(component: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = component.get("buttons")
    return [button for button in given if isinstance(button, Mapping)] if isinstance(given, list) else []


def _text(component: Mapping[str, Any]) -> str:
    value = component.get("text")
    return value if isinstance(value, str) else ""


def _word(thing: Mapping[str, Any], name: str) -> str:
    return str(thing.get(name) or "").lower()


_FILLABLE = (*PLAIN_BUTTONS, "copy_code")

"""Which templates does the pretended WhatsApp keep, and when may one be sent? Pure; refusals with Meta's codes.

132000 wrong number of parameters · 132001 no such name and language, or not approved · 132012 wrong kind of parameter
132015 paused · 132016 disabled · 100 a template that cannot be created
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from channels_app.sandbox.graph import Refusal

PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
NAME = re.compile(r"^[a-z0-9_]{1,512}$")
ADJACENT = re.compile(r"\}\}\s*\{\{")
MEDIA = ("IMAGE", "VIDEO", "DOCUMENT")
Form = dict[str, Any]


def _body(text: str, *examples: str) -> Form:
    return {"type": "BODY", "text": text, "example": {"body_text": [list(examples)]}}


TEMPLATES: list[Form] = [
    {
        "id": "594425479261601", "name": "service_update", "language": "en", "status": "APPROVED",
        "category": "UTILITY", "parameter_format": "POSITIONAL",
        "components": [_body("News about your request: {{1}}", "Step 2 of 4 is done.")],
    },
    {
        "id": "594425479261596", "name": "order_update", "language": "en", "status": "APPROVED", "category": "UTILITY",
        "parameter_format": "POSITIONAL",
        "components": [
            _body("Hello {{1}}, there is news about your order {{2}}.", "Maya", "4711"),
            {"type": "FOOTER", "text": "Nordic Chairs"},
        ],
    },
    {
        "id": "594425479261597", "name": "continue_chat", "language": "en", "status": "APPROVED", "category": "UTILITY",
        "parameter_format": "POSITIONAL",
        "components": [
            _body("Hello {{1}}, we have an answer for you. Shall we go on here?", "Maya"),
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes, please"}]},
        ],
    },
    {
        "id": "594425479261598", "name": "delivery_photo", "language": "en", "status": "APPROVED",
        "category": "UTILITY", "parameter_format": "NAMED",
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://example.com/chair.jpg"]}},
            {
                "type": "BODY",
                "text": "{{first_name}}, your parcel was left at {{place}}.",
                "example": {
                    "body_text_named_params": [
                        {"param_name": "first_name", "example": "Maya"}, {"param_name": "place", "example": "the door"},
                    ]
                },
            },
            {
                "type": "BUTTONS",
                "buttons": [
                    {
                        "type": "URL", "text": "Track", "url": "https://example.com/track/{{1}}",
                        "example": ["https://example.com/track/4711"],
                    }
                ],
            },
        ],
    },
    {
        "id": "594425479261599", "name": "spring_sale", "language": "en", "status": "PAUSED", "category": "MARKETING",
        "parameter_format": "POSITIONAL",
        "components": [_body("{{1}}, spring is here: 20% off all chairs.", "Maya")],
    },
    {
        "id": "594425479261600", "name": "login_code", "language": "en", "status": "APPROVED",
        "category": "AUTHENTICATION", "parameter_format": "POSITIONAL",
        "components": [
            _body("*{{1}}* is your verification code. For your security, do not share this code.", "123456"),
            {"type": "FOOTER", "text": "This code expires in 10 minutes."},
            {
                "type": "BUTTONS",
                "buttons": [
                    {
                        "type": "URL", "text": "Copy code",
                        "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                        "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"],
                    }
                ],
            },
        ],
    },
]  # fmt: skip


def check_send(part: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Refusal | None:
    """Whether Meta would take this `template` part of a send request."""
    found = find(part, known)
    if found is None:
        return Refusal(404, 132001, "template name does not exist in the translation")
    if (status := str(found.get("status"))) != "APPROVED":
        code = {"PAUSED": 132015, "DISABLED": 132016}.get(status, 132001)
        return Refusal(400, code, f"template is {status.lower()}")
    for component in found["components"]:
        if refusal := _check_part(component, part.get("components") or ()):
            return refusal
    return None


def check_create(body: Any, known: Sequence[Mapping[str, Any]]) -> Refusal | None:
    """Whether Meta would take a new template for review."""
    if not isinstance(body, Mapping) or not NAME.match(str(body.get("name", ""))):
        return Refusal(400, 100, "name may hold lower case letters, digits and underscores.")
    texts = [str(one.get("text", "")) for one in body.get("components") or () if isinstance(one, Mapping)]
    if not body.get("language") or body.get("category") not in ("UTILITY", "MARKETING", "AUTHENTICATION") or not texts:
        return Refusal(400, 100, "language, category and components are required.")
    if any(one["name"] == body["name"] and one["language"] == body["language"] for one in known):
        return Refusal(400, 100, "There is already content for this template in this language.", subcode=2388024)
    return None


def verdict(body: Mapping[str, Any]) -> tuple[str, str]:
    """(status, reason) of the review: places that stand next to each other are refused, as Meta does."""
    texts = " ".join(str(one.get("text", "")) for one in body.get("components") or () if isinstance(one, Mapping))
    return ("REJECTED", "INVALID_FORMAT") if ADJACENT.search(texts) else ("APPROVED", "NONE")


def words(part: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> str:
    """What the customer reads: the template with its places filled."""
    found = find(part, known)
    if found is None:
        return f"[template {part.get('name', '')}]"
    lines = []
    for component in found["components"]:
        given = _parameters(str(component.get("type")), part.get("components") or ())
        named = {str(one.get("parameter_name") or n): str(one.get("text", "")) for n, one in enumerate(given, start=1)}
        lines.append(_filled(str(component.get("text") or ""), named))
    return "\n".join(filter(None, lines))


def _filled(text: str, named: Mapping[str, str]) -> str:
    return PLACE.sub(lambda place: named.get(place.group(1), ""), text)


def buttons(part: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(label, link or '') of the buttons below it."""
    found = find(part, known) or {}
    listed = [one for one in found.get("components", ()) if one.get("type") == "BUTTONS"]
    return [(str(one.get("text")), str(one.get("url") or "")) for part_ in listed for one in part_["buttons"]]


def find(part: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The template that a send request names."""
    language = part.get("language")
    code = language.get("code") if isinstance(language, Mapping) else None
    return next((one for one in known if one["name"] == part.get("name") and one["language"] == code), None)


def _check_part(component: Mapping[str, Any], given: Sequence[Any]) -> Refusal | None:
    kind = str(component.get("type"))
    parameters = _parameters(kind, given)
    if kind == "HEADER" and component.get("format") in MEDIA:
        wanted = str(component["format"]).lower()
        is_there = len(parameters) == 1 and parameters[0].get("type") == wanted
        return None if is_there else Refusal(400, 132012, f"header: expected one parameter of the type {wanted}")
    if kind == "BUTTONS":
        dynamic = [one for one in component["buttons"] if PLACE.search(str(one.get("url", "")))]
        return None if len(dynamic) == len(parameters) else _miscounted("buttons", len(dynamic), len(parameters))
    places = list(dict.fromkeys(PLACE.findall(str(component.get("text") or ""))))
    if len(places) != len(parameters):
        return _miscounted(kind.lower(), len(places), len(parameters))
    wants_names = any(not place.isdigit() for place in places)
    if wants_names and {str(one.get("parameter_name")) for one in parameters} != set(places):
        return Refusal(400, 100, f"{kind.lower()}: parameter_name is missing or unknown")
    if any(re.search(r"[\n\t]| {5}", str(one.get("text", ""))) for one in parameters):
        return Refusal(400, 132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    return None


def _miscounted(part: str, wanted: int, given: int) -> Refusal:
    said = f"{part}: number of localizable_params ({given}) does not match the expected number of params ({wanted})"
    return Refusal(400, 132000, said)


def _parameters(kind: str, given: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The parameters for a part; each button is a component of its own."""
    wanted = "button" if kind == "BUTTONS" else kind.lower()
    found = [one for one in given if isinstance(one, Mapping) and str(one.get("type")).lower() == wanted]
    return [each for one in found for each in one.get("parameters") or () if isinstance(each, Mapping)]

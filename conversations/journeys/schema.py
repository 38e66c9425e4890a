"""What shape must a journey have? JSON Schema 2020-12, `if/then` on the type of a step, errors in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

NOT_YET = {
    "request": "request steps",
    "task": "task steps",
    "wait": "wait steps",
    "journey": "journey steps",
    "location": "asking for a location",
    "file": "asking for a file",
    "switch": "switching channel",
    "event": "event triggers",
    "link": "link triggers",
    "api": "API triggers",
    "start": "start triggers",
}
TYPES = ("message", "ask", "menu", "set", "branch", "handover", "end")
_ID = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 4000}
_LABEL = {"type": "string", "minLength": 1, "maxLength": 200}
_EXPRESSION = {"type": "string", "minLength": 1, "maxLength": 500}
_DURATION = {"type": "string", "pattern": "^[0-9]{1,6}[smhd]$"}
_FLAG = {"type": "boolean"}
_BOUND = {"type": ["number", "string"]}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required or [], "additionalProperties": False}


def _list(items: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


_WORDS = {"type": ["array", "string", "number"], "items": {"type": ["string", "number"]}}
_ALIASES = {"type": "array", "items": {"type": ["string", "number"]}}
_OPTION = {"id": _ID, "label": _LABEL, "aliases": _ALIASES, "description": _LABEL, "if": _EXPRESSION}
_TIMEOUT = _object({"after": _DURATION, "next": _ID}, ["after", "next"])
_EXPECT = _object(
    {
        "kind": {"enum": ["text", "number", "date", "email", "phone", "choice", "boolean"]},
        "pattern": {"type": "string", "maxLength": 200},
        "min": _BOUND,
        "max": _BOUND,
        "whole": _FLAG,
        "choices": _list(_object({k: v for k, v in _OPTION.items() if k != "if"}, ["id", "label"])),
    },
    ["kind"],
)
_REQUIRES = {"enum": ["none", "verified", "attested", "strong"]}
_COMMON = {
    "id": _ID,
    "type": {"enum": list(TYPES)},
    "title": _LABEL,
    "next": _ID,
    "if": _EXPRESSION,
    "once": _FLAG,
    "requires": _REQUIRES,
    "resume": _TEXT,
    "help": _TEXT,
}
_REPROMPT = {"reprompt": _list(_TEXT), "on_invalid": _ID, "timeout": _TIMEOUT, "var": _ID, "pii": _FLAG}
_CARD = _object({"title": _LABEL, "text": _TEXT, "image_url": _TEXT, "link": _TEXT}, ["title"])
_MEDIA = _object(
    {"kind": {"enum": ["image", "audio", "video", "file"]}, "url": _TEXT, "caption": _TEXT},
    ["url"],
)
_OWN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "message": ({"text": _TEXT, "card": _CARD, "media": _MEDIA}, []),
    "ask": (
        {"text": _TEXT, "expect": _EXPECT, "ask": {"enum": ["missing", "always", "confirm"]}, **_REPROMPT},
        ["text"],
    ),
    "menu": (
        {
            "text": _TEXT,
            "options": _list(_object({**_OPTION, "next": _ID}, ["id", "label"])),
            "paging": _FLAG,
            **_REPROMPT,
        },
        ["text", "options"],
    ),
    "set": (
        {
            "set": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^(vars|customer)\\.[a-z][a-z0-9_]*$"},
                "additionalProperties": {"type": ["string", "number", "boolean", "null", "array"]},
            }
        },
        ["set"],
    ),
    "branch": (
        {"cases": _list(_object({"if": _EXPRESSION, "next": _ID}, ["if", "next"])), "else": _ID},
        ["cases", "else"],
    ),
    "handover": (
        {
            "text": _TEXT,
            "mode": {"enum": ["live", "ticket"]},
            "skill": _LABEL,
            "referrer": _LABEL,
            "queue": _LABEL,
            "agent": _LABEL,
            "priority": {"type": "integer", "minimum": 0, "maximum": 100},
            "intake": _ID,
            "channel": _LABEL,
            "on": _object({"offline": _ID, "failed": _ID, "closed": _ID}),
        },
        [],
    ),
    "end": ({"text": _TEXT, "outcome": _LABEL, "then": _ID}, []),
}
_STEP = {
    "type": "object",
    "required": ["id", "type"],
    "properties": {"id": _ID, "type": {"enum": list(TYPES)}},
    "allOf": [
        {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": _object({**_COMMON, **own}, required),
        }
        for name, (own, required) in _OWN.items()
    ],
}
_VAR = _object(
    {
        "type": {"enum": ["text", "number", "boolean", "date"]},
        "save_to": {"type": "string", "pattern": "^customer\\.[a-z][a-z0-9_]*$"},
        "pii": _FLAG,
        "default": {"type": ["string", "number", "boolean"]},
    }
)
_POLICY = _object(
    {
        "interruptible": _FLAG,
        "resume": {"enum": ["auto", "offer"]},
        "resume_within": _DURATION,
        "requires": _REQUIRES,
        "audience": {"enum": ["private", "public"]},
        "on_expire": _ID,
    }
)
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Journey",
    **_object(
        {
            "journey": _ID,
            "title": _LABEL,
            "languages": {**_list({"type": "string", "pattern": "^[a-z]{2}$"}), "uniqueItems": True},
            "triggers": _list(_object({"keyword": _WORDS, "payload": _LABEL, "breaking": _FLAG}), 0),
            "policy": _POLICY,
            "vars": {"type": "object", "propertyNames": _ID, "additionalProperties": _VAR},
            "steps": _list(_STEP),
            "translations": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z]{2}$"},
                "additionalProperties": {"type": "object", "additionalProperties": _TEXT},
            },
        },
        ["journey", "title", "steps"],
    ),
}


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    return Draft202012Validator(SCHEMA)


def errors(data: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(path, message) of everything that has not the shape of a journey, at most 100."""
    for number, error in enumerate(_validator().iter_errors(data)):
        if number >= 100:
            return
        yield tuple(error.absolute_path), _words(error)


def _words(error: ValidationError) -> str:
    name = str(error.absolute_path[-1]) if error.absolute_path else "the journey"
    value, wanted = error.instance, error.validator_value
    if isinstance(value, str) and value in NOT_YET and error.validator == "enum":
        return f"{NOT_YET[value]}: not available yet"
    if error.validator == "additionalProperties" and isinstance(value, dict):
        return _unknown(value, error.schema)
    if error.validator == "required" and isinstance(value, dict) and isinstance(wanted, list):
        return f"{name} lacks {', '.join(str(key) for key in wanted if key not in value)}"
    if error.validator == "enum" and isinstance(wanted, list):
        return f"{name} must be one of {', '.join(str(word) for word in wanted)}"
    if error.validator == "type":
        return f"{name} must be {' or '.join(wanted) if isinstance(wanted, list) else wanted}"
    return f"{name}: {_SENTENCES.get(str(error.validator), str(error.validator) + ' is not kept')}"


def _unknown(value: dict[str, Any], part: Any) -> str:
    known = part.get("properties", {}) if isinstance(part, dict) else {}
    extra = sorted(str(key) for key in value if key not in known)
    later = [NOT_YET[key] for key in extra if key in NOT_YET]
    if later:
        return f"{later[0]}: not available yet"
    return f"unknown field {', '.join(extra)[:80]}; known are {', '.join(sorted(known))}"


_SENTENCES = {
    "pattern": "has not the form that is needed (ids are small letters, digits and _; durations like 30m)",
    "minItems": "needs at least one entry",
    "minLength": "is empty",
    "minProperties": "is empty",
    "maxLength": "is too long",
    "uniqueItems": "has an entry twice",
    "minimum": "is too small",
    "maximum": "is too large",
    "propertyNames": "has a name that is not allowed",
}

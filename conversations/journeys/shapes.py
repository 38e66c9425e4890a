"""Which fields does each part of a journey have, and what may stand in them? JSON Schema 2020-12, as plain data."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]


def fields(properties: Shape, required: list[str] | None = None) -> Shape:
    """An object of these properties and no others."""
    return {"type": "object", "properties": properties, "required": required or [], "additionalProperties": False}


def entries(items: Shape, least: int = 1) -> Shape:
    """A list of such items."""
    return {"type": "array", "items": items, "minItems": least}


def named(names: str, values: Shape, least: int = 0) -> Shape:
    """An object whose keys match a pattern."""
    keys = {"pattern": names, "maxLength": 80}
    return {"type": "object", "propertyNames": keys, "additionalProperties": values, "minProperties": least}


END = "$(?!\\n)"  # in Python `$` alone also stands before a last newline
ID = {"type": "string", "pattern": "^[a-z][a-z0-9_]*" + END, "maxLength": 64}
TEXT = {"type": "string", "minLength": 1, "maxLength": 4000}
LABEL = {"type": "string", "minLength": 1, "maxLength": 200}
NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_.:-]*" + END, "maxLength": 64}  # of an event
CONNECTION = {"type": "string", "pattern": "^[A-Za-z0-9_-]+" + END, "maxLength": 64}
EXPRESSION = {"type": "string", "minLength": 1, "maxLength": 500}
DURATION = {"type": "string", "pattern": "^[0-9]{1,6}[smhd]" + END}
FLAG = {"type": "boolean"}
REQUIRES = {"enum": ["none", "verified", "attested", "strong"]}
MEDIA_KINDS = ["image", "audio", "video", "file"]
ASSIGNED = "^(vars|customer)\\.[a-z][a-z0-9_]*" + END  # what can be written to
PLAIN = {"type": ["string", "number", "boolean", "null"]}
BOUND = {"type": ["number", "string"]}

WORDS = {"type": ["array", "string", "number"], "items": {"type": ["string", "number"]}}
ALIASES = {"type": "array", "items": {"type": ["string", "number"]}}
OPTION = {"id": ID, "label": LABEL, "aliases": ALIASES, "description": LABEL, "if": EXPRESSION}
TIMEOUT = fields({"after": DURATION, "next": ID}, ["after", "next"])
EXPECT = fields(
    {
        "kind": {"enum": ["text", "number", "date", "email", "phone", "choice", "boolean", "location", "file"]},
        "pattern": {"type": "string", "maxLength": 200},
        "min": BOUND,
        "max": BOUND,
        "whole": FLAG,
        "choices": entries(fields({k: v for k, v in OPTION.items() if k != "if"}, ["id", "label"])),
        "accept": entries({"enum": MEDIA_KINDS}),
        "or_file": FLAG,
    },
    ["kind"],
)
ANSWERED = {"reprompt": entries(TEXT), "on_invalid": ID, "timeout": TIMEOUT, "var": ID, "pii": FLAG}
CARD = fields({"title": LABEL, "text": TEXT, "image_url": TEXT, "link": TEXT}, ["title"])
MEDIA = fields({"kind": {"enum": MEDIA_KINDS}, "url": TEXT, "caption": TEXT}, ["url"])
SEND = fields(
    {
        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
        "path": {"type": "string", "pattern": "^/", "maxLength": 1000},
        "query": named("^[^\\x00-\\x1f]{1,80}" + END, PLAIN),
        "body": {"type": ["object", "array", "string", "number", "boolean", "null"]},
    },
    ["method", "path"],
)
RETRY = fields(
    {
        "attempts": {"type": "integer", "minimum": 1, "maximum": 10},
        "backoff": DURATION,
        "max": DURATION,
        "on": entries(
            {
                "type": ["string", "integer"],
                "pattern": "^(timeout|[45]xx|[45][0-9][0-9])" + END,
                "minimum": 400,
                "maximum": 599,
            }
        ),
    }
)
COMMON = {
    "id": ID,
    "title": LABEL,
    "next": ID,
    "if": EXPRESSION,
    "once": FLAG,
    "requires": REQUIRES,
    "resume": TEXT,
    "help": TEXT,
}
OWN: dict[str, tuple[Shape, list[str]]] = {
    "message": (
        {
            "text": TEXT,
            "card": CARD,
            "media": MEDIA,
            "switch": entries({"type": "string", "pattern": "^[a-z]+" + END, "maxLength": 16}),
        },
        [],
    ),
    "ask": (
        {"text": TEXT, "expect": EXPECT, "ask": {"enum": ["missing", "always", "confirm"]}, **ANSWERED},
        ["text"],
    ),
    "menu": (
        {
            "text": TEXT,
            "options": entries(fields({**OPTION, "next": ID}, ["id", "label"])),
            "paging": FLAG,
            **ANSWERED,
        },
        ["text", "options"],
    ),
    "set": (
        {"set": named(ASSIGNED, {"type": ["string", "number", "boolean", "null", "array"]}, least=1)},
        ["set"],
    ),
    "branch": (
        {"cases": entries(fields({"if": EXPRESSION, "next": ID}, ["if", "next"])), "else": ID},
        ["cases", "else"],
    ),
    "request": (
        {
            "connection": CONNECTION,
            "send": SEND,
            "idempotent": FLAG,
            "retry": RETRY,
            "map": named(
                ASSIGNED, {"type": "string", "pattern": "^\\$(\\.[A-Za-z_][A-Za-z0-9_-]*|\\[[0-9]{1,4}\\])*" + END}
            ),
            "on": named("^(error|[1-5][0-9][0-9])" + END, ID),
        },
        ["connection", "send"],
    ),
    "task": (
        {
            "connection": CONNECTION,
            "send": SEND,
            "cancel": SEND,
            "background": FLAG,
            "progress": TEXT,
            "deadline": DURATION,
            "on": fields({"done": ID, "failed": ID, "timeout": ID, "cancelled": ID}),
        },
        ["connection", "send"],
    ),
    "wait": (
        {
            "for": DURATION,
            "until": {"enum": ["business_hours"]},
            "event": NAME,
            "max": DURATION,
            "on": fields({"timeout": ID}),
        },
        [],
    ),
    "journey": (
        {
            "run": ID,
            "with": named("^[a-z][a-z0-9_]*" + END, {"type": ["string", "number", "boolean", "null", "array"]}),
            "returns": named(
                ASSIGNED, {"type": "string", "pattern": "^(vars\\.)?[a-z][a-z0-9_]*" + END, "maxLength": 70}
            ),
            "on": fields({"done": ID, "failed": ID}),
        },
        ["run"],
    ),
    "handover": (
        {
            "text": TEXT,
            "mode": {"enum": ["live", "ticket"]},
            "skill": LABEL,
            "referrer": LABEL,
            "queue": LABEL,
            "agent": LABEL,
            "priority": {"type": "integer", "minimum": 0, "maximum": 100},
            "intake": ID,
            "channel": LABEL,
            "on": fields({"offline": ID, "failed": ID, "closed": ID}),
        },
        [],
    ),
    "end": ({"text": TEXT, "outcome": LABEL, "then": ID}, []),
}
TYPES = tuple(OWN)
STEPS: dict[str, Shape] = {
    kind: fields({**COMMON, "type": {"enum": list(TYPES)}, **own}, ["id", "type", *required])
    for kind, (own, required) in OWN.items()
}
SAYING = ("text", "card", "media", "switch")
STEPS["message"]["anyOf"] = [{"required": [name]} for name in SAYING]  # one that says nothing is none
VAR = fields(
    {
        "type": {"enum": ["text", "number", "boolean", "date", "location", "file", "list", "object"]},
        "save_to": {"type": "string", "pattern": "^customer\\.[a-z][a-z0-9_]*" + END},
        "pii": FLAG,
        "default": {"type": ["string", "number", "boolean"]},
    }
)
POLICY = fields(
    {
        "interruptible": FLAG,
        "resume": {"enum": ["auto", "offer"]},
        "resume_within": DURATION,
        "requires": REQUIRES,
        "audience": {"enum": ["private", "public"]},
        "on_expire": ID,
    }
)
TRIGGER = fields(
    {
        "keyword": WORDS,
        "payload": LABEL,
        "event": NAME,
        "link": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}" + END},
        "api": FLAG,
        "start": FLAG,
        "opening": {"anyOf": [FLAG, entries(LABEL, 1)]},
        "breaking": FLAG,
    }
)
TOP: Shape = {
    "journey": ID,
    "title": LABEL,
    "languages": {**entries({"type": "string", "pattern": "^[a-z]{2}" + END}), "uniqueItems": True},
    "triggers": entries(TRIGGER, 0),
    "policy": POLICY,
    "vars": {"type": "object", "propertyNames": ID, "additionalProperties": VAR},
    "translations": named("^[a-z]{2}" + END, {"type": "object", "additionalProperties": TEXT}),
}
NEEDED = ["journey", "title", "steps"]

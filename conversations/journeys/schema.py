"""What shape must a journey have? JSON Schema 2020-12, `if/then` on the type of a step, errors in our own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from conversations.journeys import shapes
from conversations.journeys.shapes import STEPS, TYPES

__all__ = ["SCHEMA", "TYPES", "errors"]

Path = tuple[str | int, ...]
MOST = 100  # errors that are told at once
_STEP: dict[str, Any] = {
    "type": "object",
    "required": ["id", "type"],
    "properties": {"id": shapes.ID, "type": {"enum": list(TYPES)}},
}
_BY_TYPE = [
    {"if": {"properties": {"type": {"const": kind}}, "required": ["type"]}, "then": shape}
    for kind, shape in STEPS.items()
]
_HEAD = shapes.fields({**shapes.TOP, "steps": shapes.entries({})}, shapes.NEEDED)
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Journey",
    **shapes.fields({**shapes.TOP, "steps": shapes.entries({**_STEP, "allOf": _BY_TYPE})}, shapes.NEEDED),
}


def errors(data: Any) -> Iterator[tuple[Path, str]]:
    """(path, message) of everything that has not the shape of a journey, at most 100."""
    return islice(_errors(data), MOST)


def _errors(data: Any) -> Iterator[tuple[Path, str]]:
    """The head, then each step by the shape of its own type: what `SCHEMA` says, without trying eleven types a step."""
    yield from _wrong("", data, ())
    steps = data.get("steps") if isinstance(data, Mapping) else None
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        kind = step.get("type") if isinstance(step, Mapping) else None
        yield from _wrong(kind if kind in TYPES else "?", step, ("steps", number))


def _wrong(kind: Any, data: Any, where: Path) -> Iterator[tuple[Path, str]]:
    for error in _validator(kind).iter_errors(data):
        path = (*where, *error.absolute_path)
        if "propertyNames" in error.absolute_schema_path and isinstance(error.instance, str):
            yield (*path, error.instance), f"the name '{error.instance[:60]}' is not allowed in {path[-1]}"
        elif error.validator == "additionalProperties" and isinstance(error.instance, dict):
            yield from (((*path, key), words) for key, words in _unknown(error.instance, error.schema))
        elif error.validator != "required" or _is_first(error):
            yield path, _words(error, path)


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator({"": _HEAD, "?": _STEP, **STEPS}[kind])


def _words(error: ValidationError, path: Path) -> str:
    name = str(path[-1]) if path else "the journey"
    value, wanted = error.instance, error.validator_value
    if error.validator == "required" and isinstance(value, dict) and isinstance(wanted, list):
        return f"{name} lacks {', '.join(str(key) for key in wanted if key not in value)}"
    if error.validator == "enum" and isinstance(wanted, list):
        return f"{name} must be one of {', '.join(str(word) for word in wanted)}"
    if error.validator == "type":
        return f"{name} must be {' or '.join(wanted) if isinstance(wanted, list) else wanted}"
    if error.validator == "anyOf":
        return f"the message says nothing: it needs {', '.join(shapes.SAYING[:-1])} or {shapes.SAYING[-1]}"
    return f"{name}: {_SENTENCES.get(str(error.validator), str(error.validator) + ' is not kept')}"


def _is_first(error: ValidationError) -> bool:
    """One error comes for each field that is missing, and the words name them all: the first says it."""
    value, wanted = error.instance, error.validator_value
    if not isinstance(wanted, list) or not isinstance(value, dict):
        return True
    return error.message.startswith(repr(next(key for key in wanted if key not in value)))


def _unknown(value: dict[str, Any], part: Any) -> Iterator[tuple[str, str]]:
    """Each field that nobody knows, with the one that was probably meant."""
    known = sorted(part.get("properties", {})) if isinstance(part, dict) else []
    for key in (str(key) for key in value if key not in known):
        meant = get_close_matches(key, known, 1)
        hint = f"; did you mean {meant[0]}?" if meant else f"; known are {', '.join(known)}"
        yield key, f"unknown field {key[:60]}{hint}"


_SENTENCES = {
    "pattern": "has not the form that is needed (ids are small letters, digits and _; durations like 30m)",
    "minItems": "needs at least one entry",
    "minLength": "is empty",
    "minProperties": "is empty",
    "maxLength": "is too long",
    "uniqueItems": "has an entry twice",
    "minimum": "is too small",
    "maximum": "is too large",
}

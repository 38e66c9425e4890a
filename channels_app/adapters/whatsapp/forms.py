"""What was filled in? The reply of a WhatsApp Flow as readable lines, and as it came."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from channels_app.adapters import base

SCREEN = re.compile(r"^screen_\d+_(.+?)(?:_\d+)?$")  # as Meta's form builder names its fields
OPTION = re.compile(r"^\d+_(.+)$")  # and its options
HIDDEN = frozenset({"flow_token"})
FIELDS, LONGEST, RAW = 50, 500, 8000


def read(reply: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """(the answers, one `label: value` a line, else what the provider wrote; the raw reply, capped)."""
    raw = base.text(reply, "response_json")
    try:
        answers = base.mapping(base.loads(raw))
    except base.Malformed:
        answers = base.NOTHING
    lines = [line for name, value in list(answers.items())[:FIELDS] if (line := _line(name, value))]
    words = "\n".join(lines) or base.text(reply, "body") or "[form]"
    kept = {"name": base.text(reply, "name")[:100], "response_json": raw[:RAW]}
    return words, {name: value for name, value in kept.items() if value}


def _line(name: str, value: object) -> str:
    if name in HIDDEN:
        return ""
    built = SCREEN.match(name)
    label = (built.group(1) if built else name).replace("_", " ").strip()
    said = _said(value, is_built=built is not None)
    return f"{label}: {said}"[:LONGEST] if said else ""


def _said(value: object, is_built: bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        option = OPTION.match(value) if is_built else None
        return option.group(1).replace("_", " ") if option else value
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return ", ".join(filter(None, (_said(one, is_built) for one in value)))
    return ""

"""What does a request or a task send? The author's `send` filled in, each part encoded for its place.

The host comes from the connection alone. A value becomes one segment of the path, whatever it holds: it can neither
leave its segment nor add a query; a path that would be anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from conversations.journeys import templates
from conversations.journeys.effects import Request
from conversations.journeys.walk import Walk

MAX_PATH = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\\]")
_FORBIDDEN = re.compile(r"\.\.|//|[@\\?#\s\x00-\x1f\x7f-\x9f]|/\.(?:/|$)")


class RequestRefused(ValueError):
    """What would be sent does not stay where the author put it; the message says why, without the value."""


def request(walk: Walk, connection: str, send: Mapping[str, Any], method: str) -> Request:
    """The finished request of a step; `method` is the default one. Raises RequestRefused."""
    query = {name: _word(walk.value(raw)) for name, raw in send.get("query", {}).items()}
    return Request(
        connection=connection,
        method=str(send.get("method", method)).upper(),
        path=path(walk, str(send.get("path", "/"))),
        query={name: value for name, value in query.items() if value is not None},
        body=_body(walk, send["body"]) if "body" in send else None,
    )


def path(walk: Walk, text: str) -> str:
    """The path with each placeholder as one percent-encoded segment. Raises RequestRefused."""
    filled = templates.fill(text, walk.scope(), _segment)
    if filled.missing:
        raise RequestRefused(f"{filled.missing[0]} has no value for the path")
    if not filled.text.startswith("/") or _FORBIDDEN.search(filled.text) or len(filled.text) > MAX_PATH:
        raise RequestRefused("the path leaves its place")
    return filled.text


def _segment(value: str) -> str:
    if _CONTROL.search(value):
        raise RequestRefused("a value for the path holds characters that no path has")
    return quote(value, safe="")


def _word(value: Any) -> str | None:
    """A value of the query as text; None leaves it out."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else templates.spoken(value)


def _body(walk: Walk, raw: Any) -> Any:
    if isinstance(raw, Mapping):
        return {name: _body(walk, value) for name, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_body(walk, value) for value in raw]
    value = walk.value(raw)
    return value.isoformat() if isinstance(value, date) else value

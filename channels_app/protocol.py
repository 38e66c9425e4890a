"""What may a widget say? The fixed vocabulary of the public protocol, checked before anything else.

Refused          answered with `{"type": "error", "code", "message"}`; the connection stays
+-- Garbage      no frame of ours at all: the connection is closed with its `close` code
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from common import plain_json

VERSION = 1
TEXT_LIMIT = 4000  # characters
FRAME_LIMIT = 32_768  # characters of JSON
STREAMS_MOST = 4
# Gestures that a word would express as well, and that the customer's own bubble shows: (text, payload).
SPOKEN = {"agent": ("Talk to a human", "command:agent"), "other": ("Something else", "command:menu")}
CLIENT_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
STREAM = re.compile(r"[0-9a-f-]{36}")  # a public id
FILE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
JOURNEY = re.compile(r"[0-9A-Za-z_-]{1,64}")
CODE = re.compile(r"[0-9A-Z]{12,40}")  # of a one-time link that led to this page

PAGE, PAGE_LIMIT = re.compile(r"https?://"), 2000

CLOSE_BAD = 1003
CLOSE_TOO_BIG = 1009
CLOSE_BUSY = 1013
CLOSE_RESTART = 1012
CLOSE_AUTH = 4401

SENTENCES = {
    "frame_unknown": "This server does not know that kind of frame.",
    "frame_invalid": "The frame has a missing or invalid member.",
    "text_empty": "There is nothing in this message.",
    "file_unknown": "This file is not there any more. Attach it again.",
    "too_fast": "That was too fast. Please wait a moment.",
    "hello_first": "The first frame must be a hello with the visit's token.",
}


class Refused(Exception):
    """A frame that is not accepted; `answer` is what its sender is told, in fixed words."""

    def __init__(self, code: str, sentence: str = "", **extra: Any) -> None:
        super().__init__(code)
        self.code, self.sentence, self.extra = code, sentence or SENTENCES[code], extra

    def answer(self) -> dict[str, Any]:
        return {"type": "error", "code": self.code, "message": self.sentence, **self.extra}


class Garbage(Refused):
    """No JSON object, or a monster: not worth a conversation."""

    def __init__(self, close: int) -> None:
        super().__init__("frame_invalid")
        self.close = close


@dataclass(frozen=True, slots=True)
class Hello:
    token: str
    after: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    """Something to be stored: a text, an uploaded `file`, a tapped option (`payload`) or a gesture (`action`).

    `page` is where the widget stands.
    """

    client_id: str
    text: str = ""
    payload: str = ""
    action: str = ""
    file: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Typing:
    is_typing: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The browser has received (`delivered`) or shown (`read`) a stream up to `seq`."""

    state: str
    stream: str
    seq: int


@dataclass(frozen=True, slots=True)
class Resync:
    after: dict[str, int]


@dataclass(frozen=True, slots=True)
class Ping:
    pass


Frame = Hello | Say | Typing | Seen | Resync | Ping


def read(raw: str) -> Frame:
    """The frame in a text; `Garbage` if it is no JSON object, `Refused` if its type or a member is wrong."""
    if len(raw) > FRAME_LIMIT:
        raise Garbage(CLOSE_TOO_BIG)
    try:
        data = decoded(raw)
    except ValueError as error:
        raise Garbage(CLOSE_BAD) from error
    if not isinstance(data, dict):
        raise Garbage(CLOSE_BAD)
    return frame(data)


def decoded(raw: str | bytes) -> Any:
    """What a page sent, or `ValueError`: no JSON, too deep, or a number that nobody can mean."""
    try:
        return json.loads(raw, parse_int=plain_json.whole)
    except RecursionError as error:
        raise ValueError("too deep") from error


def frame(data: dict[str, Any]) -> Frame:
    """The frame in a JSON object, or `Refused`."""
    name = data.get("type")
    reader = _READERS.get(name) if isinstance(name, str) else None
    if reader is None:
        raise Refused("frame_unknown")
    found = reader(data)
    return replace(found, page=_page(data)) if isinstance(found, Say) else found


def _hello(data: dict[str, Any]) -> Frame:
    token = data.get("token")
    if not isinstance(token, str) or not 1 <= len(token) <= 100:
        raise Refused("frame_invalid")
    return Hello(token, _cursors(data.get("after", {})))


def _message(data: dict[str, Any]) -> Frame:
    client_id, text, file = _client_id(data), _text(data, "text"), _text(data, "file")
    if file and not FILE.fullmatch(file):
        raise Refused("frame_invalid", id=client_id)
    if not text.strip() and not file:
        raise Refused("text_empty", id=client_id)
    return Say(client_id, text=_short(text, client_id), file=file)


def _option(data: dict[str, Any]) -> Frame:
    client_id, payload = _client_id(data), _text(data, "payload")
    if not 1 <= len(payload) <= 1000:
        raise Refused("frame_invalid", id=client_id)
    return Say(client_id, text=_short(_text(data, "text"), client_id), payload=payload)


def _action(data: dict[str, Any]) -> Frame:
    client_id, action = _client_id(data), data.get("action")
    if isinstance(action, str) and action in SPOKEN:
        text, payload = SPOKEN[action]
        return Say(client_id, text=text, payload=payload)
    if action == "open":
        return Say(client_id, action=action)
    run, journey = _text(data, "run"), _text(data, "journey")
    if action in ("resume", "restart") and (not run or STREAM.fullmatch(run)):
        return Say(client_id, action=str(action), payload=run)
    if action == "start" and JOURNEY.fullmatch(journey):
        return Say(client_id, action=f"start:{journey}")
    if action == "link" and CODE.fullmatch(code := _text(data, "code")):
        return Say(client_id, action=f"link:{code}")
    raise Refused("frame_invalid", id=client_id)


def _typing(data: dict[str, Any]) -> Frame:
    return Typing(data.get("is_typing") is not False)


def _seen(data: dict[str, Any]) -> Frame:
    stream = _text(data, "stream")
    return Seen(str(data["type"]), stream, _cursors({stream: data.get("seq")})[stream])


def _resync(data: dict[str, Any]) -> Frame:
    return Resync(_cursors(data.get("after")))


def _cursors(value: object) -> dict[str, int]:
    """Stream -> last seq, at most a handful."""
    if not isinstance(value, dict) or len(value) > STREAMS_MOST:
        raise Refused("frame_invalid")
    for stream, seq in value.items():
        is_seq = isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**53
        if not is_seq or not isinstance(stream, str) or not STREAM.fullmatch(stream):
            raise Refused("frame_invalid")
    return value


def _client_id(data: dict[str, Any]) -> str:
    value = data.get("id")
    if not isinstance(value, str) or not CLIENT_ID.fullmatch(value):
        raise Refused("frame_invalid")
    return value


def _page(data: dict[str, Any]) -> str:
    """The address of the page, without what follows a ? or #; anything else says nothing."""
    page = data.get("page")
    return re.split(r"[?#]", page)[0] if isinstance(page, str) and PAGE.match(page) and len(page) <= PAGE_LIMIT else ""


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise Refused("frame_invalid")
    return value


def _short(text: str, client_id: str) -> str:
    if len(text) > TEXT_LIMIT:
        sentence = f"A message may have {TEXT_LIMIT:,} characters; this one has {len(text):,}."
        raise Refused("text_too_long", sentence, id=client_id)
    return text


_READERS: dict[str, Callable[[dict[str, Any]], Frame]] = {
    "hello": _hello,
    "message": _message,
    "option": _option,
    "action": _action,
    "typing": _typing,
    "delivered": _seen,
    "read": _seen,
    "resync": _resync,
    "ping": lambda data: Ping(),
}

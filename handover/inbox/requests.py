"""What may a screen ask over its socket? A fixed vocabulary, read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

LONGEST = 16_384  # bytes
ROWS_MAX = 200


class Unreadable(Exception):
    """Not one of ours; `code` closes the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Subscribe:
    conversation: UUID
    after: int


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    conversation: UUID


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows the list shows, so that it can be told when one leaves the agent's sight."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Doing:
    """The agent looks at a conversation, types in it (to which session), types no more, or has left it."""

    conversation: UUID
    what: str
    session: UUID | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The agent has read a conversation up to this event."""

    conversation: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The screen is open; `has_input`: and somebody has typed or pointed in it since the last one."""

    has_input: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """The screen shows the supervisors' board, or shows it no more."""

    is_on: bool


Asked = Board | Subscribe | Unsubscribe | Shown | Doing | Seen | Heartbeat


def read(text: str | None, binary: bytes | None) -> Asked:
    """The request in a frame, or `Unreadable` with 1009 (too long) or 1003 (anything else)."""
    if text is None:
        raise Unreadable(1009 if binary and len(binary) > LONGEST else 1003)
    if len(text) > LONGEST:
        raise Unreadable(1009)
    try:
        data = json.loads(text)
        return _READERS[data["type"]](data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable(1003) from None


def _subscribe(data: dict[str, Any]) -> Asked:
    return Subscribe(_id(data["conversation"]), _count(data["after"]))


def _shown(data: dict[str, Any]) -> Asked:
    ids = data["ids"]
    if not isinstance(ids, list) or len(ids) > ROWS_MAX:
        raise ValueError("ids")
    return Shown(tuple(_id(text) for text in ids))


def _id(text: Any) -> UUID:
    if not isinstance(text, str):
        raise ValueError("id")
    return UUID(text)


def _count(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 2**63:
        raise ValueError("number")
    return number


_READERS: dict[str, Callable[[dict[str, Any]], Asked]] = {
    "subscribe": _subscribe,
    "unsubscribe": lambda data: Unsubscribe(_id(data["conversation"])),
    "shown": _shown,
    "viewing": lambda data: Doing(_id(data["conversation"]), "viewing"),
    "typing": lambda data: Doing(
        _id(data["conversation"]), "typing", _id(data["session"]) if "session" in data else None
    ),
    "still": lambda data: Doing(_id(data["conversation"]), "still"),
    "left": lambda data: Doing(_id(data["conversation"]), "left"),
    "seen": lambda data: Seen(_id(data["conversation"]), _count(data["seq"])),
    "board": lambda data: Board(data["on"] is True),
    "heartbeat": lambda data: Heartbeat(data.get("input") is True),
}

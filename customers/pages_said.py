"""Who can tell what was said with a person? An app above does; pages here only show its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from customers.models import Customer

MESSAGES = "conversations.view_message"


@dataclass(frozen=True, slots=True)
class Line:
    """One message: when, by whom, over which channel and (masked) address. `text` may be a customer's."""

    at: datetime
    author: str
    channel: str
    address: str
    text: str


Lines = tuple[Sequence[Line], str]
Reader = Callable[[Customer, str, int], Lines]

_readers: list[Reader] = []


def tell(reader: Reader) -> None:
    """`reader(person, cursor, limit)` gives lines, newest first, and the next cursor; called when Django is ready."""
    _readers[:] = [reader]


def page(person: Customer, *, before: str = "", limit: int = 50) -> Lines:
    """The lines before a cursor of an earlier page, newest first; the cursor is '' at the end."""
    return _readers[0](person, before, limit) if _readers else ((), "")

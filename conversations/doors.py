"""Which channels work in this installation, and which addresses can each be sent to? The app above says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Door:
    """A channel that can send now; `namespace` is that of the addresses it can be sent to, '' if it has none of its
    own (a chat that the customer opens). `title` tells it from another one of its kind, '' if it is alone."""

    channel: str
    kind: str
    title: str
    namespace: str = ""


Find = Callable[[], Sequence[Door]]


def _none() -> Sequence[Door]:
    return ()


_find: Find = _none


def register(find: Find) -> None:
    """`find()` names the channels that work now, the oldest first."""
    global _find
    _find = find


def working() -> Sequence[Door]:
    """The channels that work now."""
    return _find()

"""How can a journey lead somebody to another channel? The app above makes the links, and says so at the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from conversations.content import Content
from conversations.models import Session

Make = Callable[[Session, Sequence[str]], Content | None]


def _nowhere(session: Session, kinds: Sequence[str]) -> Content | None:
    return None


_make: Make = _nowhere


def register(make: Make) -> None:
    """`make(session, kinds)` gives the words with a link to the first channel of each kind, None if there is none."""
    global _make
    _make = make


def invitation(*, session: Session, kinds: Sequence[str]) -> Content | None:
    """The way on for whoever speaks in this session; None if nothing is connected, and in a public place."""
    return None if session.is_public_place else _make(session, kinds)

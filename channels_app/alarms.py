"""Whom do we tell that a channel is in trouble? The log, and everybody who has asked to be told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

log = logging.getLogger(__name__)

Kind = Literal["stopped", "circuit_open", "silent", "well_again"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What happened to which channel, in a sentence without a personal value."""

    kind: Kind
    channel: str
    text: str


listeners: list[Callable[[Alarm], None]] = []


def ring(kind: Kind, channel: str, text: str) -> None:
    """Writes it to the log and tells every listener; each channel's trouble rings once, not with every message."""
    level = logging.INFO if kind == "well_again" else logging.ERROR
    log.log(level, "channel %s %s: %s", channel, kind, text)
    for listener in listeners:
        listener(Alarm(kind, channel, text))

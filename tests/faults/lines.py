"""What does a screen hold after a bad line? A seeded line that spoils frames, and a client that keeps the protocol."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

Json = dict[str, Any]
ASK_AGAIN = 0.2  # seconds without a frame after which a screen that misses one asks for it


@dataclass
class Line:
    """Drops, doubles and holds back numbered frames by the dice until it is `clean`."""

    dice: random.Random
    is_clean: bool = False
    spoiled: int = 0
    held: list[str] = field(default_factory=list)

    def passes(self, raw: str) -> list[str]:
        """What comes out when this frame goes in: a frame held back comes after its successor."""
        draw = 1.0 if self.is_clean or "seq" not in json.loads(raw) else self.dice.random()
        self.spoiled += draw < 0.45
        if draw < 0.15:
            return []
        if draw < 0.30:
            self.held.append(raw)
            return []
        late, self.held = self.held, []
        return [raw, *([raw] if draw < 0.45 else []), *late]


@dataclass
class Screen:
    """A client of one stream: takes each event once and in order, asks for what is missing, comes back by itself.

    `mends=False` is the careless one, which shows whatever comes.
    """

    url: str
    origin: str
    stream: str
    hello: Callable[[int], Json]
    again: Callable[[int], Json]
    line: Line = field(default_factory=lambda: Line(random.Random(0), is_clean=True))
    headers: dict[str, str] = field(default_factory=dict)
    mends: bool = True
    taken: list[Json] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._live, daemon=True)
        self.thread.start()

    @property
    def seq(self) -> int:
        return int(self.taken[-1]["seq"]) if self.taken else 0

    def close(self) -> None:
        self.over.set()
        self.thread.join(10)

    def _live(self) -> None:
        while not self.over.is_set():
            try:
                with connect(self.url, origin=Origin(self.origin), additional_headers=self.headers, proxy=None) as link:
                    self.connections += 1
                    link.send(json.dumps(self.hello(self.seq)))
                    self._listen(link)
            except (ConnectionClosed, WebSocketException, OSError):
                self.over.wait(0.3)

    def _listen(self, link: ClientConnection) -> None:
        misses = False
        while not self.over.is_set():
            try:
                raw = link.recv(ASK_AGAIN)
            except TimeoutError:
                if misses and self.mends:
                    link.send(json.dumps(self.again(self.seq)))
                misses = False
                continue
            for one in self.line.passes(str(raw)):
                misses = self._take(json.loads(one)) or misses

    def _take(self, frame: Json) -> bool:
        """Takes the next one; True when one before it is missing."""
        if frame.get("stream") != self.stream:
            return False
        if self.mends and frame["seq"] != self.seq + 1:
            return bool(frame["seq"] > self.seq + 1)
        self.taken.append(frame)
        return False


def told(events: list[Json]) -> list[tuple[Any, ...]]:
    """An event without what changes with its delivery: number, kind, message, words."""
    return [(one["seq"], one["type"], one["data"].get("id"), str(one["data"].get("content"))) for one in events]

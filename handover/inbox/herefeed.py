"""Which colleagues are in which conversation of the list? Told when that changes, to the screens that show its row."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from conversations import hub
from handover.inbox import floor
from handover.inbox.floor import Floor, Screen

EVERY = 1.0  # seconds between two looks at who is there
VIEWED_FOR, TYPED_FOR = 25.0, 6.0  # as in the thread: what is not renewed fades


@dataclass(slots=True)
class Guest:
    """A colleague in a conversation; the times are of this process's clock."""

    name: str
    viewed_at: float
    typed_at: float = -TYPED_FOR


class HereFeed:
    """Who is where, by the public id of the conversation and the agent's wire name."""

    def __init__(self, here: Floor) -> None:
        self.here = here
        self.guests: dict[str, dict[str, Guest]] = {}
        self.told: dict[str, list[dict[str, Any]]] = {}

    async def heard(self, data: dict[str, Any]) -> None:
        """The hub's `typing` topic; what customers type is no matter of the list."""
        if data.get("by") != "agent":
            return
        now, rows = time.monotonic(), self.guests.setdefault(data["conversation"], {})
        if data["what"] == "left":
            rows.pop(data["agent"], None)
            return
        guest = rows.setdefault(data["agent"], Guest(data["name"], now))
        guest.viewed_at = now
        if data["what"] in ("typing", "still"):
            guest.typed_at = now if data["what"] == "typing" else -TYPED_FOR

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            self.look()

    def look(self) -> None:
        """Tells what is different since the last look."""
        now = time.monotonic()
        for conversation, rows in list(self.guests.items()):
            for agent in [agent for agent, guest in rows.items() if now - guest.viewed_at > VIEWED_FOR]:
                del rows[agent]
            present = _present(rows, now)
            if present != self.told.get(conversation, []):
                self.told[conversation] = present
                self._tell(conversation)
            if not rows:
                del self.guests[conversation]
                self.told.pop(conversation, None)

    def catch_up(self, screen: Screen) -> None:
        """What a screen that shows other rows now has missed."""
        for conversation in set(screen.shown.values()) & self.told.keys():
            screen.tell(_frame(conversation, self.told[conversation]))

    def _tell(self, conversation: str) -> None:
        frame = _frame(conversation, self.told[conversation])
        for screen in list(self.here.screens):
            if conversation in screen.shown.values():
                screen.tell(frame)


_feeds: WeakKeyDictionary[Floor, HereFeed] = WeakKeyDictionary()


async def follow(here: Floor) -> None:
    """Feeds the screens of a floor until the last one leaves."""
    feed = _feeds[here] = HereFeed(here)
    hub.here().listen("typing", feed.heard)
    try:
        await feed.run()
    finally:
        hub.here().unlisten("typing", feed.heard)


def catch_up(screen: Screen) -> None:
    """The screen has said anew which rows it shows."""
    if feed := _feeds.get(floor.here()):
        feed.catch_up(screen)


def _present(rows: dict[str, Guest], now: float) -> list[dict[str, Any]]:
    return [
        {"agent": agent, "name": guest.name, "typing": now - guest.typed_at < TYPED_FOR}
        for agent, guest in sorted(rows.items())
    ]


def _frame(conversation: str, agents: list[dict[str, Any]]) -> str:
    return json.dumps({"v": 1, "type": "visited", "data": {"conversation": conversation, "agents": agents}})


floor.watch(follow)

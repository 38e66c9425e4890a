"""What has changed on the supervisors' boards? Read once for all who look, told to each what they lead."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Collection
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError
from django.utils.translation import override

from conversations import hub
from handover import board
from handover.board import leads
from handover.inbox import board_parts, floor
from handover.inbox.board_parts import Parts
from handover.inbox.floor import Floor, Screen
from handover.models import Agent

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two looks when nothing was announced
LEAST = 1.0  # seconds between two looks when much is


class BoardFeed:
    """The screens that show a board, with what each of them has."""

    def __init__(self, here: Floor) -> None:
        self.here = here
        self.shown: dict[Screen, Parts] = {}
        self.changed = asyncio.Event()

    async def heard(self, data: dict[str, Any]) -> None:
        """The hub's `desk` topic: somebody's conversation has moved."""
        self.changed.set()

    def put(self, screen: Screen, *, is_on: bool) -> None:
        """The screen shows a board, or shows it no more."""
        self.shown.pop(screen, None)
        if is_on:
            self.shown[screen] = {}
            self.changed.set()

    async def run(self) -> None:
        looked_at = -EVERY
        while True:
            await self._pause(looked_at)
            looked_at = time.monotonic()
            self.shown = {screen: parts for screen, parts in self.shown.items() if screen in self.here.screens}
            if not self.shown:
                continue
            asked = list(self.shown)  # who opens a board meanwhile has the next look
            try:
                found = await floor.in_thread(_read, {screen.agent_id for screen in asked})
            except DatabaseError as error:
                log.warning("the board waits: %s", type(error).__name__)
                continue
            for screen in asked:
                if screen in self.shown:
                    self._tell(screen, found.get(screen.agent_id))

    async def _pause(self, looked_at: float) -> None:
        """Until something has changed, or nothing was announced for a while; without viewers until there is one."""
        try:
            await asyncio.wait_for(self.changed.wait(), EVERY if self.shown else None)
        except TimeoutError:
            pass
        await asyncio.sleep(max(0.0, looked_at + LEAST - time.monotonic()))
        self.changed.clear()

    def _tell(self, screen: Screen, parts: Parts | None) -> None:
        if parts is None:  # leads nothing (any more)
            del self.shown[screen]
            screen.tell(json.dumps({"v": 1, "type": "refused", "data": {"board": True, "code": "not_leading"}}))
            return
        had = self.shown[screen]
        fresh = {name: html for name, html in parts.items() if had.get(name) != html}
        if fresh or had.keys() != parts.keys():
            self.shown[screen] = parts
            screen.tell(json.dumps({"v": 1, "type": "board", "data": {"ids": list(parts)}, "parts": fresh}))


_feeds: WeakKeyDictionary[Floor, BoardFeed] = WeakKeyDictionary()


def put(screen: Screen, *, is_on: bool) -> None:
    """A screen of this loop opens or leaves the board; whether it may is asked at every look."""
    if feed := _feeds.get(floor.here()):
        feed.put(screen, is_on=is_on)


async def follow(here: Floor) -> None:
    """Feeds the boards of a floor until the last screen leaves."""
    feed = _feeds[here] = BoardFeed(here)
    hub.here().listen("desk", feed.heard)
    try:
        await feed.run()
    finally:
        hub.here().unlisten("desk", feed.heard)


def _read(agent_ids: Collection[int]) -> dict[int, Parts]:
    """The parts for each agent who leads something; the number of queries does not grow with the viewers."""
    scopes = leads.of_all(agent_ids)
    if not scopes:
        return {}
    picture = board.read()
    names = board_parts.people(picture)
    found = {}
    for pk, language in Agent.objects.filter(pk__in=scopes).values_list("pk", "language"):
        with override(language):
            found[pk] = board_parts.of(board.cut(picture, scopes[pk]), names)
    return found


floor.watch(follow)

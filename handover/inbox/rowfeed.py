"""Which lines of the lists have changed? Each is made once, at most twice a second, for those who may see it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from django.db import DatabaseError
from django.utils.translation import override

from common import clock
from conversations import hub
from conversations.models import Conversation, ConversationEvent
from handover import seeing, sight
from handover.inbox import floor, rows
from handover.inbox.floor import Floor, Screen
from handover.models import Agent

log = logging.getLogger(__name__)

EVERY = 0.5  # seconds between two frames for the same row
LATELY = timedelta(seconds=10)  # a page and its socket are not further apart
MOST_LATELY = 200  # events that are looked through
TOGETHER = 0.1  # seconds between two looks: what changes in between is read at once, the first at no delay


class RowFeed:
    """The rows that wait to be told."""

    def __init__(self, here: Floor) -> None:
        self.here = here
        self.changed: set[int] = set()
        self.told_at: dict[int, float] = {}
        self.caught_up: WeakSet[Screen] = WeakSet()
        self.is_awake = asyncio.Event()

    async def heard(self, data: dict[str, Any]) -> None:
        """The hub's `desk` topic: conversations whose rows have changed."""
        self.changed.update(data["ids"])
        self.is_awake.set()

    async def run(self) -> None:
        looked_at = -TOGETHER
        while True:
            await self.is_awake.wait()
            await asyncio.sleep(max(0.0, looked_at + TOGETHER - time.monotonic()))
            looked_at = time.monotonic()
            if due := self._due():
                self.changed -= due
                await self._tell_or_keep(due)
            if not self.changed:
                self.is_awake.clear()

    async def _tell_or_keep(self, due: set[int]) -> None:
        try:
            await self._tell(due)
        except DatabaseError as error:
            log.warning("changed rows wait: %s", type(error).__name__)
            self.changed |= due

    def _due(self) -> set[int]:
        now = time.monotonic()
        self.told_at = {pk: at for pk, at in self.told_at.items() if now - at < EVERY}
        due = self.changed - self.told_at.keys()
        self.told_at |= dict.fromkeys(due, now)
        return due

    async def _tell(self, due: set[int]) -> None:
        asked = set(self.here.screens)
        await self._tell_these(due, asked)
        if self.here.screens - asked:
            self.changed |= due

    async def _tell_these(self, due: set[int], screens: Collection[Screen]) -> None:
        # What a screen begins to show while this is read was authorised just then, and is not taken away.
        asked = {screen: due & (screen.shown.keys() | screen.watched.keys()) for screen in screens}
        frames, visible, marks = await floor.in_thread(_read, due, {screen.agent_id for screen in asked})
        for screen in asked.keys() & self.here.screens:
            sees, made = visible.get(screen.agent_id, set()), frames.get(screen.agent_id, {})
            for conversation_id in asked[screen] - sees:
                forget(screen, conversation_id)
            for conversation_id in due & sees & made.keys():
                screen.tell(_for(made[conversation_id], marks.get((screen.agent_id, conversation_id))))

    async def catch_up(self, screen: Screen) -> None:
        """What has moved while the page of this screen was on its way; once for each."""
        if screen in self.caught_up:
            return
        self.caught_up.add(screen)
        try:
            if due := await floor.in_thread(_lately):
                await self._tell_these(due, [screen])
        except DatabaseError as error:
            log.warning("a new screen is not told what has just moved: %s", type(error).__name__)


_feeds: WeakKeyDictionary[Floor, RowFeed] = WeakKeyDictionary()


async def catch_up(screen: Screen) -> None:
    """For a screen of this loop that has said for the first time what it shows."""
    if feed := _feeds.get(floor.here()):
        await feed.catch_up(screen)


async def follow(here: Floor) -> None:
    """Feeds the screens of a floor until the last one leaves."""
    feed = _feeds[here] = RowFeed(here)
    hub.here().listen("desk", feed.heard)
    try:
        await feed.run()
    finally:
        hub.here().unlisten("desk", feed.heard)


def forget(screen: Screen, conversation_id: int) -> None:
    """The conversation has left this agent's sight: it is named only to a screen that showed it."""
    if conversation_id in screen.watched:
        screen.drop(conversation_id)
    if public_id := screen.shown.pop(conversation_id, None):
        screen.tell(json.dumps({"v": 1, "type": "gone", "data": {"id": public_id}}))


def _for(frame: str, seen: int | None) -> str:
    """The frame that all get, with how far this agent has read."""
    return frame if seen is None else f'{frame[:-1]}, "seen": {seen}}}'


def _read(
    due: Collection[int], agent_ids: Collection[int]
) -> tuple[dict[int, dict[int, str]], dict[int, set[int]], dict[tuple[int, int], int]]:
    """The frames for each agent, made once per language that is read here; what each sees, and has read of it.

    Only those are asked for who see one of them: of five hundred screens a message concerns thirty.
    """
    visible = sight.of(agent_ids, due)
    seeing_some = [agent_id for agent_id, sees in visible.items() if sees]
    languages = dict(Agent.objects.filter(pk__in=seeing_some).values_list("pk", "language"))
    seen = set[int]().union(*visible.values())
    found = list(rows.with_last_message(Conversation.objects.filter(pk__in=seen))) if languages else []
    made = {language: _frames(found, language) for language in set(languages.values())}
    frames = {agent_id: made[language] for agent_id, language in languages.items()}
    return frames, visible, seeing.of(seeing_some, due)


def _lately() -> set[int]:
    """Conversations of whom something was written to the log a moment ago."""
    events = ConversationEvent.objects.order_by("-pk").values_list("conversation_id", "recorded_at")[:MOST_LATELY]
    return {pk for pk, at in events if at > clock.now() - LATELY}


def _frames(found: Sequence[Conversation], language: str) -> dict[int, str]:
    with override(language):
        return {c.pk: _frame(row) for c, row in zip(found, rows.of(found), strict=True)}


def _frame(row: rows.Row) -> str:
    return json.dumps({"v": 1, "type": "row", "data": row.facts, "html": rows.html(row)})


floor.watch(follow)

"""Which lines of the lists have changed? Each is made once, at most twice a second, for those who may see it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Collection, Sequence
from typing import Any

from django.db import DatabaseError
from django.utils.translation import override

from conversations import hub
from conversations.models import Conversation
from handover import seeing, sight
from handover.inbox import floor, rows
from handover.inbox.floor import Floor, Screen
from handover.models import Agent

log = logging.getLogger(__name__)

EVERY = 0.5  # seconds between two frames for the same row
TOGETHER = 0.1  # seconds between two looks: what changes in between is read at once, the first at no delay


class RowFeed:
    """The rows that wait to be told."""

    def __init__(self, here: Floor) -> None:
        self.here = here
        self.changed: set[int] = set()
        self.told_at: dict[int, float] = {}
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
        agent_ids = {screen.agent_id for screen in self.here.screens}
        frames, visible, marks = await floor.in_thread(_read, due, agent_ids)
        for screen in list(self.here.screens):
            sees, made = visible.get(screen.agent_id, set()), frames.get(screen.agent_id, {})
            for conversation_id in due:
                if conversation_id not in sees:
                    forget(screen, conversation_id)
                elif conversation_id in made:
                    screen.tell(_for(made[conversation_id], marks.get((screen.agent_id, conversation_id))))


async def follow(here: Floor) -> None:
    """Feeds the screens of a floor until the last one leaves."""
    feed = RowFeed(here)
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
    found = list(rows.with_last_message(Conversation.objects.filter(pk__in=due))) if languages else []
    made = {language: _frames(found, language) for language in set(languages.values())}
    frames = {agent_id: made[language] for agent_id, language in languages.items()}
    return frames, visible, seeing.of(seeing_some, due)


def _frames(found: Sequence[Conversation], language: str) -> dict[int, str]:
    with override(language):
        return {c.pk: _frame(row) for c, row in zip(found, rows.of(found), strict=True)}


def _frame(row: rows.Row) -> str:
    return json.dumps({"v": 1, "type": "row", "data": row.facts, "html": rows.html(row)})


floor.watch(follow)
